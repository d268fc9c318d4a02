"""Recorded signs: what gloves, or another thing that measures hands, gave while somebody signed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.schema.errors import DataError
from engine.schema.frame import F32

RATE = 100.0
"""Samples per second where neither a file nor a person says how many."""

MOST_RATE = 1000.0

FEWEST = 2
"""Samples below which nothing moves."""

MOST_CHANNELS = 1024

LARGEST = 64 << 20
"""Bytes of one file; an hour of 22 channels at 100 Hz is 50 MB of text."""

MOST_FILES = 50_000

MOST_NUMBERS = 100_000_000
"""Numbers of a whole recording, 400 MB; eight sessions of Auslan are three million."""


@dataclass(frozen=True, eq=False)
class Gesture:
    """One sign.

    Attributes:
        values: (T, C) float32 in the units of the recording, T at least 2.
        label: the word.
        session: during which it was recorded.
        name: of its file, or file and first row; for a person to read.
    """

    values: F32
    label: str
    session: str
    name: str

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class Recording:
    """Signs in the order in which they stand in their files; rests between them are not kept.

    Attributes:
        gestures: at least one.
        rate: samples per second.
        channels: (C,) what each number of a sample is called.
    """

    gestures: tuple[Gesture, ...]
    rate: float
    channels: tuple[str, ...]

    @property
    def sessions(self) -> tuple[str, ...]:
        """Names of the sessions, each once, numbers by value."""
        return tuple(sorted({gesture.session for gesture in self.gestures}, key=natural))

    @property
    def labels(self) -> tuple[str, ...]:
        """Words, each once, in alphabetical order."""
        return tuple(sorted({gesture.label for gesture in self.gestures}))


def gesture(values: ArrayLike, label: str, session: str, name: str) -> Gesture:
    """A sign of the samples (T, C).

    Raises:
        DataError: fewer than 2 samples, or a number that is not finite.
    """
    with np.errstate(over="ignore"):
        samples = np.ascontiguousarray(values, np.float32)
    if samples.ndim != 2 or len(samples) < FEWEST:
        raise DataError(name, f"an empty sign '{label}' ({len(samples)} samples)", f"at least {FEWEST} samples")
    if not np.isfinite(samples).all():
        row, column = np.argwhere(~np.isfinite(samples))[0]
        raise DataError(f"{name}: sample {row + 1}, channel {column + 1}", "no finite number", "a finite number")
    return Gesture(samples, label, session, name)


def joined(parts: Iterable[Recording], place: str) -> Recording:
    """Several recordings as one.

    Raises:
        DataError: none, or they differ in channels or, by more than a hundredth, in rate; or they are too much.
    """
    found = list(parts)
    if not found:
        raise DataError(place, "no signs", "at least one sign", "files named .tsd, .csv or .npz")
    first = found[0]
    for part in found[1:]:
        name = part.gestures[0].name
        if len(part.channels) != len(first.channels):
            raise DataError(name, f"{len(part.channels)} channels", f"{len(first.channels)}, as in the other files")
        if part.channels != first.channels:
            mine, theirs = next(pair for pair in zip(part.channels, first.channels, strict=True) if pair[0] != pair[1])
            raise DataError(name, f"a channel '{mine}'", f"'{theirs}', as in the other files")
        if abs(part.rate - first.rate) > 0.01 * first.rate:
            raise DataError(name, f"{part.rate:g} samples a second", f"{first.rate:g}, as in the other files")
    gestures = tuple(gesture for part in found for gesture in part.gestures)
    check_size(sum(gesture.values.size for gesture in gestures), place)
    return Recording(gestures, first.rate, first.channels)


def check_size(numbers: int, place: str) -> None:
    """Refuse what memory was not meant for.

    Raises:
        DataError: more numbers than a recording may have.
    """
    if numbers > MOST_NUMBERS:
        raise DataError(place, f"{numbers} numbers", f"at most {MOST_NUMBERS}", "read its sessions one by one")


def check_rate(rate: float, place: str) -> float:
    """The rate itself.

    Raises:
        DataError: it is none.
    """
    if not 0 < rate <= MOST_RATE:
        raise DataError(f"{place}: rate", f"{rate:g}", f"a number over 0 and up to {MOST_RATE:g} samples a second")
    return rate


def numbered(count: int) -> tuple[str, ...]:
    """Names of channels that have none."""
    return tuple(f"channel {number}" for number in range(1, count + 1))


def word(stem: str) -> str:
    """The label that a file is named after: 'flash-light' for 'flash-light-2'; names may contain '-'."""
    return re.sub(r"-\d+$", "", stem)


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers by value, so that session 2 stands before session 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name.lower())]
