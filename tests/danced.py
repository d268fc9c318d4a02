"""Takes of the small recordings, as a show would have written them."""

from collections.abc import Collection
from pathlib import Path

import made_takes
import msgspec
import numpy as np

from engine.schema.frame import Body, Frame, Pose, Quality
from engine.takes import events, frames
from engine.takes.values import Header, Struck
from engine.takes.writer import TakeWriter
from export.recording import Recording

FIRST = 40
"""Number of the first frame."""


def header(recording: Recording) -> Header:
    return msgspec.structs.replace(
        made_takes.HEADER, name=recording.name, fps=recording.fps, skeleton=recording.skeleton, first=FIRST, knobs=()
    )


def moment(recording: Recording, at: int) -> int:
    """Nanoseconds from the show's beginning to a frame of a recording, from 0."""
    return round((FIRST + at) / recording.fps * 1e9)


def frame(recording: Recording, at: int, *, solved: bool = True) -> Frame:
    there = [one for one in recording.performers if one.present[at]]
    points = 0 if recording.skeleton is None else len(recording.skeleton.names)
    positions, root = np.zeros((len(there), points, 3), np.float32), np.zeros((len(there), 7), np.float32)
    for row, one in enumerate(there):
        positions[row], root[row] = one.positions[at], one.root[at]
    pose = Pose(positions, root)
    bodies = [(one.rotations, one.joints, one.bones) for one in there]
    if solved and there:
        turns, joints, bones = (
            np.stack([array[at] for array in arrays if array is not None]) for arrays in zip(*bodies, strict=True)
        )
        pose = pose._replace(rotations=turns, body=Body(joints, bones))
    numbers = tuple(one.number for one in there)
    return Frame(FIRST + at, moment(recording, at) // 10**6, pose, (Quality.GOOD,) * len(there), numbers)


def take(folder: Path, recording: Recording, *, without: Collection[int] = (), solved: bool = True) -> Path:
    """Write a take of a recording.

    Args:
        folder: where to.
        recording: what was performed.
        without: frames whose deadline was skipped, from 0.
        solved: whether rotations were.
    """
    writer = TakeWriter.create(folder, header(recording))
    maker = frames.FrameWriter(recording.skeleton, 8, 0)
    for at in range(recording.frames):
        for timed in recording.notes:
            if at <= timed.at / 1e9 * recording.fps < at + 1:
                struck = Struck(moment(recording, 0) + timed.at, timed.event)
                topic, data = events.encode(struck)
                writer.add(topic, struck.at, FIRST + at, data)
        if at not in without:
            data = frames.seal(maker.encode(frame(recording, at, solved=solved), at, None))
            writer.add("/frames", moment(recording, at), FIRST + at, data)
        if at % 15 == 14:
            writer.flush()
    writer.close()
    return writer.path
