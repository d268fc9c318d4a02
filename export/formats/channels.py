"""A recording as channels: rows of numbers, each column with a name, as TouchDesigner and Houdini have them.

The names are those that the engine's live TouchDesigner output sends: `p1/hip:tx`, metres, for the places of joints,
`p1/hip:rx`, degrees, for their rotations against the parent (about X, then Y, then Z), `n60` for a key and `pedal`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.motion import channels as joints
from engine.schema.errors import DataError
from engine.schema.frame import F32
from engine.schema.note import KEYS, LOUDEST, LOWEST, Note
from engine.schema.skeleton import Skeleton
from export.formats.angles import degrees
from export.formats.numbers import TOGETHER
from export.lengths import SECOND
from export.recording import Performance, Recording


def names(recording: Recording) -> list[str]:
    """Names of the channels, in the order of `values`."""
    found: list[str] = []
    for one in recording.performers:
        axes = ("tx", "ty", "tz") if one.rotations is None else ("tx", "ty", "tz", "rx", "ry", "rz")
        found += [f"p{one.number}/{joint}:{axis}" for joint in _joints(recording.skeleton) for axis in axes]
    if recording.notes:
        found += [*(f"n{number}" for number in range(LOWEST, LOWEST + KEYS)), "pedal"]
    return found


def values(recording: Recording, path: Path) -> F32:
    """Samples (T, C) of all channels, one for each frame.

    Raises:
        DataError: the recording has neither bodies nor notes, or no frame.
    """
    if not recording.performers and not recording.notes:
        raise DataError(str(path), "a recording without bodies and notes", "something that moves or sounds")
    if recording.frames == 0:
        raise DataError(str(path), "a recording of 0 frames", "at least one frame")
    return np.concatenate(list(_parts(recording)), axis=1)


def _joints(skeleton: Skeleton | None) -> list[str]:
    return [] if skeleton is None else joints.channels(skeleton.names)


def _parts(recording: Recording) -> Iterator[F32]:
    for one in recording.performers:
        yield _body(one)
    if recording.notes:
        yield keys(recording)


def _body(one: Performance) -> F32:
    if one.rotations is None:
        return one.positions.reshape(len(one), -1)
    found = np.empty((*one.positions.shape[:2], 6), np.float32)
    found[..., :3] = one.positions
    last: NDArray[np.float64] | None = None
    for start in range(0, len(one), TOGETHER):
        angles = degrees(one.rotations[start : start + TOGETHER], "ZYX", last)
        last = angles[-1]
        found[start : start + TOGETHER, :, 3:] = angles[..., ::-1]
    return found.reshape(len(one), -1)


def keys(recording: Recording) -> F32:
    """The keys and the pedal (T, 89) at the moments of the frames, 0 to 1.

    A key that was down between two frames only shows in the second of them.
    """
    found: NDArray[np.float32] = np.zeros((recording.frames, KEYS + 1), np.float32)
    struck = dict.fromkeys(range(KEYS), 0)
    for timed in recording.notes:
        frame = int(np.ceil(timed.at / SECOND * recording.fps - 1e-6))
        if not isinstance(timed.event, Note):
            found[frame:, KEYS] = timed.event.value / LOUDEST
        elif timed.event.velocity:
            struck[timed.event.number - LOWEST] = frame
            found[frame:, timed.event.number - LOWEST] = timed.event.velocity / LOUDEST
        else:
            key = timed.event.number - LOWEST
            found[max(frame, struck[key] + 1) :, key] = 0.0
    return found
