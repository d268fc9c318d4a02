"""A picture between two others, when one act gives way to the next."""

import numpy as np

from engine.motion.mix import Mix
from engine.schema.frame import Frame, Pose
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

        Args:
            old: who is in it alone is shown as there.
            new: likewise; gives the numbers of the frame, and the quality of those who are in both.
            share: of the new one, 0-1.
        """
        told = dict(zip(old.performers, old.quality, strict=True)) | dict(zip(new.performers, new.quality, strict=True))
        numbers = tuple(sorted(told))
        one, two = old.pose, new.pose
        if old.performers != new.performers:
            one, two = _laid_out(old, new, numbers), _laid_out(new, old, numbers)
        shared = [share if number in old.performers and number in new.performers else 0.0 for number in numbers]
        pose = Pose(np.empty_like(one.positions), np.empty_like(one.root))
        self._mix.blend(one, two, np.array(shared, np.float32), pose)
        return new._replace(pose=pose, quality=tuple(told[number] for number in numbers), performers=numbers)


def _laid_out(frame: Frame, other: Frame, numbers: tuple[int, ...]) -> Pose:
    """Bodies of these performers: from one frame those who are in it, the rest from the other."""
    rows = {number: len(frame.performers) + row for row, number in enumerate(other.performers)}
    rows |= {number: row for row, number in enumerate(frame.performers)}
    chosen = np.array([rows[number] for number in numbers], np.intp)
    return Pose(
        np.concatenate((frame.pose.positions, other.pose.positions))[chosen],
        np.concatenate((frame.pose.root, other.pose.root))[chosen],
    )
