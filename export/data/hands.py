"""How many hands a sign takes, told by how far each goes.

A sign is two-handed where the hand that goes less far from where it began goes more than a fifth as far as the other.
Of the Auslan signs the other hand goes 0.03 to 0.1 as far in those of one hand and 0.3 to 1.4 in those of two, and
hardly any lies between (28 of 2280 between 0.17 and 0.26).
"""

from collections.abc import Sequence

import numpy as np

from engine.schema.frame import F32

SHARE = 0.2
"""Of the way of the hand that goes farthest, above which the other one signs too."""

Sides = tuple[list[int], list[int]]
"""Channels that say where the left hand is, and where the right one."""


def sides(channels: Sequence[str], motion: Sequence[int]) -> Sides | None:
    """The channels of movement of each hand, by their names; None where they do not name both.

    Args:
        channels: names of all channels.
        motion: numbers of those whose movement counts.
    """
    left, right = ([at for at in motion if channels[at].lower().startswith(side)] for side in ("left", "right"))
    return (left, right) if left and right else None


def count(samples: F32, moving: Sides) -> int:
    """1 or 2 hands that sign in samples (T, C)."""
    less, more = sorted(_reach(samples[:, hand]) for hand in moving)
    return 1 + int(less > SHARE * more)


def _reach(places: F32) -> float:
    """The greatest distance from the first of (T, n) places."""
    return float(np.linalg.norm(places - places[0], axis=1).max())
