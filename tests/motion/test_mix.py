"""Bodies between two others."""

from functools import cache

import numpy as np
import pytest
from motion import bodies

from engine.motion import mix
from engine.motion.core20 import CORE20, NAMES
from engine.motion.heading import Floats, canonical, heading, world
from engine.motion.mix import Mix
from engine.motion.neutral import Stand
from engine.schema.frame import F32, Pose
from engine.schema.skeleton import Skeleton

STEPS = np.linspace(0, 1, 201, dtype=np.float32)
LOOSE = Skeleton(
    names=("one", "two", "three"), parents=(-1, 0, 0), offsets=((0, 1, 0), (1, 0, 0), (-1, 0, 0)), facing=((1, 2),),
    rigid=False,
)  # fmt: skip


@cache
def mixed(skeleton: Skeleton = CORE20) -> Mix:
    return Mix(skeleton)


def pose(positions: F32) -> Pose:
    """Bodies (P, J, 3) with the roots that a family gives."""
    _, places = canonical(positions.astype(np.float64), CORE20)
    return Pose(np.ascontiguousarray(positions, np.float32), roots(places))


def made_up(seed: int) -> Pose:
    """One body of a dance."""
    return pose(bodies.dance(2, seed).positions[:1])


def roots(places: Floats) -> F32:
    """Roots (P, 7) for x, z and yaw (P, 3)."""
    found = np.zeros((len(places), 7), np.float32)
    found[:, 0], found[:, 2] = places[:, 0], places[:, 1]
    found[:, 4], found[:, 6] = np.sin(places[:, 2] / 2), np.cos(places[:, 2] / 2)
    return found


def put(body: Floats, place: Floats) -> Pose:
    """Bodies (P, J, 3) seen from where they stand, put at places (P, 3)."""
    return Pose(world(body, place).astype(np.float32), roots(place))


def blend(one: Pose, two: Pose, shares: F32, skeleton: Skeleton = CORE20) -> Pose:
    out = Pose(np.full_like(one.positions, np.nan), np.full_like(one.root, np.nan))
    mixed(skeleton).blend(one, two, shares, out)
    return out


def way(one: Pose, two: Pose, skeleton: Skeleton = CORE20) -> Pose:
    """All of the way (T, J, 3), (T, 7) from one body to another."""
    count = len(STEPS)
    many = [Pose(np.repeat(end.positions, count, 0), np.repeat(end.root, count, 0)) for end in (one, two)]
    return blend(many[0], many[1], STEPS, skeleton)


def yaw(root: F32) -> bodies.F64:
    return np.asarray(2 * np.arctan2(root[..., 4], root[..., 6]), np.float64)


@pytest.mark.parametrize("skeleton", [CORE20, LOOSE], ids=["rigid", "loose"])
def test_the_ends_come_out_bit_for_bit(skeleton: Skeleton) -> None:
    draw = np.random.default_rng(0)
    joints = len(skeleton.names)
    one, two = (
        Pose(draw.normal(size=(4, joints, 3)).astype(np.float32), draw.normal(size=(4, 7)).astype(np.float32))
        for _ in range(2)
    )
    found = blend(one, two, np.array([0, 1, -0.5, 1.5], np.float32), skeleton)
    for row, end in enumerate((one, two, one, two)):
        assert found.positions[row].tobytes() == end.positions[row].tobytes()
        assert found.root[row].tobytes() == end.root[row].tobytes()


def test_no_share_is_none() -> None:
    one, two = made_up(1), made_up(2)
    np.testing.assert_array_equal(blend(one, two, np.full(1, np.nan, np.float32)).positions, one.positions)


@pytest.mark.parametrize("seed", range(5))
def test_bones_keep_their_length_on_the_whole_way(seed: int) -> None:
    one, two = pose(bodies.dance(300, seed).positions), pose(bodies.dance(300, seed + 50).positions)
    shares = np.random.default_rng(seed).uniform(0, 1, 300).astype(np.float32)
    found = blend(one, two, shares).positions
    assert np.abs(bodies.lengths(found) - bodies.rest_lengths()).max() < 1e-5


def test_each_performer_has_a_share_of_its_own() -> None:
    one, two = pose(bodies.dance(30, 1).positions[::10]), pose(bodies.dance(30, 2).positions[::10])
    shares = np.array([0.2, 0.0, 0.9], np.float32)
    together = blend(one, two, shares)
    for row in range(3):
        first, second = (Pose(end.positions[[row]], end.root[[row]]) for end in (one, two))
        alone = blend(first, second, shares[[row]])
        np.testing.assert_array_equal(together.positions[row], alone.positions[0])
        np.testing.assert_array_equal(together.root[row], alone.root[0])


@pytest.mark.parametrize(("start", "end"), [(0.3, 1.2), (3.0, -3.0), (-3.1, 3.1), (-1.0, -2.5)])
def test_a_heading_takes_the_shorter_way(start: float, end: float) -> None:
    body = bodies.standing()[None].astype(np.float64)
    one, two = (
        Pose(world(body, at).astype(np.float32), roots(at)) for at in np.array([[[0, 0, start]], [[2, 1, end]]])
    )
    found = way(one, two)
    away = (end - start + np.pi) % (2 * np.pi) - np.pi
    np.testing.assert_allclose(np.unwrap(yaw(found.root)), start + STEPS * away, atol=1e-5)
    np.testing.assert_allclose(np.unwrap(heading(found.positions, CORE20)) - heading(one.positions, CORE20),
                               STEPS * away, atol=1e-5)  # fmt: skip
    np.testing.assert_allclose(found.root[:, [0, 2]], STEPS[:, None] * (2, 1), atol=1e-6)
    np.testing.assert_array_equal(found.root[:, 1], 0)


