"""Which recordings train, which choose, which test: whole clips, never random frames.

The CMU dances are split by name, lead and follow of one number together. A single recording has no other clips to test
on: its first part trains and its last part tests, with a gap so that no window of the one reaches into the other.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from engine.schema.errors import DataError
from export.data.clip import Clip

TEST = frozenset({"05_12", "05_17", "60_14", "61_14"})
VALIDATION = frozenset({"05_07", "60_13", "61_13"})

LOOK_BACK = 32
"""Frames between the parts of a single recording: the look-back of the seed's windows."""


class Split(NamedTuple):
    """Clips for the three purposes; a part may be empty."""

    train: tuple[Clip, ...]
    validation: tuple[Clip, ...]
    test: tuple[Clip, ...]


def trial(name: str) -> str:
    """The CMU trial that a clip's name begins with: '05_12' for '005_12' or '05_12_scaled'; '' for other names."""
    match = re.match(r"0*(\d{1,3})_(\d{1,3})(?!\d)", name)
    return f"{int(match[1]):02d}_{int(match[2]):02d}" if match else ""


def split(clips: Sequence[Clip]) -> Split:
    """The fixed split by name where a clip has a CMU trial's name, else every clip split in time.

    Raises:
        DataError: no clips, or one too short to be split in time.
    """
    if not clips:
        raise DataError("split", "no clips", "at least one")
    if not any(trial(clip.name) in TEST | VALIDATION for clip in clips):
        parts = [split_time(clip) for clip in clips]
        return Split(*(tuple(clip for part in column for clip in part) for column in zip(*parts, strict=True)))
    held = TEST | VALIDATION
    return Split(
        train=tuple(clip for clip in clips if trial(clip.name) not in held),
        validation=tuple(clip for clip in clips if trial(clip.name) in VALIDATION),
        test=tuple(clip for clip in clips if trial(clip.name) in TEST),
    )


def split_time(clip: Clip, *, test: float = 0.15, validation: float = 0.1, gap: int = LOOK_BACK) -> Split:
    """One recording: the beginning trains, the last `test` share tests, a `validation` share before it chooses.

    Args:
        clip: the recording.
        test: share of the frames at the end.
        validation: share of the frames before the test part and its gap; 0 leaves that part out.
        gap: frames left out between two parts.

    Raises:
        DataError: a part would have fewer than 2 frames.
    """
    first_test = len(clip) - round(len(clip) * test)
    chosen = round(len(clip) * validation)
    stop_validation = first_test - gap
    stop_train = stop_validation - chosen - gap if chosen else stop_validation
    if min(stop_train, len(clip) - first_test) < 2 or chosen == 1:
        raise DataError(clip.place, f"{len(clip)} frames", f"enough for parts of 2 frames with gaps of {gap} between")
    train = clip.part(0, stop_train, f"{clip.name} train")
    held = clip.part(stop_validation - chosen, stop_validation, f"{clip.name} validation") if chosen else None
    return Split((train,), (held,) if held else (), (clip.part(first_test, len(clip), f"{clip.name} test"),))


def digest(parts: Split) -> str:
    """SHA-256 of which clips, how long and at which rate, are in which part: the same split, the same digest."""
    lines = [
        f"{purpose} {clip.name} {len(clip)} {clip.fps:g}"
        for purpose, clips in zip(parts._fields, parts, strict=True)
        for clip in sorted(clips, key=lambda clip: clip.name)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Named(Protocol):
    """A recording of any kind."""

    @property
    def name(self) -> str:
        """Unique within its source."""


def named_digest(parts: Mapping[str, Sequence[Named]]) -> str:
    """SHA-256 of which recordings train, which choose and which test, by name, so that a model can tell what is new."""
    told = "\n".join(f"{part}:{','.join(sorted(one.name for one in some))}" for part, some in parts.items())
    return hashlib.sha256(told.encode()).hexdigest()
