"""What every kind of footage is: grey pictures that come one by one, as often as somebody begins."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from engine.schema.errors import DataError
from engine.schema.frame import U8

MOST_PIXELS = 40_000_000
"""Of a picture: 8K video has 33 million. Three colours of as many take 120 MB while one is read."""

EARLY = 0.002
"""Seconds before its time that a picture may be shown: containers round times to a millisecond."""


class Shot(NamedTuple):
    """One picture of footage.

    Attributes:
        pixels: (H, W) uint8, 0 black; its own, nobody writes into it again.
        lasts: seconds until the next one; None where the footage has no rate of its own.
    """

    pixels: U8
    lasts: float | None


class Footage(NamedTuple):
    """Pictures of a file, a folder or a stack of arrays; nothing is open between two calls of `shots`.

    Attributes:
        place: what it is read from, for messages.
        shape: rows and columns of its pictures; None where they differ.
        fps: pictures per second; None where nobody says.
        length: how many pictures; None where only reading them all would tell.
        shots: all pictures from the first one on; raises `DataError` where one cannot be read.
    """

    place: str
    shape: tuple[int, int] | None
    fps: float | None
    length: int | None
    shots: Callable[[], Iterator[Shot]]


def check_pixels(place: str, rows: int, columns: int) -> None:
    """Refuse a picture by its size, before it is read.

    Raises:
        DataError: no pixels, or more than `MOST_PIXELS`.
    """
    if rows < 1 or columns < 1 or rows * columns > MOST_PIXELS:
        limit = f"at least one pixel and at most {MOST_PIXELS // 1_000_000} million"
        raise DataError(place, f"a picture of {columns} x {rows}", limit)


def resampled(shots: Iterable[Shot], fps: float) -> Iterator[U8]:
    """Pictures at a steady rate: at each moment the one that shows then; at least one where there are any.

    Args:
        shots: those without a time of their own are one moment each.
        fps: moments per second.
    """
    now, count, early = 0.0, 0, min(EARLY, 0.1 / fps)
    last: U8 | None = None
    for shot in shots:
        last = shot.pixels
        now += 1 / fps if shot.lasts is None else shot.lasts
        while count / fps < now - early:
            yield last
            count += 1
    if last is not None and count == 0:
        yield last