def test_a_body_between_itself_stays_itself() -> None:
    """Wherever it goes and however it turns on the way: a rigid move of a body is one all the way."""
    body, _ = canonical(bodies.standing()[None].astype(np.float64), CORE20)
    here, there = np.array([[1.0, 2.0, 0.4]]), np.array([[-1.0, 0.0, 2.4]])
    found = way(put(body, here), put(body, there))
    expected = world(np.repeat(body, len(STEPS), 0), here + STEPS[:, None] * (there - here))
    np.testing.assert_allclose(found.positions, expected, atol=2e-6)


def test_an_arm_that_is_held_up_comes_down_evenly() -> None:
    """By 170 degrees: linear points with their bones' lengths kept would be 7.7 times as fast in the middle."""
    turns = np.zeros((1, len(NAMES), 3))
    turns[0, NAMES.index("l_shoulder"), 2] = np.pi / 2
    up = pose(bodies.posed(turns).astype(np.float32))
    elbow, shoulder = NAMES.index("l_elbow"), NAMES.index("l_shoulder")
    found = way(up, Stand(CORE20).pose(up.root)).positions
    arm = (found[:, elbow] - found[:, shoulder]).astype(np.float64)
    arm /= np.linalg.norm(arm, axis=1, keepdims=True)
    steps = np.linalg.norm(np.diff(arm, axis=0), axis=1)
    np.testing.assert_allclose(steps, np.radians(170) / (len(STEPS) - 1), rtol=1e-3)


@pytest.mark.parametrize("axis", range(3))
def test_opposite_bones_find_a_way(axis: int) -> None:
    one = [0.0, 0.0, 0.0]
    one[axis] = 0.5
    two = tuple(-value for value in one)
    points = np.array([mix.arc((one[0], one[1], one[2]), (two[0], two[1], two[2]), float(share)) for share in STEPS])
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 0.5, atol=1e-12)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    np.testing.assert_allclose(steps, 0.5 * np.pi / (len(STEPS) - 1), rtol=1e-3)
    np.testing.assert_allclose(points[-1], two, atol=1e-12)


def test_the_way_begins_and_ends_at_the_bodies() -> None:
    """Without a jump from the ends themselves, which are not computed."""
    one, two = made_up(3), made_up(4)
    for share, end in ((1e-6, one), (1 - 1e-6, two)):
        found = blend(one, two, np.full(1, share, np.float32))
        np.testing.assert_allclose(found.positions, end.positions, atol=1e-5)
        np.testing.assert_allclose(found.root, end.root, atol=1e-5)


def test_nobody_is_blended_into_the_floor() -> None:
    """Legs that are bent to the front in one body and to the back in the other are straight on the way."""
    turns = np.zeros((2, len(NAMES), 3))
    for side in "lr":
        turns[0, NAMES.index(f"{side}_hip"), 0] = -1.2
        turns[1, NAMES.index(f"{side}_hip"), 0] = 0.8
    ends = bodies.posed(turns)
    ends[..., 1] -= ends[..., 1].min(1, keepdims=True) - 0.02
    one, two = (pose(end[None].astype(np.float32)) for end in ends)
    found = way(one, two).positions
    np.testing.assert_array_less(0.02 - 1e-6, found[..., 1].min(1))
    assert np.abs(bodies.lengths(found) - bodies.rest_lengths()).max() < 1e-5
    assert np.abs(np.diff(found[:, 0, 1])).max() < 0.02  # the lift is smooth


def test_points_that_are_not_rigid_go_straight_as_their_body_sees_them() -> None:
    draw = np.random.default_rng(6)
    local = draw.normal(size=(2, 1, 3, 3))
    places = draw.normal(size=(2, 1, 3))
    one, two = put(local[0], places[0]), put(local[1], places[1])
    share = np.full(1, 0.3, np.float32)
    found = blend(one, two, share, LOOSE)
    expected = world(0.7 * local[0] + 0.3 * local[1], 0.7 * places[0] + 0.3 * places[1])
    np.testing.assert_allclose(found.positions, expected, atol=1e-6)


def test_it_may_write_into_what_it_reads() -> None:
    ends = [pose(bodies.dance(5, seed).positions) for seed in (1, 2)]
    shares = np.linspace(0, 1, 5, dtype=np.float32)
    expected = blend(ends[0], ends[1], shares)
    for index in range(2):
        own = [Pose(end.positions.copy(), end.root.copy()) for end in ends]
        mixed().blend(own[0], own[1], shares, own[index])
        np.testing.assert_array_equal(own[index].positions, expected.positions)
        np.testing.assert_array_equal(own[index].root, expected.root)


def test_nothing_is_compiled_by_the_first_blend() -> None:
    made = Mix(CORE20)
    compiled = len(mix.blend_bodies.signatures)  # type: ignore[attr-defined]
    ends = [pose(bodies.dance(64, seed).positions) for seed in (1, 2)]
    made.blend(ends[0], ends[1], np.full(64, 0.5, np.float32), ends[0])
    assert len(mix.blend_bodies.signatures) == compiled  # type: ignore[attr-defined]
