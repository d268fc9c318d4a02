"""Which joints of a skeleton are left and right of each other, told by their names."""

import math
import re

from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton

SIDES = (
    (r"^l_", "r_"),
    (r"^L_", "R_"),
    (r"_l$", "_r"),
    (r"_L$", "_R"),
    (r"_L_", "_R_"),
    (r"Left", "Right"),
    (r"left", "right"),
    (r"^l", "r"),
    (r"^L", "R"),
)
"""How rigs name sides: l_knee, knee_l, CC_Base_L_Calf, LeftLeg, leftEye, lShin, lfwt, LFWT."""

MIDDLE = 0.05
"""Metres from the middle plane within which a joint without a partner may rest."""

UNEQUAL = 0.1
"""Share by which the two bones of a pair may differ in length on a body that counts as symmetric."""

SMALL = 0.01
"""Metres by which they may differ in any case: helper joints of rigs are placed by eye."""


def pairs(names: tuple[str, ...]) -> list[tuple[int, int]]:
    """(left, right) indices of every two joints whose names differ only in the side."""
    index = {name: joint for joint, name in enumerate(names)}
    found = []
    for left, name in enumerate(names):
        others = (re.sub(pattern, side, name, count=1) for pattern, side in SIDES if re.search(pattern, name))
        right = next((index[other] for other in others if other in index), None)
        if right is not None:
            found.append((left, right))
    return found


def partners(skeleton: Skeleton) -> list[int]:
    """For each joint the one on the other side; itself for a joint in the middle.

    Raises:
        DataError: a joint off the middle has no partner, or the two sides are not built alike, so that the mirror image
            of a recording would not be a recording of this body.
    """
    partner = list(range(len(skeleton.names)))
    for left, right in pairs(skeleton.names):
        partner[left], partner[right] = right, left
    side = _sideways(skeleton)
    for joint, other in enumerate(partner):
        if joint == other and abs(side[joint]) > MIDDLE:
            found = f"{skeleton.names[joint]} rests {side[joint]:+.2f} m beside the middle and has no partner"
            raise DataError("mirror", found, "a left and a right joint for everything off the middle")
        _check_alike(skeleton, partner, joint)
    return partner


def _sideways(skeleton: Skeleton) -> list[float]:
    side = [0.0] * len(skeleton.names)
    for joint in skeleton.order[1:]:
        side[joint] = side[skeleton.parents[joint]] + skeleton.offsets[joint][0]
    return side


def _check_alike(skeleton: Skeleton, partner: list[int], joint: int) -> None:
    other, parent = partner[joint], skeleton.parents[joint]
    if parent < 0:
        return
    names = skeleton.names
    if skeleton.parents[other] != partner[parent]:
        found = f"{names[joint]} hangs on {names[parent]}, {names[other]} on {names[skeleton.parents[other]]}"
        raise DataError("mirror", found, "sides that are built alike")
    here, there = math.hypot(*skeleton.offsets[joint]), math.hypot(*skeleton.offsets[other])
    if abs(here - there) > max(SMALL, UNEQUAL * max(here, there)):
        found = f"{names[joint]} is {here:.3f} m long, {names[other]} {there:.3f} m"
        raise DataError("mirror", found, f"sides that differ by at most {UNEQUAL:.0%}")
