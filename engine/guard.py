"""What is let out: a body that is one, moving as bodies do."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kept import Kept
from engine.kernel import kernel
from engine.schema.frame import F32, Pose
from engine.schema.skeleton import Skeleton

Flags = NDArray[np.bool_]
I64 = NDArray[np.int64]

Bounds = tuple[int, float, float, float, float, int]
"""`Limits` as a plain tuple, which a kernel takes in half the time."""

SLACK = 1.5
"""How much farther from the root than its bones allow a joint may be; markers on skin give way, blends overshoot."""

DEEPEST = -0.5
"""Metres below the floor; recordings dip 0.1 below it."""

SPEED = 15.0
"""Metres per second, of a joint against the root and of the root; in the recorded dances 12.8 and 3.7 are reached."""

PATIENCE = 0.3
"""Seconds after which a stand-in gives way to any sound body, however far it has jumped: a statue is worse."""

WINDOW = 1.0
"""Seconds over which stillness is measured: the length for which the freeze share of real dance is known (6 %)."""

NUDGE_AFTER = 1.5
"""Seconds of frozen windows before the spread is raised; 0.4 % of the frames of recorded dance stand so long."""

PRIME_AFTER = 4.0
"""Seconds of frozen windows before a performer starts again from a stored pose; 17 minutes of dance do so once."""


class Limits(NamedTuple):
    """What a body must keep to: lengths in metres, `step` metres per frame, `patience` frames."""

    root: int
    reach: float
    low: float
    high: float
    step: float
    patience: int


def limits(skeleton: Skeleton, fps: float) -> Limits:
    """Limits for a skeleton: reach is its longest chain with slack, height is twice that, for a jump with arms up."""
    reach = np.zeros(len(skeleton.names))
    for joint in skeleton.order[1:]:
        reach[joint] = reach[skeleton.parents[joint]] + math.dist((0, 0, 0), skeleton.offsets[joint])
    longest = SLACK * float(reach.max())
    return Limits(skeleton.root, longest, DEEPEST, 2 * longest, SPEED / fps, max(1, round(PATIENCE * fps)))


class Guard:
    """Keeps each performer's last good frame and lets it stand in for a broken one.

    Attributes:
        pose: what may be shown of the bodies of the last check, overwritten by the next one.
    """

    def __init__(self, performers: int, joints: int, bounds: Limits) -> None:
        self._bounds = bounds
        self._plain: Bounds = (bounds.root, bounds.reach, bounds.low, bounds.high, bounds.step, bounds.patience)
        self._missed = np.full(performers, bounds.patience, np.int64)
        self._positions = np.zeros((performers, joints, 3), np.float32)
        self._root = np.zeros((performers, 7), np.float32)
        self._root[:, 6] = 1.0
        self._rotations: F32 | None = None
        self.pose = whole = Pose(self._positions, self._root)
        guarded, missed = np.zeros(performers, np.bool_), self._missed
        self._rows = Kept(lambda batch: (guarded[:batch], missed[:batch], whole.first(batch)))
        self._turns: Kept[Pose] | None = None

    def seat(self, row: int, body: F32) -> None:
        """Give a performer a body (J, 3) to stand in before it has shown a frame; its first one may be anywhere."""
        self._positions[row] = body
        self._root[row] = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0
        self._root[row, :3] = body[self._bounds.root] * (1.0, 0.0, 1.0)
        if self._rotations is not None:
            self._rotations[row] = 0.0, 0.0, 0.0, 1.0
        self.excuse(row)

    def excuse(self, row: int) -> None:
        """Let a performer's next sound body be anywhere, as somebody wants it there."""
        self._missed[row] = self._bounds.patience

    def check(self, pose: Pose, broken: Flags) -> Flags:
        """Take over every performer's frame that is a sound body; the others keep what they had.

        Args:
            pose: what the family made, of B <= P bodies.
            broken: (B,) performers that are known to be broken.

        Returns:
            (B,) whose last good frame stands in; overwritten by the next check.
        """
        guarded, missed, shown = self._rows[len(broken)]
        np.copyto(guarded, broken)
        if pose.rotations is not None:
            shown = self._turned(pose.rotations, guarded)
        judge(pose.positions, pose.root, shown.positions, shown.root, missed, guarded, self._plain)
        if pose.rotations is not None and shown.rotations is not None:
            take(pose.rotations, guarded, shown.rotations)
        self.pose = shown
        return guarded

    def _turned(self, turns: F32, guarded: Flags) -> Pose:
        """What may be shown where a family has rotations; those that are no numbers are noted."""
        if self._turns is None:
            self._rotations = np.zeros((len(self._positions), *turns.shape[1:]), np.float32)
            self._rotations[..., 3] = 1.0
            self._turns = Kept(Pose(self._positions, self._root, self._rotations).first)
        find_broken(turns, guarded)
        return self._turns[len(guarded)]


@kernel
def finite(numbers: F32) -> bool:
    """Whether all numbers (N,) are."""
    for place in range(numbers.shape[0]):  # noqa: SIM110 (Numba compiles no generators)
        if not np.isfinite(numbers[place]):
            return False
    return True


@kernel
def find_broken(turns: F32, broken: Flags) -> None:
    """Add to `broken` (P,) the bodies whose rotations (P, J, 4) are no numbers."""
    for row in range(turns.shape[0]):
        for joint in range(turns.shape[1]):
            broken[row] = broken[row] or not finite(turns[row, joint])


@kernel
def take(turns: F32, guarded: Flags, out: F32) -> None:
    """Take the rotations (P, J, 4) of sound bodies over into `out`."""
    for row in range(turns.shape[0]):
        if not guarded[row]:
            out[row] = turns[row]


