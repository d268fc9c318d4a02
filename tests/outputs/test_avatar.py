"""Avatars from files: four ways to write the same one, and what is no avatar."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outputs import avatars

from engine.outputs import _avatar, _gltf
from engine.schema.errors import DataError


@pytest.mark.parametrize(
    ("make", "name"),
    [(avatars.vrm0, "a.vrm"), (avatars.vrm1, "a.vrm"), (avatars.mixamo, "a.glb"), (avatars.small, "a.json")],
    ids=["vrm0", "vrm1", "mixamo", "small"],
)
def test_an_avatar_stands_where_its_file_says(make: Callable[[Path], Path], name: str, tmp_path: Path) -> None:
    found = _avatar.read(make(tmp_path / name))
    assert found.keys() == avatars.PLACES.keys()
    for bone, place in avatars.PLACES.items():
        np.testing.assert_allclose(found[bone], place, atol=1e-6, err_msg=bone)


def test_nodes_with_unitys_own_names_are_understood(tmp_path: Path) -> None:
    found = _avatar.read(avatars.glb(tmp_path / "a.glb", {"nodes": avatars.nodes()}))
    np.testing.assert_allclose(found["LeftHand"], avatars.PLACES["LeftHand"])


def test_a_matrix_is_read_column_by_column(tmp_path: Path) -> None:
    # A quarter turn about Z brings +X up, and the parent stands at (1, 2, 3).
    turn = [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 1]
    tree = [{"matrix": turn, "children": [1]}, {"translation": [0.5, 0, 0], "scale": [2, 2, 2], "children": [2]}]
    path = avatars.glb(tmp_path / "a.glb", {"nodes": [*tree, {"translation": [0, 0, 0.25]}]})
    np.testing.assert_allclose(_gltf.places(_gltf.read(path), "a"), [(1, 2, 3), (1, 2.5, 3), (1, 2.5, 3.5)])


@pytest.mark.parametrize("bone", ["LeftHand", "Head"])
def test_the_nearest_bone_above_is_found(bone: str) -> None:
    assert _avatar.ancestor(bone, {"Hips": 0, "LeftUpperArm": 0}) == {"LeftHand": "LeftUpperArm", "Head": "Hips"}[bone]
    assert _avatar.ancestor("Hips", {}) is None


def tree(**changes: Any) -> dict[str, Any]:
    made = avatars.nodes()
    made[0] |= changes
    return {"nodes": made}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, "an avatar without Hips, LeftUpperLeg, RightUpperLeg"),
        (tree(children=[999]), "a node with no place in the tree"),
        (tree(children=[-1]), "a node with no place in the tree"),
        (tree(children=[1, 1]), "a node with no place in the tree"),
        ({"nodes": [*avatars.nodes(), {"children": [18]}, {"children": [17]}]}, "nodes in a circle"),
        (tree(scale=[1e300, 1e300, 1e300], translation=[1e300, 1e300, 1e300]), "a bone 50 m and more away"),
        (tree(scale=[1e309, 0, 0]), "broken JSON|a bone 50 m and more away"),
        (
            {
                "nodes": [
                    *avatars.nodes()[:-1],
                    {"children": [0], "scale": [1e308, 1e308, 1e308], "rotation": [9, 9, 9, 9]},
                ]
            },
            "a bone 50 m",
        ),
        (tree(translation=[0, 100, 0]), "a bone 50 m and more away"),
        (tree(translation=[0, -1, 0]), "hips that do not stand above the floor"),
        (tree(translation=[0, 1]), "broken JSON"),
        ({"nodes": [{}] * 20_001}, "broken JSON"),
        ([], "broken JSON"),
        (
            {**tree(), "extensions": {"VRM": {"humanoid": {"humanBones": [{"bone": "hips", "node": 99}]}}}},
            "a bone without a node",
        ),
        (
            {**tree(), "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": -1}}}}}},
            "a bone without a node",
        ),
    ],
)
def test_what_is_no_avatar_is_refused_and_the_file_named(document: object, found: str, tmp_path: Path) -> None:
    path = avatars.glb(tmp_path / "a.glb", document)
    with pytest.raises(DataError, match=found) as caught:
        _avatar.read(path)
    assert caught.value.place == str(path)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "0 bytes"),
        (b"PK\3\4 and more than twenty bytes", "begin with b'PK"),
        (struct.pack("<4sIII4s", b"glTF", 1, 20, 0, b"JSON"), "version 1"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 0, b"BIN\0"), r"first chunk b'BIN\\x00'"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 2**32 - 1, b"JSON"), "of 4294967295 bytes"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 100, b"JSON") + b"{}", "2 of 100 bytes of JSON"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 4, b"JSON") + b"\xff{}}", "broken JSON"),
        (struct.pack("<4sIII4s", b"glTF", 2, 20, 200_000, b"JSON") + b"[" * 200_000, "broken JSON"),
    ],
)
def test_what_is_no_binary_gltf_is_refused(data: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / "a.vrm").write_bytes(data)
    with pytest.raises(DataError, match=found):
        _avatar.read(tmp_path / "a.vrm")


def hips(**changes: Any) -> dict[str, Any]:
    return {"bones": {"Hips": {"parent": None, "position": [0, 1, 0]} | changes}}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (hips(parent="Hips"), "'Hips' that does not hang on one without a parent"),
        (hips(parent="Spine"), "'Hips' that does not hang on one without a parent"),
        (hips(), "an avatar without LeftUpperLeg, RightUpperLeg"),
        (hips(rotation=[0, 0, 0, 1]), "broken JSON"),
        ({"bones": {"Tail": {"parent": None, "position": [0, 1, 0]}}}, "a bone 'Tail'"),
        ({}, "broken JSON"),
        ({"bones": {}, "more": " " * 2**20}, "more than 1048576 bytes"),
    ],
)
def test_what_is_no_small_file_is_refused(document: object, found: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document))
    with pytest.raises(DataError, match=found):
        _avatar.read(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["none.json", "none.vrm"])
def test_a_file_that_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it cannot be read"):
        _avatar.read(tmp_path / name)
