"""The One-Euro filter does what its definition promises."""

import math

import numpy as np
import pytest
from motion.bodies import dance, worst_bone

from engine.motion.core20 import CORE20
from engine.motion.heading import Floats
from engine.motion.one_euro import RATE_CUTOFF, OneEuro, low_pass_points, low_pass_turns, way
from engine.motion.rig import make_rig
from engine.schema.frame import F32, Body, Frame, Pose, Quality
from engine.schema.skeleton import Skeleton

POINT = Skeleton(names=("tip",), parents=(-1,), offsets=((0, 0, 0),), facing=(), rigid=False)
FPS = 60.0

BODY = dance(2, 3).positions[:1]


def frame(positions: Floats, *, quality: Quality = Quality.GOOD, performers: tuple[int, ...] = (1,)) -> Frame:
    bodies = np.asarray(positions, np.float32)
    root = np.zeros((len(bodies), 7), np.float32)
    root[:, 6] = 1
    return Frame(0, 0, Pose(bodies, root), (quality,) * len(bodies), performers)


def point(x: float) -> Frame:
    return frame(np.array([[(x, 0, 0)]]))


def shown(each: OneEuro, given: Frame) -> F32:
    each.watch(given)
    return each.smooth(given).pose.positions.copy()


def track(each: OneEuro, xs: list[float]) -> list[float]:
    return [float(shown(each, point(x))[0, 0, 0]) for x in xs]


def weight(cutoff: float) -> float:
    """Of the newest value, by the paper: 1 / (1 + tau / Te), tau = 1 / (2 pi cutoff)."""
    return 1 / (1 + FPS / (2 * math.pi * cutoff))


def reference(xs: list[float], cutoff: float, beta: float) -> list[float]:
    """Algorithms 1 and 2 of the paper, written down as they stand there."""
    last, speed, out = xs[0], 0.0, []
    for x in xs:
        speed = weight(RATE_CUTOFF) * (x - last) * FPS + (1 - weight(RATE_CUTOFF)) * speed
        share = weight(cutoff + beta * abs(speed))
        last = share * x + (1 - share) * last
        out.append(last)
    return out


def test_it_is_the_papers_filter() -> None:
    draw = np.random.default_rng(2)
    xs = np.cumsum(draw.normal(0, 0.02, 200)).tolist()
    found = track(OneEuro(POINT, fps=FPS, cutoff=1.2, beta=3.0), xs)
    assert found == pytest.approx(reference(xs, 1.2, 3.0), abs=1e-5)


def test_what_rests_stays_exactly_where_it_is() -> None:
    each = OneEuro(CORE20, fps=FPS, cutoff=1, beta=1)
    for _ in range(100):
        assert shown(each, frame(BODY)) == pytest.approx(BODY, abs=1e-6)


def test_without_beta_a_step_is_answered_as_by_a_low_pass() -> None:
    found = track(OneEuro(POINT, fps=FPS, cutoff=2, beta=0), [0.0] + [1.0] * 60)
    assert found == pytest.approx([1 - (1 - weight(2)) ** n for n in range(61)], abs=1e-5)


def test_beta_makes_it_lag_less_and_the_cutoff_tremble_less() -> None:
    still = np.random.default_rng(1).normal(0, 0.005, 600).tolist()
    moving = (np.arange(300) / FPS).tolist()

    def trembling(cutoff: float) -> float:
        return float(np.std(track(OneEuro(POINT, fps=FPS, cutoff=cutoff, beta=0), still)))

    def lag(beta: float) -> float:
        return float(moving[-1]) - track(OneEuro(POINT, fps=FPS, cutoff=1, beta=beta), moving)[-1]

    assert trembling(0.5) < 0.5 * trembling(3) < 0.35 * float(np.std(still))
    assert lag(0) == pytest.approx((1 - weight(1)) / weight(1) / FPS, rel=0.01)
    assert lag(1) < 0.4 * lag(0)
    assert lag(10) < 0.1 * lag(0)


def test_it_filters_alike_in_every_direction() -> None:
    xs = np.cumsum(np.random.default_rng(2).normal(0, 0.02, 100))
    aslant = np.array([0.6, 0.0, 0.8])
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=2)
    found = [shown(each, frame((x * aslant)[None, None]))[0, 0] for x in xs]
    straight = track(OneEuro(POINT, fps=FPS, cutoff=1, beta=2), xs.tolist())
    assert np.array(found) == pytest.approx(np.array(straight)[:, None] * aslant, abs=1e-5)


def test_bones_have_their_length_afterwards() -> None:
    each = OneEuro(CORE20, fps=30, cutoff=0.5, beta=0.5)
    bodies = np.concatenate([shown(each, frame(body[None])) for body in dance(60, 4).positions])
    assert worst_bone(bodies) < 1e-5
    assert np.abs(bodies - dance(60, 4).positions).max() > 0.05


