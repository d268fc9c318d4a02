"""How many hands a sign takes."""

import numpy as np
import pytest

from engine.schema.frame import F32
from export.data import hands

CHANNELS = ("left x", "left y", "left thumb", "Right x", "Right y", "Right thumb")
MOVING = ([0, 1], [3, 4])


def sign(left: float, right: float) -> F32:
    """Hands that go so far and come back; fingers that move all the time."""
    way = np.sin(np.linspace(0, np.pi, 51))
    values = np.full((51, 6), 0.5)
    values[:, 0] += left * way
    values[:, 4] += right * way
    values[:, [2, 5]] = way[:, None] * 5
    return values.astype(np.float32)


@pytest.mark.parametrize(
    ("left", "right", "expected"), [(0, 1, 1), (1, 0, 1), (0.1, 1, 1), (0.3, 1, 2), (1, 0.3, 2), (1, 1, 2), (0, 0, 1)]
)
def test_a_hand_signs_that_goes_more_than_a_fifth_as_far_as_the_other(left: float, right: float, expected: int) -> None:
    assert hands.count(sign(left, right), MOVING) == expected


def test_hands_are_told_by_the_names_of_channels() -> None:
    assert hands.sides(CHANNELS, (0, 1, 3, 4)) == MOVING
    assert hands.sides(CHANNELS, (0, 1)) is None
    assert hands.sides(("channel 1", "channel 2"), (0, 1)) is None
