"""Where a body stands and faces."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from motion import bodies

from engine.motion.core20 import CORE20, NAMES
from engine.motion.heading import canonical, heading, root_deltas, turn, world, wrap

PLACES = st.floats(-50, 50)
YAWS = st.floats(-np.pi, np.pi)
LEFT_HAND, RIGHT_HAND = NAMES.index("l_hand"), NAMES.index("r_hand")


def pose(seed: int) -> bodies.F64:
    """One body (J, 3) with all joints turned at random, in its own frame."""
    bent = bodies.posed(np.random.default_rng(seed).normal(0, 0.4, (1, len(NAMES), 3)))
    return np.asarray(canonical(bent, CORE20)[0][0], np.float64)


def test_a_body_at_rest_faces_forward_with_its_left_at_positive_x() -> None:
    rest = bodies.posed(np.zeros((1, len(NAMES), 3)))[0]
    assert heading(rest, CORE20) == 0
    assert rest[LEFT_HAND, 0] > 0.5
    assert rest[RIGHT_HAND, 0] < -0.5
    assert rest[NAMES.index("l_toe"), 2] > 0.1


def test_a_quarter_turn_brings_forward_to_the_left_and_left_to_the_back() -> None:
    body = bodies.standing().astype(np.float64)
    assert body[LEFT_HAND, 2] > 0.5  # the left arm points forward, the right one to the right
    turned = turn(body, np.array(np.pi / 2))
    assert turned[LEFT_HAND, 0] > 0.5
    assert turned[RIGHT_HAND, 2] > 0.5
    np.testing.assert_allclose(heading(turned, CORE20), np.pi / 2)
    np.testing.assert_allclose(turned[:, 1], body[:, 1])


@given(x=PLACES, z=PLACES, yaw=YAWS, seed=st.integers(0, 99))
def test_seen_from_where_it_stands_every_body_is_the_same(x: float, z: float, yaw: float, seed: int) -> None:
    local = pose(seed)
    found, root = canonical(world(local, np.array([x, z, yaw])), CORE20)
    np.testing.assert_allclose(found, local, atol=1e-12 * (50 + abs(x) + abs(z)))
    np.testing.assert_allclose(root[:2], (x, z), atol=1e-12)
    np.testing.assert_allclose(wrap(root[2] - yaw), 0, atol=1e-9)


@given(shape=st.sampled_from([(), (1,), (3,), (2, 4)]), seed=st.integers(0, 99))
def test_world_undoes_canonical_for_any_leading_axes(shape: tuple[int, ...], seed: int) -> None:
    draw = np.random.default_rng(seed)
    positions = pose(seed) + draw.normal(0, 3, (*shape, 1, 3)) + draw.normal(0, 0.1, (*shape, 20, 3))
    kept = positions.copy()
    local, root = canonical(positions, CORE20)
    assert root.shape == (*shape, 3)
    assert root.dtype == np.float64
    np.testing.assert_allclose(world(local, root), positions, atol=1e-12)
    np.testing.assert_allclose(heading(local, CORE20), 0, atol=1e-12)
    np.testing.assert_allclose(local[..., CORE20.root, (0, 2)], 0, atol=1e-12)
    np.testing.assert_array_equal(positions, kept)


def test_what_is_transformed_keeps_its_dtype() -> None:
    body = bodies.standing()
    local, root = canonical(body, CORE20)
    assert local.dtype == np.float32
    assert root.dtype == heading(body, CORE20).dtype == np.float64
    assert world(local, root).dtype == np.float32


def test_a_body_lying_on_its_side_still_has_a_heading() -> None:
    body = np.zeros((20, 3))
    body[:, 1] = np.arange(20)
    assert np.isfinite(heading(body, CORE20))


def test_steps_of_a_body_walking_a_circle_are_all_the_same() -> None:
    radius, step = 2.0, 0.1
    yaw = 1.0 + step * np.arange(100)  # passes the border between pi and -pi
    left = np.stack([np.cos(yaw), -np.sin(yaw)], -1)
    roots = np.column_stack([(5.0, 7.0) - radius * left, wrap(yaw)])
    deltas = root_deltas(roots)
    expected = (radius * (1 - np.cos(step)), radius * np.sin(step), step)
    np.testing.assert_allclose(deltas, np.tile(expected, (99, 1)), atol=1e-12)


def test_steps_are_seen_from_the_earlier_heading() -> None:
    roots = np.array([(0.0, 0.0, np.pi / 2), (1.0, 0.0, np.pi / 2), (1.0, 2.0, 0.0)])
    # facing +X: a metre along +X is forward, two metres along +Z are to the right
    np.testing.assert_allclose(root_deltas(roots), [(0, 1, 0), (-2, 0, -np.pi / 2)], atol=1e-12)


@given(st.floats(-1e4, 1e4))
def test_wrapped_angles_point_the_same_way(angle: float) -> None:
    wrapped = float(wrap(np.array(angle)))
    assert -np.pi <= wrapped <= np.pi
    np.testing.assert_allclose((np.cos(wrapped), np.sin(wrapped)), (np.cos(angle), np.sin(angle)), atol=1e-9)