def test_each_performer_has_a_memory_of_its_own_whichever_row_it_stands_in() -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=1)
    shown(each, frame(np.array([[(0, 0, 0)], [(5, 0, 0)]]), performers=(1, 3)))
    both = shown(each, frame(np.array([[(9, 0, 0)], [(5, 0, 0)]]), performers=(2, 3)))
    assert both[:, 0, 0] == pytest.approx([9, 5])


@pytest.mark.parametrize("how", ["returned", "primed", "primed in a frame that was not shown"])
def test_who_appears_or_starts_again_is_shown_where_it_is(how: str) -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=0)
    shown(each, point(0))
    there = point(4)
    if how == "returned":
        each.watch(frame(np.zeros((0, 1, 3)), performers=()))
    elif how == "primed":
        there = there._replace(quality=(Quality.PRIMED,))
    else:
        each.watch(there._replace(quality=(Quality.PRIMED | Quality.GUARDED,)))
    assert shown(each, there)[0, 0, 0] == 4
    assert shown(each, point(0))[0, 0, 0] > 3


def test_nothing_of_an_earlier_dance_is_left_after_a_fresh_start() -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=5)
    track(each, np.linspace(0, 5, 30).tolist())
    each.watch(frame(np.zeros((0, 1, 3)), performers=()))
    later = np.linspace(2, 2.2, 10).tolist()
    assert track(each, later) == track(OneEuro(POINT, fps=FPS, cutoff=1, beta=5), later)


def turn(angle: float) -> F32:
    return np.array([0, math.sin(angle / 2), 0, math.cos(angle / 2)], np.float32)


@pytest.mark.parametrize("angle", [0.0, 1e-6, 0.1, -2.0, 3.1])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_way_between_rotations_is_the_shorter_one(angle: float, sign: int) -> None:
    assert way(turn(0.2), sign * turn(0.2 + angle)) == pytest.approx((0, angle, 0), abs=3e-7)


def test_rotations_headings_and_bones_follow_by_the_same_law_along_the_shorter_way() -> None:
    rig = make_rig(CORE20)
    assert rig is not None
    each = OneEuro(CORE20, fps=FPS, cutoff=1, beta=0.7)
    angles = np.cumsum(np.random.default_rng(3).normal(0, 0.2, 80)).tolist()
    wanted = reference(angles, 1, 0.7)
    for number, (radians, expected) in enumerate(zip(angles, wanted, strict=True)):
        sign = -1 if number % 3 == 0 else 1
        given = frame(BODY)
        rotation = sign * turn(radians)
        rotations = np.tile(rotation, (1, 20, 1))
        root = np.concatenate([[0, 0, 0], rotation]).astype(np.float32)[None]
        body = Body(given.pose.positions, np.tile(rotation, (1, len(rig.names), 1)))
        given = given._replace(pose=Pose(given.pose.positions, root, rotations, body))
        each.watch(given)
        pose = each.smooth(given).pose
        assert pose.rotations is not None
        assert pose.body is not None
        assert pose.body.joints.shape == (1, 20, 3)
        for found in (pose.rotations[0, 7], pose.root[0, 3:], pose.body.bones[0, -1]):
            assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
            assert way(turn(expected), found) == pytest.approx((0, 0, 0), abs=1e-5)


def test_the_frame_that_comes_in_is_left_as_it_is() -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=1)
    shown(each, point(0))
    given = point(1)
    each.smooth(given)
    assert given.pose.positions[0, 0, 0] == 1


@pytest.mark.parametrize("cutoff", [0.0, -1.0, float("nan")])
def test_no_cutoff_is_refused(cutoff: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        OneEuro(POINT, fps=FPS, cutoff=cutoff, beta=1)


@pytest.mark.parametrize("performers", [(1,), (1, 2)])
def test_it_is_compiled_before_the_first_frame(performers: tuple[int, ...]) -> None:
    """Places and headings of several roots lie apart in memory, which is another kernel."""
    each, count = OneEuro(CORE20, fps=FPS, cutoff=1, beta=1), len(performers)
    kernels = low_pass_points, low_pass_turns
    bodies = np.tile(BODY, (count, 1, 1))
    turns, bones = np.tile(turn(0.1), (count, 20, 1)), np.tile(turn(0.1), (count, 25, 1))
    given = frame(bodies, performers=performers)
    given = given._replace(pose=given.pose._replace(rotations=turns, body=Body(bodies, bones)))
    before = [len(getattr(kernel, "signatures")) for kernel in kernels]  # noqa: B009
    shown(each, given)
    assert [len(getattr(kernel, "signatures")) for kernel in kernels] == before  # noqa: B009


def test_another_cutoff_counts_from_the_next_frame_on_and_nothing_jumps() -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=0)
    first = track(each, [0.0, 1.0])[-1]
    each.tune(10.0)
    assert track(each, [1.0])[0] == pytest.approx(first + weight(10.0) * (1 - first))
    with pytest.raises(ValueError, match="0"):
        each.tune(0.0)


def test_who_is_forgotten_is_shown_where_it_is() -> None:
    each = OneEuro(POINT, fps=FPS, cutoff=1, beta=0)
    track(each, [0.0, 1.0])
    each.forget()
    assert track(each, [5.0]) == [5.0]
