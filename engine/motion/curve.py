"""The curve that performers' bodies take through the frames of a model."""

from typing import NamedTuple

import numpy as np

from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.bones import I64, Bones, keep_lengths
from engine.motion.interpolate import cubic, hold_feet, last_velocity, slerp, velocity
from engine.motion.rows import Rows
from engine.schema.frame import F32, Frame, Pose
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton

KNOTS = 4
"""Frames that are kept: the one before, the one where the curve stands, and two ahead."""


class Knot(NamedTuple):
    """A frame as kernels take it; velocities stand by performer, so that they outlive other performers' coming.

    Attributes:
        positions: (P, J, 3) metres.
        root: (P, 7) place and heading.
        rows: (256,) where each performer stands in them, -1 for who is not there.
        velocities: (256, J + 1, 3) metres per frame, of the joints and of the root's place.
    """

    positions: F32
    root: F32
    rows: I64
    velocities: F32


class Shape(NamedTuple):
    """A skeleton as kernels take it: that of `Bones`, the legs (N, 4) whose feet stand, and whether bones are kept."""

    order: I64
    parents: I64
    lengths: F32
    legs: I64
    rigid: bool


class Curve:
    """A window of frames, two ahead of where it stands at most; nothing in it grows.

    Who is missing in a frame around the two in question is taken as going straight on there.

    Args:
        skeleton: of the bodies.

    Attributes:
        ahead: how many frames are known behind the one where it stands; -1 before the first.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._joints, bones = len(skeleton.names), Bones(skeleton)
        legs = [(leg.hip, leg.knee, leg.ankle, leg.toe) for leg in skeleton.legs if skeleton.rigid]
        legs_of = np.array(legs, np.int64).reshape(-1, 4)
        self._shape = Shape(bones.order, bones.parents, bones.lengths, legs_of, skeleton.rigid)
        self._among = Rows()
        whole = Pose(np.zeros((MAX_PERFORMERS, self._joints, 3), np.float32), np.zeros((MAX_PERFORMERS, 7), np.float32))
        self._rooms = Kept(whole.first)
        self.restart()
        self._compile()

    def restart(self) -> None:
        """Forget all frames."""
        nobody = Pose(np.zeros((0, self._joints, 3), np.float32), np.zeros((0, 7), np.float32))
        nothing = Frame(0, 0, nobody, (), ())
        self._frames = [nothing] * KNOTS
        self._performers: tuple[int, ...] = ()
        self._rows = np.full(MAX_PERFORMERS, -1, np.int64)
        self._knots = [_knot(nothing, self._joints) for _ in range(KNOTS)]
        self.ahead = -1

    @property
    def here(self) -> Frame:
        """The frame where it stands."""
        return self._frames[1]

    @property
    def there(self) -> Frame:
        """The frame after that, where it is known."""
        return self._frames[2]

    def add(self, frame: Frame) -> None:
        """Know one frame more."""
        self.ahead += 1
        place = 1 + self.ahead
        knots = self._knots
        if frame.performers != self._performers:
            self._performers = frame.performers
            self._rows[:] = -1
            self._rows[np.array(frame.performers, np.int64) - 1] = np.arange(len(frame.performers))
        np.copyto(knots[place].rows, self._rows)
        self._frames[place] = frame
        knots[place] = knots[place]._replace(positions=frame.pose.positions, root=frame.pose.root)
        if place > 1:
            find_velocities(knots[place - 2], knots[place - 1], knots[place])

    def go(self) -> None:
        """Stand at the next frame, which is known."""
        self.ahead -= 1
        self._frames.append(self._frames.pop(0))
        self._knots.append(self._knots.pop(0))

    def between(self, share: float) -> tuple[Pose, tuple[int, ...]]:
        """Bodies at `share` (0-1) of the way to the next frame, and whose they are; two frames ahead are known.

        The arrays are overwritten by the next call.
        """
        here, there = self._knots[1], self._knots[2]
        performers, following = self._frames[1].performers, self._frames[2].performers
        if performers != following:
            performers = tuple(number for number in performers if number in following)
        pose = self._rooms[len(performers)]
        blend(self._among.of(performers), here, there, self._shape, share, pose.positions, pose.root)
        return pose, performers

    def _compile(self) -> None:
        before, here, there, _ = self._knots
        find_velocities(before, here, there)
        self.between(0.5)


def _knot(frame: Frame, joints: int) -> Knot:
    rows = np.full(MAX_PERFORMERS, -1, np.int64)
    return Knot(frame.pose.positions, frame.pose.root, rows, np.zeros((MAX_PERFORMERS, joints + 1, 3), np.float32))


@kernel
def find_velocities(before: Knot, here: Knot, after: Knot) -> None:
    """Velocities of everybody in `here`, from those in `before` and the places in all three."""
    last = here.positions.shape[1]
    for number in range(here.rows.shape[0]):
        gone, row, come = before.rows[number], here.rows[number], after.rows[number]
        if row < 0:
            continue
        found, earlier = here.velocities[number], before.velocities[number]
        place = here.root[row : row + 1, :3]
        if gone >= 0 and come >= 0:
            velocity(before.positions[gone], here.positions[row], after.positions[come], earlier[:last], found[:last])
            velocity(
                before.root[gone : gone + 1, :3], place, after.root[come : come + 1, :3], earlier[last:], found[last:]
            )
        elif gone >= 0:
            last_velocity(before.positions[gone], here.positions[row], earlier[:last], found[:last])
            last_velocity(before.root[gone : gone + 1, :3], place, earlier[last:], found[last:])
        elif come >= 0:
            found[:last] = after.positions[come] - here.positions[row]
            found[last:] = after.root[come : come + 1, :3] - place
        else:
            found[:] = 0.0


@kernel
def blend(rows: I64, here: Knot, there: Knot, shape: Shape, share: float, positions: F32, root: F32) -> None:
    """Bodies of performers `rows` (P,) at `share` of the way, into (P, J, 3) and (P, 7)."""
    last = positions.shape[1]
    for index in range(rows.shape[0]):
        number = rows[index]
        row, other = here.rows[number], there.rows[number]
        start, end = here.velocities[number], there.velocities[number]
        one, two, body = here.positions[row], there.positions[other], positions[index]
        cubic(one, two, start[:last], end[:last], share, body)
        if shape.rigid:
            keep_lengths(body, shape.order, shape.parents, shape.lengths)
        hold_feet(one, two, shape.legs, share, body)
        origin, goal = here.root[row : row + 1], there.root[other : other + 1]
        cubic(origin[:, :3], goal[:, :3], start[last:], end[last:], share, root[index : index + 1, :3])
        slerp(origin[0, 3:], goal[0, 3:], share, root[index, 3:])
