"""Where bodies stand on the stage."""

import numpy as np
import pytest

from engine.motion.places import Places, turn
from engine.schema.frame import F32, Pose
from engine.schema.show import Place

ROWS = np.array([0, 2])


def pose() -> Pose:
    draw = np.random.default_rng(1)
    positions = draw.normal(size=(3, 4, 3)).astype(np.float32)
    root = np.zeros((3, 7), np.float32)
    root[:, :3] = positions[:, 0] * (1, 0, 1)
    yaw = draw.uniform(-3, 3, 3)
    root[:, 4], root[:, 6] = np.sin(yaw / 2), np.cos(yaw / 2)
    return Pose(positions, root)


def yaws(root: F32) -> F32:
    return np.asarray(2 * np.arctan2(root[:, 4], root[:, 6]))


def test_in_the_middle_nothing_changes() -> None:
    given = pose()
    found = Places(3, 0).taken(given, ROWS)
    np.testing.assert_array_equal(found.positions, given.positions[ROWS])
    np.testing.assert_array_equal(found.root, given.root[ROWS])
    assert found.rotations is None


def test_what_it_gives_is_its_own() -> None:
    given = pose()
    found = Places(3, 0).taken(given, np.arange(3))
    assert not np.shares_memory(found.positions, given.positions)
    assert not np.shares_memory(found.root, given.root)


def test_a_quarter_turn_is_counter_clockwise_from_above() -> None:
    """Y up and right-handed: who faces +Z and turns counter-clockwise faces +X."""
    body = np.array([[[0, 1, 1], [1, 0, 0]]], np.float32)
    root = np.array([[0, 0, 1, 0, 0, 0, 1]], np.float32)
    places = Places(1, 0)
    places.put(0, Place(x=10, z=-5, heading=90))
    found = places.taken(Pose(body, root), np.array([0]))
    np.testing.assert_allclose(found.positions, [[[11, 1, -5], [10, 0, -6]]], atol=1e-6)
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found.root, [[11, 0, -5, 0, half, 0, half]], atol=1e-6)


@pytest.mark.parametrize("heading", [-360.0, -77.0, 0.0, 123.0, 180.0])
def test_a_place_moves_a_body_rigidly(heading: float) -> None:
    places = Places(3, 0)
    places.put(2, Place(x=1.5, z=-2.5, heading=heading))
    given = pose()
    found = places.taken(given, ROWS)
    np.testing.assert_array_equal(found.positions[0], given.positions[0])
    one, other = (body[:, None] - body[None] for body in (found.positions[1], given.positions[2]))
    np.testing.assert_allclose(np.linalg.norm(one, axis=-1), np.linalg.norm(other, axis=-1), atol=1e-5)
    np.testing.assert_allclose(found.positions[1, :, 1], given.positions[2, :, 1])
    np.testing.assert_allclose(
        found.root[1, [0, 2]],
        found.positions[1, 0, [0, 2]],
        atol=1e-6,
    )
    turned = yaws(found.root)[1] - yaws(given.root)[2] - np.radians(heading)
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-6)


def test_the_root_s_rotation_turns_along_and_local_ones_stay() -> None:
    rotations = np.random.default_rng(2).normal(size=(3, 4, 4)).astype(np.float32)
    given = pose()._replace(rotations=rotations)
    places = Places(3, 1)
    places.put(2, Place(heading=90))
    found = places.taken(given, ROWS).rotations
    assert found is not None
    np.testing.assert_array_equal(found[0], rotations[0])
    np.testing.assert_array_equal(
        found[1, [0, 2, 3]],
        rotations[2, [0, 2, 3]],
    )
    x, y, z, w = rotations[2, 1]
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found[1, 1], half * np.array([x + z, y + w, z - x, w - y]), atol=1e-6)


def test_nobody_stands_nowhere() -> None:
    found = Places(3, 0).taken(pose(), np.zeros(0, np.int64))
    assert found.positions.shape == (0, 4, 3)
    assert found.root.shape == (0, 7)


def test_what_is_returned_is_where_it_came_from() -> None:
    places = Places(3, 0)
    places.put(2, Place(x=2.0, z=-1.0, heading=130.0))
    given = pose()
    for row in (0, 2):
        shown = places.taken(given, np.array([row])).root[0]
        before = shown.copy()
        found = places.returned(row, shown)
        np.testing.assert_allclose(found, given.root[row], atol=1e-6)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(shown, before)


def test_nothing_is_compiled_by_the_first_return() -> None:
    made = Places(3, 0)
    compiled = len(turn.signatures)  # type: ignore[attr-defined]
    made.returned(1, pose().root[1])
    assert len(turn.signatures) == compiled  # type: ignore[attr-defined]
