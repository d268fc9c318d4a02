"""A part of a recording: from one moment to another, and some of those who perform."""

from collections.abc import Collection
from dataclasses import replace

from engine.schema.errors import ConfigError
from engine.schema.frame import F32
from export.recording import Performance, Recording

SECOND = 10**9
"""Nanoseconds."""


def between(recording: Recording, start: float, end: float | None) -> Recording:
    """The frames from `start` seconds on, up to but without `end`; None is the end of the recording.

    Raises:
        ConfigError: no frame lies there.
    """
    first = round(start * recording.fps)
    last = recording.frames if end is None else min(recording.frames, round(end * recording.fps))
    if first >= last:
        length = recording.frames / recording.fps
        found = f"{start:g} s to {length if end is None else end:g} s"
        raise ConfigError("--from, --to", found, f"a part of the recording, which has {length:.2f} s")
    begin, stop = (round(frame / recording.fps * SECOND) for frame in (first, last))
    notes = tuple(one._replace(at=one.at - begin) for one in recording.notes if begin <= one.at < stop)
    dancers = tuple(_part(one, slice(first, last)) for one in recording.performers)
    return replace(recording, performers=dancers, notes=notes, frames=last - first)


def only(recording: Recording, numbers: Collection[int]) -> Recording:
    """Some performers, by their numbers.

    Raises:
        ConfigError: one that is not there.
    """
    there = [one.number for one in recording.performers]
    for number in numbers:
        if number not in there:
            known = ", ".join(map(str, there)) or "nobody"
            raise ConfigError("--performer", str(number), f"one of those who were recorded: {known}")
    return replace(recording, performers=tuple(one for one in recording.performers if one.number in numbers))


def _part(performance: Performance, frames: slice) -> Performance:
    return replace(
        performance,
        present=performance.present[frames],
        positions=performance.positions[frames],
        root=performance.root[frames],
        rotations=_frames(performance.rotations, frames),
        joints=_frames(performance.joints, frames),
        bones=_frames(performance.bones, frames),
    )


def _frames(array: F32 | None, frames: slice) -> F32 | None:
    return None if array is None else array[frames]
