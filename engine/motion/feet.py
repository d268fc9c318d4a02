"""Feet that stand still while they stand.

A foot whose toe is low and slow is locked to where it came down; the leg follows by two-bone inverse kinematics, so no
bone changes its length. The lock lets go when the model lifts the foot, moves it fast or strays too far from the lock,
and what is left of the correction then fades over a few frames, so that nothing snaps.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton

LOW = 0.05
"""Metres above its standing height within which a toe may lock; a sampled foot rolls more than a recorded one."""

SLOW = 1.2
"""Metres per second under which a low toe locks; nine of ten recorded low toes are slower."""

STRAY = 0.2
"""Metres between lock and model at which the lock gives way, a short foot's length."""

AGAIN = 0.1
"""Metres of correction under which a foot may lock again; sooner, a foot that slides on would go in jerks."""

REACH = 0.999
"""Share of the straight leg that inverse kinematics may use; a fully straight knee has no bending plane."""

FADE = 0.1
"""Time constant in seconds with which a correction fades."""

HASTE = 1.0
"""Metres per second at which a correction fades at most: 20 cm would start at 2 m/s, which an eye sees as a snap."""


class FootLock:
    """What `lock_feet` takes for P bodies of a skeleton; without legs it does nothing.

    Attributes:
        legs: (N, 4) hip, knee, ankle, toe.
        heights: (N,) metres, of each toe when standing.
        memory: (P, N, 6).
    """

    def __init__(self, skeleton: Skeleton, performers: int) -> None:
        heights = {contact.joint: contact.height for contact in skeleton.contacts}
        legs = [leg for leg in skeleton.legs if leg.toe in heights]
        self.legs = np.array([(g.hip, g.knee, g.ankle, g.toe) for g in legs], np.int64).reshape(-1, 4)
        self.heights = np.array([heights[leg.toe] for leg in legs], np.float32)
        self.memory = np.zeros((performers, len(legs), 6), np.float64)

    def release(self, row: int) -> None:
        """Forget where a body stood; what is left of the correction fades, as the body goes on from what was shown."""
        self.memory[row, :, 0] = 0
        self.memory[row, :, 5] = 0

    def forget(self, row: int) -> None:
        """Forget all of a body."""
        self.memory[row] = 0


@kernel
def lock_feet(
    body: F32,
    legs: NDArray[np.int64],
    heights: F32,
    memory: NDArray[np.float64],
    fps: float,
    strength: float,
) -> None:
    """Lock the low, slow feet of one body (J, 3).

    Args:
        body: world positions, metres; changed in place.
        legs: (N, 4) hip, knee, ankle, toe.
        heights: (N,) standing height of each toe.
        memory: (N, 6) seen before, toe x and z of the last frame, correction x and z, locked; in place.
        fps: frames per second.
        strength: 0-1.
    """
    keep = math.exp(-1.0 / (FADE * fps))
    for leg in range(legs.shape[0]):
        toe = legs[leg, 3]
        seen, past_x, past_z, shift_x, shift_z, locked = memory[leg]
        x, z = float(body[toe, 0]), float(body[toe, 2])
        move_x, move_z = x - past_x, z - past_z
        speed = math.sqrt(move_x * move_x + move_z * move_z) * fps
        low = body[toe, 1] < heights[leg] + LOW
        stray = math.sqrt(shift_x * shift_x + shift_z * shift_z)
        limit, far = (2.0 * SLOW, STRAY) if locked > 0 else (SLOW, AGAIN)
        locked = 1.0 if (seen > 0 and low and speed < limit and stray < far) else 0.0
        if locked > 0:
            shift_x -= move_x
            shift_z -= move_z
        else:
            left = max(keep, 1.0 - HASTE / (fps * stray)) if stray > 0 else 0.0
            shift_x *= left
            shift_z *= left
        memory[leg, 0], memory[leg, 1], memory[leg, 2] = 1.0, x, z
        memory[leg, 3], memory[leg, 4], memory[leg, 5] = shift_x, shift_z, locked
        move_foot(body, legs[leg], shift_x * strength, shift_z * strength)


@kernel
def move_foot(body: F32, leg: NDArray[np.int64], shift_x: float, shift_z: float) -> None:
    """Move ankle and toe of one leg horizontally, metres, and bend hip and knee after them; bones keep their length."""
    if shift_x == 0.0 and shift_z == 0.0:
        return
    hip, knee, ankle, toe = body[leg[0]], body[leg[1]], body[leg[2]], body[leg[3]]
    thigh = math.sqrt(((knee - hip) ** 2).sum())
    shin = math.sqrt(((ankle - knee) ** 2).sum())
    goal_x, goal_y, goal_z = ankle[0] + shift_x - hip[0], ankle[1] - hip[1], ankle[2] + shift_z - hip[2]
    distance = math.sqrt(goal_x * goal_x + goal_y * goal_y + goal_z * goal_z)
    if distance < abs(thigh - shin) + 1e-3 or distance < 1e-3:
        return
    reach = math.sqrt(((ankle - hip) ** 2).sum())
    scale = min(1.0, max(REACH * (thigh + shin), reach) / distance)
    goal_x, goal_y, goal_z = goal_x * scale, goal_y * scale, goal_z * scale
    distance *= scale
    along = (thigh * thigh - shin * shin + distance * distance) / (2.0 * distance)
    out = math.sqrt(max(thigh * thigh - along * along, 0.0))
    ux, uy, uz = goal_x / distance, goal_y / distance, goal_z / distance
    bend_x, bend_y, bend_z = knee[0] - hip[0], knee[1] - hip[1], knee[2] - hip[2]
    dot = bend_x * ux + bend_y * uy + bend_z * uz
    bend_x, bend_y, bend_z = bend_x - dot * ux, bend_y - dot * uy, bend_z - dot * uz
    size = math.sqrt(bend_x * bend_x + bend_y * bend_y + bend_z * bend_z)
    if size < 1e-6:
        return
    foot_x, foot_y, foot_z = toe[0] - ankle[0], toe[1] - ankle[1], toe[2] - ankle[2]
    knee[0] = hip[0] + ux * along + bend_x / size * out
    knee[1] = hip[1] + uy * along + bend_y / size * out
    knee[2] = hip[2] + uz * along + bend_z / size * out
    ankle[0], ankle[1], ankle[2] = hip[0] + goal_x, hip[1] + goal_y, hip[2] + goal_z
    toe[0], toe[1], toe[2] = ankle[0] + foot_x, ankle[1] + foot_y, ankle[2] + foot_z
