"""Moving pictures for screens, in real time: a white disc that goes round on black, and a bar that grows."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from engine.open_screens import Screens, open_screens
from engine.schema.frame import U8, Image
from engine.schema.model import Size
from engine.schema.show import Screen

SIZE = Size(height=120, width=208)
FPS = 30
ROWS, COLUMNS = np.mgrid[: SIZE.height, : SIZE.width]


def picture(number: int) -> U8:
    """Picture `number`, (H, W)."""
    angle = 2 * np.pi * number / 90
    disc = (ROWS - 60 - 30 * np.sin(angle)) ** 2 + (COLUMNS - 104 - 60 * np.cos(angle)) ** 2 < 400
    bar = (ROWS > 112) & (number % SIZE.width > COLUMNS)
    return np.where(disc | bar, 255, 0).astype(np.uint8)


@contextmanager
def playing(*screens: Screen) -> Iterator[Screens]:
    """Screens that show the pictures, `FPS` a second, until the block ends."""
    over, said = threading.Event(), list[str]()

    def play(shown: Screens) -> None:
        began, number = time.monotonic(), 0
        while not over.wait(max(began + number / FPS - time.monotonic(), 0)):
            shown.show(Image(picture(number)), number, 1000 * number // FPS)
            number += 1

    with ExitStack() as opened:
        shown = open_screens(screens, SIZE, fps=FPS, name="moving", say=said.append, opened=opened)
        thread = threading.Thread(target=play, args=(shown,))
        thread.start()
        try:
            yield shown
        finally:
            over.set()
            thread.join()
    assert said == []


def page(shown: Screens) -> str:
    """URL of the page of the first screen."""
    return shown.places[0].split()[-1]
