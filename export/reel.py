"""The frames of a take as arrays without gaps."""

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.schema.errors import DataError
from engine.schema.frame import Body, Frame
from engine.schema.skeleton import Skeleton
from export.moves import FARTHEST, MOST, frame_bytes, room
from export.recording import Performance

Mask = NDArray[np.bool_]


class _Track:
    """What one performer did; rows of frames in which it was not there hold nothing yet."""

    def __init__(self, skeleton: Skeleton, length: int) -> None:
        self.present = np.zeros(length, np.bool_)
        self.moves = room(skeleton, length)
        self.solved = self.moves.bones is not None

    def take(self, at: int, frame: Frame, row: int) -> None:
        """Keep a body of a frame."""
        pose, moves = frame.pose, self.moves
        self.present[at] = True
        moves.put(at, pose.positions[row], pose.root[row])
        if not self.solved or moves.bones is None:
            return
        rotations = None if pose.rotations is None or moves.rotations is None else pose.rotations[row]
        self.solved = pose.body is not None and pose.body.bones.shape[1:] == moves.bones.shape[1:]
        self.solved &= moves.rotations is None or rotations is not None
        if self.solved and pose.body is not None:
            moves.solve(at, rotations, Body(pose.body.joints[row], pose.body.bones[row]))

    def solve(self, solver: Solver, seen: Mask) -> None:
        """Solve what was recorded without rotations, as a show would have, in which there were the frames `seen`."""
        positions = self.moves.positions
        solver.solve(positions[:0], ())  # whoever it solved before is gone
        for at in np.flatnonzero(seen).tolist():
            if not self.present[at]:
                solver.solve(positions[:0], ())
                continue
            rotations, (joints, bones) = solver.solve(positions[at : at + 1], (1,))
            self.moves.solve(at, None if rotations is None else rotations[0], Body(joints[0], bones[0]))


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
        self._tracks[number] = _Track(self._skeleton, self._length)

    def performances(self, seen: Mask) -> tuple[Performance, ...]:
        """Everybody in the order of their numbers.

        Args:
            seen: (T,) which frames there are; the others are like the nearest one.

        Raises:
            DataError: numbers that no body has.
        """
        solver = None
        found = []
        for number, track in sorted(self._tracks.items()):
            if self.rig is not None and not track.solved:
                solver = solver or Solver(self._skeleton, self._fps)
                track.solve(solver, seen)
            self._check(number, track)
            found.append(_performance(number, track, seen))
        return tuple(found)

    def _check(self, number: int, track: _Track) -> None:
        """Refuse what no body does: other programs, and the libraries that write for them, stumble over it."""
        unsound = np.flatnonzero(track.present & ~track.moves.sound())
        if len(unsound):
            place = f"{self._place}: performer {number}, {unsound[0] / self._fps:.2f} s"
            hint = "another part of the time, or another performer, may be sound"
            raise DataError(place, "a body that is nowhere", f"places within {FARTHEST:g} m, and rotations", hint)


def _performance(number: int, track: _Track, seen: Mask) -> Performance:
    away = np.flatnonzero(~track.present)
    if len(away):
        source = nearest(track.present, away)
        for array in track.moves.arrays():
            array[away] = array[source]
    missing = np.flatnonzero(~seen)
    if len(missing):
        track.present[missing] = track.present[nearest(seen, missing)]
    return track.moves.performance(number, track.present)


def nearest(there: Mask, frames: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of the frames that are there, the nearest to each of `frames` (N,), the earlier where two are."""
    known = np.flatnonzero(there)
    after = np.clip(np.searchsorted(known, frames), 0, len(known) - 1)
    before = np.maximum(after - 1, 0)
    earlier = np.abs(frames - known[before]) <= np.abs(known[after] - frames)
    return np.where(earlier, known[before], known[after])
