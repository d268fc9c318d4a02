"""From screens as they are written to what shows pictures."""

import os
from contextlib import ExitStack

import numpy as np
import pytest

from engine.imagery import Shown
from engine.open_screens import Screens, open_screens
from engine.schema.errors import TransportError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen
from engine.screens._ring import path_of

SIZE = Size(height=6, width=8)
RINGS = [Screen(kind="shm", host=f"open-{os.getpid()}-{number}") for number in range(2)]


def opened(screens: list[Screen], stack: ExitStack) -> Screens:
    return open_screens(screens, SIZE, fps=30, name="a", say=print, opened=stack)


def test_all_of_them_show_every_picture() -> None:
    with ExitStack() as stack:
        screens = opened(RINGS, stack)
        for number in range(3):
            screens.show(Image(np.zeros((6, 8), np.uint8)), number, 0)
        paths = [path_of(screen.host, "") for screen in RINGS]
        assert [*screens.places] == [f"pictures at shared memory {path}" for path in paths]
        assert screens.counters == Shown(6)
        assert [*screens.lines()] == [f"{screen}: 3 pictures shown, 0 left out, 0 failed" for screen in RINGS]
    assert not any(path.exists() for path in paths)


def test_where_one_cannot_be_opened_none_stays_open() -> None:
    with ExitStack() as outer:
        opened(RINGS[1:], outer)
        with pytest.raises(TransportError, match="pictures of another show"), ExitStack() as stack:
            opened(RINGS, stack)
        assert not path_of(RINGS[0].host, "").exists()


def test_a_show_without_screens_shows_nothing() -> None:
    with ExitStack() as stack:
        screens = opened([], stack)
        screens.show(Image(np.zeros((6, 8), np.uint8)), 0, 0)
        assert (screens.counters, [*screens.places]) == (Shown(), [])
