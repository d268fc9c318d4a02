"""When two evaluations say the same."""

import math

import pytest

from export.gate import Figure, compare, of_dance, worst
from export.metrics.report import Metric, Report

LIMIT = 0.02


def report(*metrics: Metric) -> Report:
    return Report(
        model="m",
        file="m.onnx",
        data="cmu",
        held_out=("a",),
        minutes=1.0,
        frames=1800,
        seeds=(1, 2),
        temperature=1.0,
        metrics=metrics,
        notes=(),
        passed=True,
    )


def metric(name: str, value: float | None, *, spread: float | None = None, high: float | None = None) -> Metric:
    known: dict[str, float | None] = {"constant_velocity": -3.7} if name == "nll" else {}
    return Metric(name=name, unit="", value=value, spread=spread, low=0.1, high=high, baseline=known, passed=True)


def kept(before: Metric, after: Metric) -> bool:
    return worst(compare(of_dance(report(before)), of_dance(report(after)), LIMIT)) is None


@pytest.mark.parametrize(("after", "passes"), [(-4.72, True), (-4.67, False), (-4.73, False), (-4.7, True)])
def test_a_likelihood_moves_by_its_distance_to_the_simplest_predictor(after: float, passes: bool) -> None:  # noqa: FBT001
    before = -4.701  # a nat better than -3.701: 0.02 nats, where 2 % of itself would be 0.09
    assert kept(metric("nll", before), metric("nll", after)) is passes


def test_a_free_run_moves_as_much_as_between_seeds_and_no_more() -> None:
    assert not kept(metric("jerk", 186.0), metric("jerk", 192.0))
    assert kept(metric("jerk", 186.0), metric("jerk", 189.0))
    assert kept(metric("jerk", 186.0, spread=9.6), metric("jerk", 192.0))
    assert not kept(metric("jerk", 186.0, spread=9.6), metric("jerk", 196.0))


def test_what_may_be_nothing_is_measured_by_its_ceiling() -> None:
    ceiling = Metric(name="freeze", unit="", value=0.0, spread=0.0, high=4.0, passed=True)
    moved = Metric(name="freeze", unit="", value=0.07, spread=0.0, high=4.0, passed=True)
    assert kept(ceiling, moved)
    assert not kept(ceiling, Metric(name="freeze", unit="", value=0.09, spread=0.0, high=4.0, passed=True))


def test_a_target_that_was_reached_has_to_be_reached_again() -> None:
    changes = compare((Figure("r", 0.6, 0.6, passed=True),), (Figure("r", 0.599, 0.6, passed=False),), LIMIT)
    assert changes[0].missed
    assert worst(changes) is changes[0]
    failed = compare((Figure("r", 0.5, 0.5, passed=False),), (Figure("r", 0.499, 0.5, passed=False),), LIMIT)
    assert worst(failed) is None


@pytest.mark.parametrize(("before", "after", "passes"), [(1.0, math.nan, False), (math.nan, 1.0, False)])
def test_what_cannot_be_measured_any_more_is_no_pass(before: float, after: float, passes: bool) -> None:  # noqa: FBT001
    changes = compare((Figure("drift", before, 1.0),), (Figure("drift", after, 1.0),), LIMIT)
    assert (worst(changes) is None) is passes
    assert worst(compare((Figure("drift", 1.0, 1.0),), (), LIMIT)) is not None
    assert worst(compare((Figure("drift", math.nan),), (Figure("drift", math.nan),), LIMIT)) is None


def test_the_worst_is_furthest_beyond_its_limit() -> None:
    before = (Figure("a", 100.0, 100.0), Figure("b", 1.0, 1.0), Figure("c", 1.0, 1.0))
    after = (Figure("a", 103.0, 100.0), Figure("b", 1.5, 1.0), Figure("c", 1.001, 1.0))
    found = worst(compare(before, after, LIMIT))
    assert found is not None
    assert found.metric == "b"


def test_figures_without_a_target_are_not_asked() -> None:
    free = Metric(name="nearest", unit="cm", value=10.0)
    assert of_dance(report(free)) == ()
