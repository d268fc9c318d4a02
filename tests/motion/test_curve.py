"""The curve through the frames of performers who come and go."""

import numpy as np
import pytest
from motion.bodies import standing, worst_bone

from engine.motion.core20 import CORE20
from engine.motion.curve import Curve, blend, find_velocities
from engine.motion.interpolate import STILL
from engine.schema.frame import F32, Frame, Pose, Quality

LEG = CORE20.legs[0]


def body(count: float, x: float = 0.0) -> F32:
    """The standing body (20, 3), led around a circle of half a metre in the middle of `x` at 1 Hz."""
    around = 2 * np.pi * count / 30
    return np.asarray(standing() + np.array([x + 0.5 * np.cos(around), 0, 0.5 * np.sin(around)]), np.float32)


def frame(count: int, *performers: int) -> Frame:
    positions = np.array([body(count, number) for number in performers], np.float32).reshape(-1, 20, 3)
    root = np.zeros((len(performers), 7), np.float32)
    root[:, :3] = positions[:, CORE20.root] * (1, 0, 1)
    root[:, 4], root[:, 6] = np.sin(count / 60), np.cos(count / 60)
    return Frame(count, 0, Pose(positions, root), (Quality.GOOD,) * len(performers), performers)


def through(*frames: Frame) -> Curve:
    """A curve that stands at the third-last frame."""
    curve = Curve(CORE20)
    for known in frames:
        if curve.ahead == 2:
            curve.go()
        curve.add(known)
    return curve


def test_it_passes_through_both_frames_and_near_the_true_way_between_them() -> None:
    curve = through(*(frame(count, 1) for count in range(12)))
    assert curve.here.sequence == 9
    for share, within in ((0.0, 2e-6), (0.5, 5e-4), (1.0 - 1e-7, 2e-6)):
        pose, performers = curve.between(share)
        assert performers == (1,)
        assert pose.positions[0] == pytest.approx(body(9 + share, 1), abs=within)
        place = body(9 + share, 1)[CORE20.root]
        assert pose.root[0, :3] == pytest.approx(place * (1, 0, 1), abs=within)
        assert pose.root[0, [4, 6]] == pytest.approx([np.sin((9 + share) / 60), np.cos((9 + share) / 60)], abs=1e-5)


def test_bones_keep_their_length_between_frames() -> None:
    stretched = [frame(count, 1) for count in range(5)]
    for count, each in enumerate(stretched):
        each.pose.positions[:] *= 1 + 0.1 * count
    pose, _ = through(*stretched).between(0.5)
    assert worst_bone(pose.positions) < 1e-5


def test_who_comes_or_goes_is_shown_between_frames_that_both_have_and_changes_nobody_else() -> None:
    alone = through(*(frame(count, 2) for count in range(5))).between(0.3)[0]
    changing = through(frame(0, 2), frame(1, 1, 2), frame(2, 1, 2, 3), frame(3, 2, 3), frame(4, 2, 3)).between(0.3)
    pose, performers = changing
    assert performers == (2, 3)
    assert np.array_equal(pose.positions[0], alone.positions[0])
    assert np.array_equal(pose.root[0], alone.root[0])
    assert pose.positions[1] == pytest.approx(body(2.3, 3), abs=3e-3)


@pytest.mark.parametrize("casts", [((), (1,), (1,), ()), ((1,), (1,), (1,), ()), ((), (1,), (1,), (1,))])
def test_a_neighbour_that_is_missing_is_done_without(casts: tuple[tuple[int, ...], ...]) -> None:
    curve = through(*(frame(count, *cast) for count, cast in enumerate(casts)))
    pose, performers = curve.between(0.5)
    assert performers == (1,)
    assert pose.positions[0] == pytest.approx(body(1.5, 1), abs=5e-3)


def test_who_returns_is_not_led_by_what_it_did_before() -> None:
    def last(early: tuple[int, ...]) -> F32:
        others = [frame(count, *early) for count in range(4)]
        frames = [*others, frame(4, 2), frame(5, 1), frame(6, 1), frame(7, 1)]
        return through(*frames).between(0.5)[0].positions

    assert np.array_equal(last((1,)), last(()))


def test_nobody_is_no_body() -> None:
    pose, performers = through(frame(0), frame(1), frame(2)).between(0.5)
    assert (pose.positions.shape, pose.root.shape, performers) == ((0, 20, 3), (0, 7), ())


def test_a_foot_that_stands_does_not_move_while_the_body_goes_on() -> None:
    """The body sinks and sways over feet that stay; without holding them the curve would let the toes slide."""
    frames = [frame(0, 1) for _ in range(5)]
    for each, sink in zip(frames, (0.0, 0.02, 0.06, 0.0, 0.03), strict=True):
        each.pose.positions[0] = standing(0.3 + sink)
        each.pose.positions[0] -= each.pose.positions[0, LEG.toe] * (1, 0, 1)
    curve = through(*frames)
    for share in (0.25, 0.5, 0.75):
        pose, _ = curve.between(share)
        assert np.abs(pose.positions[0, LEG.toe, [0, 2]]).max() < 1e-6


def test_a_foot_that_comes_to_a_stop_does_not_slide_beyond() -> None:
    frames = [frame(0, 1) for _ in range(6)]
    for each, x in zip(frames, (-0.3, -0.2, -0.1, 0.0, 0.5 * STILL, 0.5 * STILL), strict=True):
        each.pose.positions[0] = standing() + np.array([x, 0, 0])
    toe = standing()[LEG.toe, 0]
    curve = through(*frames)
    assert curve.here is frames[3]
    for share in np.linspace(0.05, 0.95, 10):
        pose, _ = curve.between(float(share))
        assert pose.positions[0, LEG.toe, 0] - toe == pytest.approx(0.5 * STILL * share, abs=1e-6)


def test_it_is_compiled_before_the_first_frame() -> None:
    Curve(CORE20)
    kernels = blend, find_velocities
    before = [len(getattr(kernel, "signatures")) for kernel in kernels]  # noqa: B009
    through(*(frame(count, 1, 2) for count in range(5))).between(0.5)
    assert [len(getattr(kernel, "signatures")) for kernel in kernels] == before  # noqa: B009
