from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from formats.glb_player import Player, play
from recordings import CREDIT, MADE, bare, gaps, keys, only, recorded

from engine.schema.errors import DataError
from export.formats import glb
from export.formats.options import Options
from export.recording import Recording


def written(recording: Recording, folder: Path) -> Player:
    path = folder / "dance.glb"
    glb.write(recording, path, Options())
    return play(path)


def test_the_nodes_are_where_the_joints_were(tmp_path: Path) -> None:
    recording = recorded(40, performers=2, fps=25.0)
    player = written(recording, tmp_path)
    np.testing.assert_allclose(player.times(), np.arange(40) / 25.0, atol=1e-6)
    assert recording.rig is not None
    for key in (0, 17, 39):
        worlds = player.worlds(key)
        for row, performance in enumerate(recording.performers):
            assert performance.joints is not None
            nodes = [player.node(name, row) for name in recording.rig.joints]
            np.testing.assert_allclose(worlds[nodes, :3, 3], performance.joints[key], atol=1e-5)


def test_the_skin_follows_the_bones(tmp_path: Path) -> None:
    recording = recorded(30)
    player, joints = written(recording, tmp_path), recording.performers[0].joints
    assert joints is not None
    for key in (0, 29):
        corners = player.skinned("p1 body", key)
        near = np.linalg.norm(corners[:, None] - joints[key], axis=-1)
        assert near.min(0).max() < 0.16  # flesh around every joint
        assert near.min(1).max() < 0.3  # and none that is left behind: half a thigh at the most


def test_turns_can_be_interpolated(tmp_path: Path) -> None:
    whole = recorded(60)
    (dancer,) = whole.performers
    assert dancer.bones is not None
    flipped = dancer.bones * np.where(np.arange(60) % 2, -1, 1)[:, None, None].astype(np.float32)
    player = written(replace(whole, performers=(replace(dancer, bones=flipped),)), tmp_path)
    turned = [s["output"] for (_, path), s in player.channels.items() if path == "rotation"]
    assert len(turned) > 10
    for output in turned:
        values = player.array(output).astype(np.float64)
        np.testing.assert_allclose(np.linalg.norm(values, axis=1), 1, atol=1e-6)
        assert (values[1:] * values[:-1]).sum(1).min() > 0


def test_bones_that_never_turn_have_no_keys(tmp_path: Path) -> None:
    whole = recorded(20)
    still = replace(whole, performers=(only(whole.performers[0], np.zeros(20, np.intp)),))
    assert [path for _, path in written(still, tmp_path).channels] == ["translation"]


def test_who_is_not_there_has_no_size(tmp_path: Path) -> None:
    player = written(gaps(30), tmp_path)
    sizes = [np.ptp(player.skinned("p2 body", key), axis=0).max() for key in (0, 9, 10, 19, 20, 29)]
    assert [size > 1 for size in sizes] == [False, False, True, True, False, False]
    assert max(sizes[0], sizes[-1]) < 1e-6
    assert np.ptp(player.skinned("p1 body", 0), axis=0).max() > 1


def test_markers_are_balls(tmp_path: Path) -> None:
    recording = bare(gaps(30))
    player = written(recording, tmp_path)
    worlds, skeleton = player.worlds(15), recording.skeleton
    assert skeleton is not None
    assert "skins" not in player.document
    for row, performance in enumerate(recording.performers):
        nodes = [player.node(name, row) for name in skeleton.names]
        np.testing.assert_allclose(worlds[nodes, :3, 3], performance.positions[15], atol=1e-6)
        assert all("mesh" in player.document["nodes"][node] for node in nodes)


def test_it_says_what_it_is(tmp_path: Path) -> None:
    player = written(recorded(30, performers=2), tmp_path)
    asset = player.document["asset"]
    assert asset["copyright"] == CREDIT
    assert asset["generator"].startswith("figurant")
    assert asset["extras"] == {
        "name": "toy dance",
        "fps": 30.0,
        "frames": 30,
        "unit": "metre",
        "licence": "CC0",
        "made": MADE,
    }
    assert [each["name"] for each in player.document["animations"]] == ["toy dance"]
    colours = [each["pbrMetallicRoughness"]["baseColorFactor"] for each in player.document["materials"]]
    assert colours[0] != colours[1]


def test_one_frame_is_a_pose(tmp_path: Path) -> None:
    assert written(recorded(1), tmp_path).times().tolist() == [0.0]


def test_trimesh_opens_it(tmp_path: Path) -> None:
    glb.write(recorded(10, performers=2), tmp_path / "two.glb", Options())
    scene = trimesh.load_scene(tmp_path / "two.glb")
    assert len(scene.geometry) == 2
    for shape in scene.geometry.values():
        assert shape.is_watertight
        assert 1.5 < shape.extents[1] < 1.9


@pytest.mark.parametrize("nothing", [keys(), recorded(0)], ids=["keys", "no frames"])
def test_no_bodies(nothing: Recording, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.glb|frame"):
        glb.write(nothing, tmp_path / "none.glb", Options())
    assert not list(tmp_path.iterdir())
