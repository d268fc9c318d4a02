"""The One-Euro filter for bodies: steady where they rest, quick where they move (Casiez, Roussel and Vogel, CHI 2012).

A low-pass whose cutoff rises with the speed: `cutoff + beta * speed`. The speed of a point is that of its place in
space, not of each axis by itself, so a body is filtered alike wherever it faces.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.bones import Bones
from engine.motion.interpolate import slerp
from engine.motion.quaternion import inverse, product, taken
from engine.motion.rig import make_rig
from engine.motion.rows import Rows
from engine.schema.frame import F32, Body, Frame, Pose, Quality
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton, Vector

I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

RATE_CUTOFF = 1.0
"""Hertz, of the low-pass on the speed; the paper's own."""


class _Memory(NamedTuple):
    """Of N places (n = 3) or rotations (n = 4): (256, N, n) shown, (256, N, 3) velocities, (256, N, n) to give out."""

    shown: F32
    speed: F32
    out: F32


class _Part:
    """A part of bodies, and the first of what is given out by their number."""

    def __init__(self, count: int, width: int) -> None:
        shown, out = np.zeros((2, MAX_PERFORMERS, count, width), np.float32)
        self.memory = _Memory(shown, np.zeros((MAX_PERFORMERS, count, 3), np.float32), out)
        self.out = Kept(lambda number: out[:number])


class OneEuro:
    """Filters the frames of one receiver; each performer has a memory of its own.

    A rotation's speed is that of a point a metre away, so one radian per second counts as one metre per second.

    Args:
        skeleton: its bones get their lengths back after the filter.
        fps: frames per second that are filtered.
        cutoff: hertz, of a body at rest; lower trembles less.
        beta: hertz for each metre per second; higher lags less.

    Raises:
        ValueError: no cutoff, as then nothing would ever arrive.
    """

    def __init__(self, skeleton: Skeleton, *, fps: float, cutoff: float, beta: float) -> None:
        rig, joints = make_rig(skeleton), len(skeleton.names)
        bones, centres = (len(rig.names), len(rig.joints)) if rig else (1, 1)
        self._bones = Bones(skeleton) if skeleton.rigid else None
        self._positions, self._places, self._centres = (_Part(count, 3) for count in (joints, 1, centres))
        self._headings, self._rotations, self._turned = (_Part(count, 4) for count in (1, joints, bones))
        roots = np.zeros((MAX_PERFORMERS, 7), np.float32)
        self._rows, self._roots = Rows(), Kept(lambda number: roots[:number])
        self._period, self._beta = 1.0 / fps, beta
        self.tune(cutoff)
        self._fresh = np.ones(MAX_PERFORMERS, np.bool_)
        self._absent = np.ones(MAX_PERFORMERS, np.bool_)
        self._compile()

    def tune(self, cutoff: float) -> None:
        """Filter with another cutoff from the next frame on, hertz; errors as for the first one."""
        if not cutoff > 0:
            raise ValueError(f"a cutoff of {cutoff} Hz; expected more than 0")
        self._settings = (self._period, cutoff, self._beta)

    def forget(self) -> None:
        """Take everybody as they come in the next frame."""
        self._fresh.fill(True)

    def watch(self, frame: Frame) -> None:
        """Look at a frame, whether it is shown or not: who is not in it, or starts again in it, is forgotten."""
        forget_absent(self._rows.of(frame.performers), self._absent, self._fresh)
        if any(frame.quality):
            for number, quality in zip(frame.performers, frame.quality, strict=True):
                if quality & Quality.PRIMED:
                    self._fresh[number - 1] = True

    def smooth(self, frame: Frame) -> Frame:
        """The frame, filtered; its arrays are overwritten by the next call."""
        rows, pose = self._rows.of(frame.performers), frame.pose
        positions = self._move(self._positions, pose.positions, rows)
        if self._bones is not None:
            self._bones.fit(positions)
        root = self._roots[len(rows)]
        root[:, :3] = self._move(self._places, pose.root[:, None, :3], rows)[:, 0]
        root[:, 3:] = self._turn(self._headings, pose.root[:, None, 3:], rows)[:, 0]
        rotations = None if pose.rotations is None else self._turn(self._rotations, pose.rotations, rows)
        body = pose.body
        if body is not None:
            body = Body(self._move(self._centres, body.joints, rows), self._turn(self._turned, body.bones, rows))
        meet(rows, self._fresh)
        return frame._replace(pose=Pose(positions, root, rotations, body))

    def _move(self, part: _Part, points: F32, rows: I64) -> F32:
        low_pass_points(points, rows, self._fresh, part.memory, self._settings)
        return part.out[len(rows)]

    def _turn(self, part: _Part, turns: F32, rows: I64) -> F32:
        low_pass_turns(turns, rows, self._fresh, part.memory, self._settings)
        return part.out[len(rows)]

    def _compile(self) -> None:
        """Meet arrays of both layouts: parts of several roots lie apart, those of one or none do not."""
        rows, root = np.arange(2), np.ones((2, 7), np.float32)
        for points in (root[:, None, :3], np.ones((2, 1, 3), np.float32)):
            self._move(self._places, points, rows)
        for turns in (root[:, None, 3:], np.ones((2, 1, 4), np.float32)):
            self._turn(self._headings, turns, rows)
        forget_absent(rows, self._absent, self._fresh)
        meet(rows, self._fresh)
        self.forget()


