"""Files of avatars, made in a test: a few bones as VRM 0.x, VRM 1.0, with Mixamo's names, or as our small file."""

import json
import struct
from pathlib import Path
from typing import Any

PLACES: dict[str, tuple[float, float, float]] = {
    "Hips": (0.0, 1.0, 0.1),
    "Spine": (0.0, 1.1, 0.1),
    "Chest": (0.0, 1.25, 0.1),
    "UpperChest": (0.0, 1.4, 0.1),
    "Neck": (0.0, 1.5, 0.1),
    "Head": (0.0, 1.6, 0.1),
    "LeftUpperArm": (0.2, 1.45, 0.1),
    "LeftLowerArm": (0.5, 1.45, 0.1),
    "LeftHand": (0.75, 1.45, 0.1),
    "RightUpperArm": (-0.2, 1.45, 0.1),
    "LeftUpperLeg": (0.1, 0.95, 0.1),
    "LeftLowerLeg": (0.1, 0.5, 0.1),
    "LeftFoot": (0.1, 0.1, 0.1),
    "RightUpperLeg": (-0.1, 0.95, 0.1),
    "RightLowerLeg": (-0.1, 0.5, 0.1),
    "RightFoot": (-0.1, 0.1, 0.1),
}
"""Where bones stand at rest, metres, facing +Z; without shoulders."""

PARENTS = {
    "Spine": "Hips",
    "Chest": "Spine",
    "UpperChest": "Chest",
    "Neck": "UpperChest",
    "Head": "Neck",
    "LeftUpperArm": "UpperChest",
    "LeftLowerArm": "LeftUpperArm",
    "LeftHand": "LeftLowerArm",
    "RightUpperArm": "UpperChest",
    "LeftUpperLeg": "Hips",
    "LeftLowerLeg": "LeftUpperLeg",
    "LeftFoot": "LeftLowerLeg",
    "RightUpperLeg": "Hips",
    "RightLowerLeg": "RightUpperLeg",
    "RightFoot": "RightLowerLeg",
}

MIXAMO = {
    "Chest": "Spine1",
    "UpperChest": "Spine2",
    "LeftUpperArm": "LeftArm",
    "LeftLowerArm": "LeftForeArm",
    "RightUpperArm": "RightArm",
    "LeftUpperLeg": "LeftUpLeg",
    "LeftLowerLeg": "LeftLeg",
    "RightUpperLeg": "RightUpLeg",
    "RightLowerLeg": "RightLeg",
}


def glb(path: Path, document: object) -> Path:
    """A binary glTF file of a description, with an empty second chunk."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", 0, b"BIN\0")
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


def nodes(*, facing: int = 1, prefix: str = "") -> list[dict[str, Any]]:
    """A tree of nodes below an armature; `facing` -1 is +Z behind."""
    names = list(PLACES)
    made: list[dict[str, Any]] = []
    for name in names:
        parent = PLACES[PARENTS[name]] if name in PARENTS else (0.0, 0.0, 0.0)
        x, y, z = (own - above for own, above in zip(PLACES[name], parent, strict=True))
        children = [names.index(child) for child, above in PARENTS.items() if above == name]
        node = {"name": f"{prefix}{MIXAMO.get(name, name) if prefix else name}", "children": children}
        made.append({**node, "translation": [facing * x, y, facing * z]})
    return [*made, {"name": "Armature", "children": [0]}]


def vrm0(path: Path) -> Path:
    """VRM 0.x, facing -Z; nodes without telling names."""
    bones = [{"bone": name[0].lower() + name[1:], "node": node, "useDefaultValues": True} for node, name in numbered()]
    tree = [{**node, "name": f"n{number}"} for number, node in enumerate(nodes(facing=-1))]
    return glb(path, {"nodes": tree, "extensions": {"VRM": {"humanoid": {"humanBones": bones}, "meta": {}}}})


def vrm1(path: Path) -> Path:
    """VRM 1.0, facing +Z; nodes without telling names."""
    bones = {name[0].lower() + name[1:]: {"node": node} for node, name in numbered()}
    tree = [{**node, "name": f"n{number}"} for number, node in enumerate(nodes())]
    extension = {"specVersion": "1.0", "humanoid": {"humanBones": bones}}
    return glb(path, {"asset": {"version": "2.0"}, "nodes": tree, "extensions": {"VRMC_vrm": extension}})


def mixamo(path: Path) -> Path:
    """A plain file as Mixamo's go: centimetres under an armature of scale 0.01 that lies on its back, and a mesh."""
    tree = nodes(prefix="mixamorig:")
    for node in tree[:-1]:
        x, y, z = node["translation"]
        # The armature turns +Z up: what stands must lie in it.
        node["translation"] = [100 * x, -100 * z, 100 * y]
    half = 0.5**0.5
    tree[-1] |= {"scale": [0.01] * 3, "rotation": [-half, 0, 0, half]}
    return glb(path, {"nodes": [*tree, {"name": "Hips", "matrix": [1.0, 0, 0, 0] * 4}]})


def small(path: Path) -> Path:
    """Our small file."""
    bones = {}
    for name, place in PLACES.items():
        parent = PARENTS.get(name)
        above = PLACES[parent] if parent else (0.0, 0.0, 0.0)
        bones[name] = {"parent": parent, "position": [own - top for own, top in zip(place, above, strict=True)]}
    path.write_text(json.dumps({"bones": bones}))
    return path


def numbered() -> list[tuple[int, str]]:
    """Nodes and their bones."""
    return list(enumerate(PLACES))
