"""A picture between two others, when one act gives way to the next."""

import numpy as np

from engine.motion.mix import Mix
from engine.schema.frame import F32, Frame, Pose
from engine.schema.skeleton import Skeleton


class Crossfade:
    """Mixes frames of two acts whose bodies are alike.

    Args:
        skeleton: of the bodies.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._mix = Mix(skeleton)

    def between(self, old: Frame, new: Frame, share: float) -> Frame:
        """The frame of everybody in either, with arrays of its own.

        Points of paths are the new one's, as each model has a map of its own; of who is not in it they are the old
        one's where its map has as many axes, otherwise the middle.

        Args:
            old: who is in it alone is shown as there.
            new: likewise; gives the numbers of the frame, and the quality of those who are in both.
            share: of the new one, 0-1.
        """
        told = dict(zip(old.performers, old.quality, strict=True)) | dict(zip(new.performers, new.quality, strict=True))
        numbers = tuple(sorted(told))
        one, two, path = old.pose, new.pose, new.path
        if old.performers != new.performers:
            path = _gathered(old, new, numbers)
            one, two = _laid_out(old, new, numbers), _laid_out(new, old, numbers)
        shared = [share if number in old.performers and number in new.performers else 0.0 for number in numbers]
        pose = Pose(np.empty_like(one.positions), np.empty_like(one.root))
        self._mix.blend(one, two, np.array(shared, np.float32), pose)
        quality = tuple(told[number] for number in numbers)
        return new._replace(pose=pose, quality=quality, performers=numbers, path=path)


def _gathered(old: Frame, new: Frame, numbers: tuple[int, ...]) -> F32 | None:
    """Points of these performers: from the new frame, or else the old one; None where the new one has none."""
    if new.path is None:
        return None
    points = np.zeros((len(numbers), new.path.shape[1]), np.float32)
    for frame in (old, new):
        if frame.path is not None and frame.path.shape[1] == points.shape[1]:
            points[[numbers.index(number) for number in frame.performers]] = frame.path
    return points


def _laid_out(frame: Frame, other: Frame, numbers: tuple[int, ...]) -> Pose:
    """Bodies of these performers: from one frame those who are in it, the rest from the other."""
    rows = {number: len(frame.performers) + row for row, number in enumerate(other.performers)}
    rows |= {number: row for row, number in enumerate(frame.performers)}
    chosen = np.array([rows[number] for number in numbers], np.intp)
    return Pose(
        np.concatenate((frame.pose.positions, other.pose.positions))[chosen],
        np.concatenate((frame.pose.root, other.pose.root))[chosen],
    )