@kernel
def forget_absent(rows: I64, absent: Flags, fresh: Flags) -> None:
    """Have whoever has none of these rows (P,) be fresh; `absent` (256,) is room to work in."""
    absent[:] = True
    for row in rows:
        absent[row] = False
    for row in range(fresh.shape[0]):
        fresh[row] = fresh[row] or absent[row]


@kernel
def meet(rows: I64, fresh: Flags) -> None:
    """Have whoever has these rows (P,) be fresh no more."""
    for row in rows:
        fresh[row] = False


@kernel
def share(cutoff: float, period: float) -> float:
    """Weight (0-1) of the newest value in a low-pass of `cutoff` Hz at one value per `period` seconds."""
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * period))


@kernel
def low_pass_points(
    points: F32, rows: I64, fresh: Flags, memory: _Memory, settings: tuple[float, float, float]
) -> None:
    """Filter places (P, N, 3) of performers `rows` (P,) into `memory.out[:P]`; who is fresh is taken as it comes.

    Args:
        points: metres.
        rows: of the memory.
        fresh: (256,) rows without a past.
        memory: of the points.
        settings: seconds per frame, hertz at rest, hertz per metre per second.
    """
    period, cutoff, beta = settings
    follow = share(RATE_CUTOFF, period)
    for index in range(rows.shape[0]):
        row = rows[index]
        if fresh[row]:
            memory.shown[row] = points[index]
            memory.speed[row] = 0.0
        for point in range(points.shape[1]):
            shown, speed = memory.shown[row, point], memory.speed[row, point]
            square = 0.0
            for axis in range(3):
                speed[axis] += follow * ((points[index, point, axis] - shown[axis]) / period - speed[axis])
                square += speed[axis] * speed[axis]
            weight = share(cutoff + beta * math.sqrt(square), period)
            for axis in range(3):
                shown[axis] += weight * (points[index, point, axis] - shown[axis])
                memory.out[index, point, axis] = shown[axis]


@kernel
def low_pass_turns(turns: F32, rows: I64, fresh: Flags, memory: _Memory, settings: tuple[float, float, float]) -> None:
    """Filter rotations (P, N, 4) likewise, each along the shorter way; its speed is in radians per second."""
    period, cutoff, beta = settings
    follow = share(RATE_CUTOFF, period)
    for index in range(rows.shape[0]):
        row = rows[index]
        if fresh[row]:
            memory.shown[row] = turns[index]
            memory.speed[row] = 0.0
        for joint in range(turns.shape[1]):
            shown, new = memory.shown[row, joint], turns[index, joint]
            speed = memory.speed[row, joint]
            step = way(shown, new)
            square = 0.0
            for axis in range(3):
                speed[axis] += follow * (step[axis] / period - speed[axis])
                square += speed[axis] * speed[axis]
            slerp(shown, new, share(cutoff + beta * math.sqrt(square), period), shown)
            memory.out[index, joint] = shown


@kernel
def way(start: F32, stop: F32) -> Vector:
    """The rotation vector, radians, that leads from one rotation (4,) the shorter way to another."""
    away = product(taken(stop), inverse(taken(start)))
    sine = math.sqrt(away[0] * away[0] + away[1] * away[1] + away[2] * away[2])
    if sine == 0.0:
        return (0.0, 0.0, 0.0)
    # an arc tangent, as an arc cosine is blind near 0
    scale = 2.0 * math.atan2(math.copysign(sine, away[3]), abs(away[3])) / sine
    return (scale * away[0], scale * away[1], scale * away[2])
