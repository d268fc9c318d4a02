"""Targets and how they are judged."""

import msgspec
import pytest
import tiny

from export.metrics import measures, targets

NAN = float("nan")


def target(kind: tuple[targets.Target, ...], name: str) -> targets.Target:
    return next(one for one in kind if one.metric == name)


@pytest.mark.parametrize(
    ("name", "known", "good", "bad"),
    [
        ("nll", {"constant_velocity": -3.2}, (-4.0, -9.0), (-3.99, NAN)),
        ("bone", {}, (0.0, 0.1), (0.11,)),
        ("jerk", {"real_train": 200.0}, (140.0, 260.0), (139.0, 261.0, NAN)),
        ("freeze", {"real_train": 3.4}, (0.0, 4.4), (4.5, 100.0)),
        ("skate", {"real_train": 27.0}, (0.0, 35.0), (35.2,)),
        ("frechet", {"real_test": 20.0}, (0.0, 40.0), (40.1,)),
        ("coverage", {}, (60.0, 100.0), (59.9,)),
        ("guard", {}, (0.0,), (1.0,)),
        ("reach", {"other_condition": 20.0}, (50.0, 90.0), (49.0,)),
        ("reach", {"other_condition": 70.0}, (71.0,), (70.0, 60.0)),
    ],
)
def test_the_cmu_targets(name: str, known: dict[str, float], good: tuple[float, ...], bad: tuple[float, ...]) -> None:
    limits = target(targets.CMU, name).limits(known)
    assert all(limits.holds(value) for value in good)
    assert not any(limits.holds(value) for value in bad)


def test_the_seed_targets_are_those_of_the_markers() -> None:
    assert target(targets.SEED55, "nll").limits({"constant_velocity": -3.34}).high == pytest.approx(-3.85)
    assert target(targets.SEED55, "nearest").limits({}).high == 7
    speed = target(targets.SEED55, "speed").limits({"real_train": 2.0})
    assert (speed.low, speed.high) == pytest.approx((1.7, 2.3))


@pytest.mark.parametrize("name", ["nll", "jerk", "freeze", "skate", "frechet", "reach"])
def test_nothing_holds_where_the_recordings_are_missing(name: str) -> None:
    limits = target(targets.CMU, name).limits({})
    assert not any(limits.holds(value) for value in (-1e9, 0.0, 55.0, 1e9))


def test_every_target_asks_for_a_metric_that_exists_and_says_why() -> None:
    for one in (*targets.CMU, *targets.SEED55):
        assert one.metric in measures.UNITS
        assert one.reason


def test_the_set_is_that_of_the_data_or_of_the_body() -> None:
    spec = tiny.scripted_spec()
    assert targets.choose(spec)[0] == "cmu"
    assert targets.choose(msgspec.structs.replace(spec, training={"data": "seed55"}))[0] == "seed55"
    body = msgspec.structs.replace(
        tiny.SKELETON,
        names=tuple(f"m{index}" for index in range(55)),
        parents=(-1, *[0] * 54),
        offsets=((0.0, 1.0, 0.0),) * 55,
    )
    assert targets.choose(msgspec.structs.replace(spec, skeleton=body))[0] == "seed55"
