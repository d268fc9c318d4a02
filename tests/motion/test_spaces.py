"""Spaces, against worked examples: a raised left arm is a raised left arm, and rotations turn what positions say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.spaces import SPACES, Floats, Space, View

HALF = float(np.sqrt(0.5))

# A body that faces +Z stands at 1 m; its left shoulder is 0.2 m to its left, +X, and 1.4 m high. The arm, 0.6 m to the
# left in a T-pose, is raised by a quarter turn about +Z, and the hand, 0.1 m, then bent forward by a quarter turn.
SHOULDER, HAND = (0.2, 1.4, 1.0), (0.2, 2.0, 1.0)
FINGER = (0.2, 2.0, 1.1)
RAISED = (0.0, 0.0, HALF, HALF)
# As this turn brings the hand's rest, +X, to +Z, it is a quarter turn about -Y.
BENT = (0.0, -HALF, 0.0, HALF)

UNITY = {
    # Unity: +X right, +Y up, +Z forward. Left of the middle is negative x; up and forward stay.
    "shoulder": (-0.2, 1.4, 1.0),
    "hand": (-0.2, 2.0, 1.0),
    "finger": (-0.2, 2.0, 1.1),
    # The arm at rest points to -X. Left-handed turns about +Z lead from +X to +Y, hence from -X to -Y; up is about -Z.
    "raised": (0.0, 0.0, -HALF, HALF),
    # Left-handed turns about +Y lead from +Z to +X, hence from -X to +Z.
    "bent": (0.0, HALF, 0.0, HALF),
}
UNREAL = {
    # Unreal: centimetres, +Z up; a character that faces +Y has its left at +X, as left-handed axes have it.
    "shoulder": (20.0, 100.0, 140.0),
    "hand": (20.0, 100.0, 200.0),
    "finger": (20.0, 110.0, 200.0),
    # From +X up to +Z, about Y: left-handed turns about +Y lead from +Z to +X, hence the other way round.
    "raised": (0.0, -HALF, 0.0, HALF),
    # From +X to +Y, about Z: left-handed turns about +Z lead from +X to +Y.
    "bent": (0.0, 0.0, HALF, HALF),
}
BLENDER = {
    # Blender: right-handed, +Z up; a character faces -Y and has its left at +X.
    "shoulder": (0.2, -1.0, 1.4),
    "hand": (0.2, -1.0, 2.0),
    "finger": (0.2, -1.1, 2.0),
    # From +X to +Z: right-handed turns about +Y lead from +Z to +X, hence about -Y.
    "raised": (0.0, -HALF, 0.0, HALF),
    # From +X to -Y: about -Z.
    "bent": (0.0, 0.0, -HALF, HALF),
}


@pytest.mark.parametrize(("name", "worked"), [("unity", UNITY), ("unreal", UNREAL), ("blender", BLENDER)])
def test_a_raised_left_arm_is_a_raised_left_arm(name: str, worked: dict[str, tuple[float, ...]]) -> None:
    view = View(SPACES[name])
    points = view.points(np.array([SHOULDER, HAND, FINGER], np.float32))
    np.testing.assert_allclose(points, [worked["shoulder"], worked["hand"], worked["finger"]], rtol=1e-6)
    turned = view.quaternions(np.array([RAISED, BENT], np.float32))
    np.testing.assert_allclose(turned, [worked["raised"], worked["bent"]], rtol=1e-6)


def rotate(quaternion: Floats, vector: Floats) -> Floats:
    """A vector turned by a quaternion: the same formula in left- and right-handed axes."""
    axis, w = quaternion[:3], quaternion[3]
    once = 2 * np.cross(axis, vector)
    return np.asarray(vector + w * once + np.cross(axis, once))


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_turned_point_is_the_turned_point_in_every_space(space: Space, seed: int) -> None:
    draw, view = np.random.default_rng(seed), View(space)
    quaternion, vector = draw.normal(size=4), draw.normal(size=3)
    quaternion /= np.linalg.norm(quaternion)
    there = rotate(view.quaternions(quaternion), view.points(vector))
    np.testing.assert_allclose(there, view.points(rotate(quaternion, vector)), atol=1e-6 / space.unit)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_the_table_agrees_with_itself(space: Space) -> None:
    matrix = View(space).points(np.eye(3)).T * space.unit
    assert np.linalg.det(matrix) == pytest.approx({"rh": 1, "lh": -1}[space.hand])
    up = matrix @ (0, 1, 0)
    np.testing.assert_allclose(up, {"y-up": (0, 1, 0), "z-up": (0, 0, 1)}[space.up], atol=1e-6)


def test_our_own_space_changes_nothing_and_others_keep_the_type() -> None:
    points = np.ones((2, 5, 3), np.float32)
    assert View(SPACES["engine"]).points(points) is points
    assert View(SPACES["unreal"]).points(points).dtype == np.float32
    assert View(SPACES["unreal"]).points(points).shape == (2, 5, 3)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_no_zero_is_negative(space: Space) -> None:
    view = View(space)
    assert not np.signbit(view.points(np.zeros((2, 3)))).any()
    assert not np.signbit(view.quaternions(np.array([0.0, 0.0, 0.0, 1.0]))).any()
