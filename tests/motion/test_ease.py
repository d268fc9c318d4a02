"""Curves from 0 to 1."""

from itertools import pairwise

import pytest

from engine.motion.ease import CURVES, ease
from engine.schema.kinds import Easing


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_rises_from_nothing_to_all_and_stays_there(curve: Easing) -> None:
    way = [ease(curve, t / 100) for t in range(-10, 111)]
    assert way[:11] == [0.0] * 11
    assert way[-11:] == [1.0] * 11
    assert all(before < after for before, after in pairwise(way[10:111]))


@pytest.mark.parametrize(("curve", "quarter"), [("linear", 0.25), ("smooth", 0.15625), ("in", 0.0625), ("out", 0.4375)])
def test_each_curve_bends_as_its_name_says(curve: Easing, quarter: float) -> None:
    assert ease(curve, 0.25) == pytest.approx(quarter)
