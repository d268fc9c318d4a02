"""The frames of a take as arrays without gaps."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import Rig, body, make_rig
from engine.motion.solve import Solver
from engine.schema.errors import DataError
from engine.schema.frame import F32, Frame
from engine.schema.skeleton import Skeleton
from export.film import frame_bytes
from export.recording import Performance

Mask = NDArray[np.bool_]

MOST = 2 << 30
"""Bytes that the arrays of a recording may take: four hours of a dancer at 60 frames per second."""


class _Track:
    """What one performer did; rows of frames in which it was not there hold nothing yet."""

    def __init__(self, skeleton: Skeleton, rig: Rig | None, length: int) -> None:
        points = len(skeleton.names)
        self.present = np.zeros(length, np.bool_)
        self.positions: F32 = np.zeros((length, points, 3), np.float32)
        self.root: F32 = np.zeros((length, 7), np.float32)
        self.rotations: F32 | None = None
        self.joints: F32 | None = None
        self.bones: F32 | None = None
        self.solved = rig is not None
        if rig is not None:
            own = body(skeleton) is skeleton
            self.rotations = np.zeros((length, points, 4), np.float32) if own else None
            self.joints = self.positions if own else np.zeros((length, len(rig.joints), 3), np.float32)
            self.bones = np.zeros((length, len(rig.names), 4), np.float32)

    def take(self, at: int, frame: Frame, row: int) -> None:
        """Keep a body of a frame."""
        pose = frame.pose
        self.present[at] = True
        self.positions[at], self.root[at] = pose.positions[row], pose.root[row]
        if self.bones is None or self.joints is None:
            return
        self.solved &= pose.body is not None and pose.body.bones.shape[1:] == self.bones.shape[1:]
        self.solved &= self.rotations is None or pose.rotations is not None
        if self.solved and pose.body is not None:
            self.joints[at], self.bones[at] = pose.body.joints[row], pose.body.bones[row]
            if self.rotations is not None and pose.rotations is not None:
                self.rotations[at] = pose.rotations[row]

    def solve(self, solver: Solver) -> None:
        """Solve what was recorded without rotations, as a show would have."""
        if self.bones is None or self.joints is None:
            return
        for at in range(len(self.present)):
            if not self.present[at]:
                solver.solve(self.positions[:0], ())
                continue
            rotations, (joints, bones) = solver.solve(self.positions[at : at + 1], (1,))
            self.joints[at], self.bones[at] = joints[0], bones[0]
            if self.rotations is not None and rotations is not None:
                self.rotations[at] = rotations[0]

    def arrays(self) -> Iterator[F32]:
        """All arrays of frames, each once."""
        yield from (self.positions, self.root)
        if self.joints is not self.positions and self.joints is not None:
            yield self.joints
        yield from (each for each in (self.rotations, self.bones) if each is not None)


class Reel:
    """T frames of all who come and go.

    Args:
        place: of the take, for messages.
        skeleton: of the bodies.
        fps: frames per second.
        length: T.

    Attributes:
        rig: bones that rotate; None where rotations are not solved.
    """

    def __init__(self, place: str, skeleton: Skeleton, fps: float, length: int) -> None:
        self.rig = make_rig(skeleton)
        self._place, self._skeleton, self._fps = place, skeleton, fps
        self._length = length
        self._tracks: dict[int, _Track] = {}

    def take(self, at: int, frame: Frame) -> None:
        """Keep a frame as number `at`.

        Raises:
            DataError: all performers together take too much memory.
        """
        for row, number in enumerate(frame.performers):
            if number not in self._tracks:
                self._make_room(number)
            self._tracks[number].take(at, frame, row)

    def _make_room(self, number: int) -> None:
        count = len(self._tracks) + 1
        if count * self._length * frame_bytes(self._skeleton) > MOST:
            found = f"{self._length / self._fps:.0f} s with {count} or more performers"
            hint = "take a part of the time, or one performer"
            raise DataError(self._place, found, f"what fits into {MOST >> 30} GB of memory", hint)
        self._tracks[number] = _Track(self._skeleton, self.rig, self._length)

    def performances(self, seen: Mask) -> tuple[Performance, ...]:
        """Everybody in the order of their numbers.

        Args:
            seen: (T,) which frames there are; the others are like the nearest one.
        """
        solver = None
        found = []
        for number, track in sorted(self._tracks.items()):
            if self.rig is not None and not track.solved:
                solver = solver or Solver(self._skeleton, self._fps)
                track.solve(solver)
            found.append(_performance(number, track, seen))
        return tuple(found)


def _performance(number: int, track: _Track, seen: Mask) -> Performance:
    away = np.flatnonzero(~track.present)
    if len(away):
        source = nearest(track.present, away)
        for array in track.arrays():
            array[away] = array[source]
    missing = np.flatnonzero(~seen)
    if len(missing):
        track.present[missing] = track.present[nearest(seen, missing)]
    return Performance(
        number=number,
        present=track.present,
        positions=track.positions,
        root=track.root,
        rotations=track.rotations,
        joints=track.joints,
        bones=track.bones,
    )


def nearest(there: Mask, frames: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of the frames that are there, the nearest to each of `frames` (N,), the earlier where two are."""
    known = np.flatnonzero(there)
    after = np.clip(np.searchsorted(known, frames), 0, len(known) - 1)
    before = np.maximum(after - 1, 0)
    earlier = np.abs(frames - known[before]) <= np.abs(known[after] - frames)
    return np.where(earlier, known[before], known[after])