@kernel
def judge(
    positions: F32, roots: F32, before: F32, roots_before: F32, missed: I64, broken: Flags, bounds: Bounds
) -> None:
    """Add to `broken` (P,) the bodies of (P, J, 3), (P, 7) that are none, and take the others over into `before`.

    Comparing with NaN is never true, so NaN is none. Speed is measured against `before`, the last good bodies, over the
    frames since, which are `missed`; once patience ends not at all.
    """
    root, reach, lowest, highest, step, patience = bounds
    for row in range(positions.shape[0]):
        way = step * (missed[row] + 1) if missed[row] < patience else np.inf
        body, old = positions[row], before[row]
        sound = not broken[row] and finite(roots[row]) and moved(body[root], old[root], 0.0, 0.0, 0.0) <= way
        x, y, z = body[root, 0] - old[root, 0], body[root, 1] - old[root, 1], body[root, 2] - old[root, 2]
        for joint in range(body.shape[0]):
            sound = sound and lowest <= body[joint, 1] <= highest
            sound = sound and moved(body[joint], body[root], 0.0, 0.0, 0.0) <= reach
            sound = sound and moved(body[joint], old[joint], x, y, z) <= way
        broken[row] = not sound
        missed[row] += 1
        if sound:
            missed[row] = 0
            before[row] = body
            roots_before[row] = roots[row]


@kernel
def moved(here: F32, there: F32, x: float, y: float, z: float) -> float:
    """Distance from `there`, itself moved by x, y, z, to `here`."""
    away_x, away_y, away_z = here[0] - there[0] - x, here[1] - there[1] - y, here[2] - there[2] - z
    return float(np.sqrt(away_x * away_x + away_y * away_y + away_z * away_z))


class Freeze:
    """Notices performers that stand still.

    A performer is frozen while the mean speed of its joints over the last second is below a floor.

    Args:
        performers: P.
        joints: J.
        fps: frames per second.
        floor_speed: metres per second.

    Attributes:
        nudged: (P,) whose spread is to be raised until they move.
        stuck: (P,) who are to start again from a stored pose.
    """

    def __init__(self, performers: int, joints: int, fps: float, floor_speed: float) -> None:
        self.nudged: Flags = np.zeros(performers, np.bool_)
        self.stuck: Flags = np.zeros(performers, np.bool_)
        self._fps = fps
        self._floor = floor_speed
        self._speeds = np.zeros((performers, max(1, round(WINDOW * fps))), np.float32)
        self._before = np.zeros((performers, joints, 3), np.float32)
        self._seen = np.zeros(performers, np.int64)
        self._frozen = np.zeros(performers, np.int64)

    def watch(self, positions: F32) -> None:
        """Take in the frame (B, J, 3) that is shown and bring `nudged` and `stuck` of the first B up to date."""
        watch(
            positions, self._before, self._speeds, self._seen, self._frozen,
            self._floor, self._fps, self.nudged, self.stuck,
        )  # fmt: skip

    def forget(self, row: int) -> None:
        """Begin a performer's measure anew, as it was given another pose."""
        self._seen[row] = 0
        self._frozen[row] = 0
        self.nudged[row] = self.stuck[row] = False


@kernel
def watch(
    positions: F32,
    before: F32,
    speeds: F32,
    seen: I64,
    frozen: I64,
    floor: float,
    fps: float,
    nudged: Flags,
    stuck: Flags,
) -> None:
    """Both of what follows, in one call."""
    measure_speeds(positions, before, speeds, seen, fps)
    find_still(positions.shape[0], speeds, seen, floor, fps, frozen, nudged, stuck)


@kernel
def measure_speeds(positions: F32, before: F32, speeds: F32, seen: I64, fps: float) -> None:
    """Write each body's mean joint speed, metres per second, into its ring of speeds; the first frame seen has none."""
    joints = positions.shape[1]
    for row in range(positions.shape[0]):
        total = 0.0
        for joint in range(joints):
            total += moved(positions[row, joint], before[row, joint], 0.0, 0.0, 0.0)
        if seen[row] > 0:
            speeds[row, seen[row] % speeds.shape[1]] = total / joints * fps
        seen[row] += 1
        before[row] = positions[row]


@kernel
def find_still(
    batch: int, speeds: F32, seen: I64, floor: float, fps: float, frozen: I64, nudged: Flags, stuck: Flags
) -> None:
    """Count for how long each of the first bodies has been slower than `floor`, m/s, on the mean of its ring."""
    for row in range(batch):
        total = 0.0
        for speed in speeds[row]:
            total += speed
        still = seen[row] > speeds.shape[1] and total < floor * speeds.shape[1]
        frozen[row] = frozen[row] + 1 if still else 0
        nudged[row] = frozen[row] >= NUDGE_AFTER * fps
        stuck[row] = frozen[row] >= PRIME_AFTER * fps


@kernel
def mend(sample: F32, sound: F32, broken: Flags) -> None:
    """Put the last sound sample (B, D) in the place of one that is no number, and tell where (B,) that was."""
    for row in range(sample.shape[0]):
        broken[row] = not finite(sample[row])
        if broken[row]:
            sample[row] = sound[row]
        else:
            sound[row] = sample[row]


@kernel
def uneventful(rows: I64, guarded: Flags, nudged: Flags, started: Flags, stuck: Flags) -> bool:
    """Whether nothing happened to any of these rows, so that none need be looked at by itself."""
    for row in rows:  # noqa: SIM110 (likewise)
        if guarded[row] or nudged[row] or started[row] or stuck[row]:
            return False
    return True
