"""Bones that keep their length."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from motion import bodies

from engine.motion.bones import Bones
from engine.motion.core20 import CORE20
from engine.schema.skeleton import Skeleton


@st.composite
def trees(draw: st.DrawFn) -> Skeleton:
    """Trees of 2 to 12 joints with bones of 5 cm to 1 m, children before or behind their parents."""
    count = draw(st.integers(2, 12))
    place = draw(st.permutations(range(count)))
    parents = [-1] * count
    for joint in range(1, count):
        parents[place[joint]] = place[draw(st.integers(0, joint - 1))]
    sizes = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    offsets = tuple((0.6 * size, 0.0, -0.8 * size) for size in sizes)
    return Skeleton(names=tuple(map(str, range(count))), parents=tuple(parents), offsets=offsets, facing=())


@settings(deadline=None)  # the first example may have to compile
@given(skeleton=trees(), seed=st.integers(0, 999))
def test_every_bone_gets_its_length_and_keeps_its_direction(skeleton: Skeleton, seed: int) -> None:
    points = np.random.default_rng(seed).normal(0, 1, (len(skeleton.names), 3)).astype(np.float32)
    before = points.copy()
    Bones(skeleton).fit(points)
    assert bodies.worst_bone(points, skeleton) <= 1e-5
    np.testing.assert_array_equal(points[skeleton.root], before[skeleton.root])
    for parent, child in skeleton.edges:
        was, now = (body[child].astype(np.float64) - body[parent] for body in (before, points))
        assert was @ now >= (1 - 1e-4) * np.linalg.norm(was) * np.linalg.norm(now)


def test_a_body_that_fits_stays_as_it_is() -> None:
    body = bodies.standing()
    fitted = body.copy()
    Bones(CORE20).fit(fitted)
    np.testing.assert_allclose(fitted, body, atol=1e-6)


def test_many_bodies_are_fitted_each_for_itself() -> None:
    draw = np.random.default_rng(0)
    many = draw.normal(0, 1, (2, 3, 20, 3)).astype(np.float32)
    alone = many[1, 2].copy()
    Bones(CORE20).fit(many)
    Bones(CORE20).fit(alone)
    np.testing.assert_array_equal(many[1, 2], alone)
    assert bodies.worst_bone(many) <= 1e-5


def test_bodies_that_lie_scattered_in_memory_are_fitted_too() -> None:
    many = np.random.default_rng(0).normal(0, 1, (3, 20, 2, 3)).astype(np.float32)
    view = many.transpose(0, 2, 1, 3)
    Bones(CORE20).fit(view)
    assert bodies.worst_bone(view) <= 1e-5


def test_a_bone_without_a_direction_points_up() -> None:
    body = np.zeros((20, 3), np.float32)
    Bones(CORE20).fit(body)
    assert bodies.worst_bone(body) <= 1e-5
    np.testing.assert_array_equal(body[:, (0, 2)], 0)
    assert (body[1:, 1] > 0).all()


def test_a_bone_of_length_zero_ends_where_it_begins() -> None:
    skeleton = Skeleton(names=("a", "b", "c"), parents=(-1, 0, 1), offsets=((0, 1, 0), (0, 0, 0), (0, 2, 0)), facing=())
    body = np.array([(0, 1, 0), (1, 1, 0), (1, 1, 5)], np.float32)
    Bones(skeleton).fit(body)
    np.testing.assert_array_equal(body, [(0, 1, 0), (0, 1, 0), (0, 1, 2)])


def test_a_body_that_is_no_number_does_not_hide_it() -> None:
    body = bodies.standing()
    body[3] = np.nan
    Bones(CORE20).fit(body)
    assert np.isnan(body[3]).all()
    assert np.isfinite(body[:3]).all()
