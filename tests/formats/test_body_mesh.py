import numpy as np
import pytest
import trimesh

from engine.motion.core20 import CORE20, TOE_HEIGHT
from engine.motion.rig import Rig, make_rig
from export.drawing import palette
from export.formats.body_mesh import ball, body_mesh, colour
from export.formats.moving import at_rest


@pytest.fixture(scope="module")
def rig() -> Rig:
    found = make_rig(CORE20)
    assert found is not None
    return found


def test_every_part_is_closed_and_seen_from_outside(rig: Rig) -> None:
    mesh = body_mesh(rig)
    shape = trimesh.Trimesh(mesh.positions, mesh.triangles, process=False)
    parts = shape.split(only_watertight=False)
    assert len(parts) == 19 + 2  # a part for each edge of the skeleton, the head and the nose
    assert all(part.is_watertight and part.volume > 0 for part in parts)
    assert (mesh.normals * shape.vertex_normals).sum(-1).min() > 0.9
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-5)


def test_it_stands_on_the_floor_and_has_a_head(rig: Rig) -> None:
    mesh, joints = body_mesh(rig), at_rest(rig)
    assert abs(mesh.positions[:, 1].min()) < TOE_HEIGHT
    head = joints[rig.names.index("head")]
    assert 0.08 < mesh.positions[:, 1].max() - head[1] < 0.15
    front = mesh.positions[np.argmax(np.where(mesh.positions[:, 1] > head[1] - 0.1, mesh.positions[:, 2], -1))]
    assert abs(front[0]) < 0.03  # the nose


def test_left_and_right_are_alike(rig: Rig) -> None:
    low, high = (body_mesh(rig).positions[:, 0].min(), body_mesh(rig).positions[:, 0].max())
    assert low == pytest.approx(-high, abs=1e-4)


def test_a_child_is_a_smaller_body(rig: Rig) -> None:
    small = body_mesh(rig._replace(offsets=rig.offsets / 2)).positions
    np.testing.assert_allclose(small, body_mesh(rig).positions / 2, atol=1e-6)


def test_a_ball_is_round() -> None:
    mesh = ball(0.5)
    np.testing.assert_allclose(np.linalg.norm(mesh.positions, axis=1), 0.5, atol=1e-6)
    assert trimesh.Trimesh(mesh.positions, mesh.triangles, process=False).is_watertight
    assert (mesh.normals * mesh.positions).sum(1).min() > 0.45


def test_colours_are_those_of_the_pictures_as_light() -> None:
    for row in range(10):
        srgb = np.array(palette.performer(row))[::-1] / 255
        light = np.array(colour(row))
        np.testing.assert_allclose(1.055 * light ** (1 / 2.4) - 0.055, srgb, atol=1e-9)
    assert colour(0) == colour(8) != colour(1)
