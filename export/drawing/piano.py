"""A keyboard, and above it notes that fall towards their keys."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.schema.note import DOWN, HIGHEST, LOUDEST, LOWEST, Note
from export.drawing.palette import Colour, mixed
from export.drawing.strokes import FINE, Picture, fill, fine
from export.lengths import SECOND, held
from export.recording import Recording

F64 = NDArray[np.float64]

AHEAD = 3.0
"""Seconds that a note is seen before it is struck."""

SOFT: Colour = (196.0, 92.0, 70.0)
MODERATE: Colour = (150.0, 84.0, 226.0)
LOUD: Colour = (64.0, 204.0, 255.0)
"""Colours of the softest note, of one between, and of the loudest."""

IVORY: Colour = (206.0, 212.0, 216.0)
EBONY: Colour = (26.0, 23.0, 22.0)
GAP: Colour = (60.0, 56.0, 54.0)
LANE: Colour = (30.0, 26.0, 25.0)
PRESSED: Colour = (90.0, 170.0, 235.0)

WHITE = tuple(key for key in range(LOWEST, HIGHEST + 1) if key % 12 in {0, 2, 4, 5, 7, 9, 11})
BLACK = tuple(key for key in range(LOWEST, HIGHEST + 1) if key not in WHITE)

NARROW = 0.58
"""Width of a black key in white ones."""

SHORT = 0.62
"""Length of a black key in white ones."""

SHORTEST = 0.05
"""Seconds that a note is drawn at least."""


class Struck(NamedTuple):
    """N notes in the order in which they begin.

    Attributes:
        numbers: (N,) of the keys.
        velocities: (N,) 1 to 127.
        begins: (N,) seconds since the first frame.
        ends: (N,) seconds.
        pedal: (M, 2) seconds and whether the sustain pedal is down from there on, 0 or 1.
    """

    numbers: NDArray[np.int64]
    velocities: NDArray[np.int64]
    begins: F64
    ends: F64
    pedal: F64


def struck(recording: Recording) -> Struck:
    """The notes of a recording with their ends."""
    found, pedal = list[tuple[int, int, float, float]](), [(0.0, 0.0)]
    for timed, end in held(recording):
        event, begin = timed.event, timed.at / SECOND
        if isinstance(event, Note):
            found.append((event.number, event.velocity, begin, max(end / SECOND, begin + SHORTEST)))
        else:
            pedal.append((begin, float(event.value >= DOWN)))
    table = np.array(found, np.float64).reshape(-1, 4)
    numbers, velocities = table[:, :2].astype(np.int64).T
    return Struck(numbers, velocities, table[:, 2], table[:, 3], np.array(pedal))


class Piano:
    """Keys along the lower edge of a picture.

    Args:
        notes: to be played.
        size: of the picture, pixels.
        keys: height of the keyboard, pixels.
        top: row from which on notes fall; that of the keyboard where none are shown before they are struck.
    """

    def __init__(self, notes: Struck, size: tuple[int, int], keys: int, top: int) -> None:
        self._notes, self._size, self._top = notes, size, top
        self._edge = size[1] - keys
        self._unit = size[0] / len(WHITE)
        self._left = {key: place * self._unit for place, key in enumerate(WHITE)}
        self._left |= {key: self._left[key - 1] + (1 - NARROW / 2) * self._unit for key in BLACK}
        self._keys = np.zeros((keys, size[0], 3), np.uint8)
        self._ground()

    def backdrop(self, picture: Picture) -> None:
        """Lanes for the notes; each octave has a line."""
        for key in self._left:
            if self._top < self._edge and key % 12 == 0:
                x = self._left[key]
                cv2.line(picture, fine_point(x, self._top), fine_point(x, self._edge), LANE, 1, cv2.LINE_AA, FINE)

    def draw(self, picture: Picture, seconds: float) -> None:
        """Draw the notes that fall, and the keys as they are at a moment."""
        if self._top < self._edge:
            self._fall(picture, seconds)
        picture[self._edge :] = self._keys
        notes = self._notes
        now = np.flatnonzero((notes.begins <= seconds) & (seconds < notes.ends))
        pressed = {int(notes.numbers[one]): _colour(int(notes.velocities[one])) for one in now}
        beside = {black: EBONY for white in pressed for black in (white - 1, white + 1) if black in BLACK}
        changed = beside | pressed
        for key in sorted(changed, key=lambda one: one in BLACK):  # the black ones lie on the white ones
            self._key(picture, key, changed[key], self._edge)
        at = int(np.searchsorted(notes.pedal[:, 0], seconds, "right")) - 1
        line = max(2, round(self._unit / 6))
        if notes.pedal[max(at, 0), 1]:
            picture[self._edge - line : self._edge] = PRESSED

    def _ground(self) -> None:
        self._keys[...] = GAP
        for key in (*WHITE, *BLACK):
            self._key(self._keys, key, IVORY if key in WHITE else EBONY, 0)

    def _key(self, picture: Picture, key: int, colour: Colour, top: int) -> None:
        height = self._size[1] - self._edge
        gap = max(1.0, self._unit / 14)
        wide, high = (self._unit - gap, height) if key in WHITE else (NARROW * self._unit, SHORT * height)
        _bar(picture, self._left[key], self._left[key] + wide, top, top + high - 0.5, colour)

    def _fall(self, picture: Picture, seconds: float) -> None:
        notes = self._notes
        speed = (self._edge - self._top) / AHEAD
        shown = np.flatnonzero((notes.begins < seconds + AHEAD) & (notes.ends > seconds))
        for one in shown:
            key = int(notes.numbers[one])
            wide = self._unit * (0.86 if key in WHITE else NARROW)
            bottom = min(self._edge - speed * (notes.begins[one] - seconds), float(self._edge))
            top = max(self._edge - speed * (notes.ends[one] - seconds) + 1, float(self._top))
            colour = _colour(int(notes.velocities[one]))
            if bottom - top > 0.5:
                _bar(picture, self._left[key], self._left[key] + wide, top, bottom, colour)


def fine_point(x: float, y: float) -> tuple[int, int]:
    """A place as OpenCV takes it."""
    right, down = fine(np.array([x, y])).tolist()
    return right, down


def _bar(picture: Picture, left: float, right: float, top: float, bottom: float, colour: Colour) -> None:
    fill(picture, fine(np.array([(left, top), (right, top), (right, bottom), (left, bottom)])), colour)


def _colour(velocity: int) -> Colour:
    place = 2 * velocity / LOUDEST
    return mixed(SOFT, MODERATE, place) if place < 1 else mixed(MODERATE, LOUD, place - 1)
