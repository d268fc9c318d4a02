"""Where the bones of an avatar stand at rest, from the file that an application shows: .vrm, .glb or a small .json.

The bones are those of Unity's humanoid. A .glb without a VRM extension is understood by the names of its nodes: Unity's
or Mixamo's. The small file is our own, metres, Y up, facing +Z, each place as seen from the parent's:

    {"bones": {"Hips": {"parent": null, "position": [0, 0.9, 0]}, "Spine": {"parent": "Hips", "position": [0, 0.1, 0]}}}
"""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from engine.outputs import _gltf
from engine.outputs._gltf import F64, Gltf
from engine.schema.errors import DataError

SIDED = {
    "Shoulder": "UpperChest",
    "UpperArm": "Shoulder",
    "LowerArm": "UpperArm",
    "Hand": "LowerArm",
    "UpperLeg": "Hips",
    "LowerLeg": "UpperLeg",
    "Foot": "LowerLeg",
    "Toes": "Foot",
}

PARENTS: dict[str, str | None] = {
    "Hips": None,
    "Spine": "Hips",
    "Chest": "Spine",
    "UpperChest": "Chest",
    "Neck": "UpperChest",
    "Head": "Neck",
    **{
        f"{side}{bone}": f"{side}{parent}" if parent in SIDED else parent
        for side in ("Left", "Right")
        for bone, parent in SIDED.items()
    },
}
"""The parent of each bone of Unity's humanoid, parents first; where an avatar lacks it, the parent's parent."""

NEEDED = ("Hips", "LeftUpperLeg", "RightUpperLeg")
"""Without these nobody stands."""

MIXAMO = {
    "Spine1": "Chest",
    "Spine2": "UpperChest",
    **{
        f"{side}{theirs}": f"{side}{ours}"
        for side in ("Left", "Right")
        for theirs, ours in {
            "Arm": "UpperArm",
            "ForeArm": "LowerArm",
            "UpLeg": "UpperLeg",
            "Leg": "LowerLeg",
            "ToeBase": "Toes",
        }.items()
    },
}
"""Mixamo's names where they are not Unity's."""

LONGEST = 2**20
"""Bytes of a small file."""

FARTHEST = 50.0
"""Metres from the origin at which a bone may stand; the hips of an avatar in centimetres stand at 90."""

_PREFIX = re.compile(r"mixamorig\d*:?")


class Joint(msgspec.Struct, forbid_unknown_fields=True):
    """A bone of the small file."""

    parent: str | None
    position: tuple[float, float, float]


class Small(msgspec.Struct, forbid_unknown_fields=True):
    """The small file."""

    bones: dict[str, Joint]


def ancestor(bone: str, present: Mapping[str, object]) -> str | None:
    """The nearest bone above one that is present; None above the hips."""
    above = PARENTS[bone]
    while above is not None and above not in present:
        above = PARENTS[above]
    return above


def read(path: Path) -> dict[str, F64]:
    """Where each bone of an avatar stands at rest: (3,) metres, Y up, facing +Z, above the origin of the floor.

    Raises:
        DataError: the file cannot be read, or holds no avatar.
    """
    try:
        with path.open("rb") as file:
            binary = file.read(4) == _gltf.MAGIC
    except OSError as error:
        raise DataError(str(path), f"it cannot be read ({error.strerror})", "a file that can be read") from error
    found = _from_gltf(path) if binary or path.suffix.lower() != ".json" else _from_small(path)
    if missing := [bone for bone in NEEDED if bone not in found]:
        raise DataError(str(path), f"an avatar without {', '.join(missing)}", "a humanoid avatar")
    if not all(np.abs(place).max() < FARTHEST for place in found.values()):
        raise DataError(str(path), f"a bone {FARTHEST:g} m and more away", "an avatar in metres")
    if not all(found[bone][1] > 0 for bone in NEEDED):
        raise DataError(
            str(path), "hips that do not stand above the floor", "an avatar whose feet are at a height of 0"
        )
    return found


def _from_gltf(path: Path) -> dict[str, F64]:
    gltf = _gltf.read(path)
    places = _gltf.places(gltf, str(path))
    nodes = _bones(gltf)
    if any(not 0 <= node < len(places) for node in nodes.values()):
        raise DataError(str(path), "a bone without a node", f"nodes from 0 to {len(places) - 1}")
    back = gltf.extensions.vrm0 is not None and gltf.extensions.vrm1 is None
    turn = np.array([-1.0, 1.0, -1.0] if back else [1.0, 1.0, 1.0])
    return {bone: places[node] * turn for bone, node in nodes.items()}


def _bones(gltf: Gltf) -> dict[str, int]:
    """The node of each bone that is one of ours."""
    if gltf.extensions.vrm1 is not None:
        named = {name: bone.node for name, bone in gltf.extensions.vrm1.humanoid.human_bones.items()}
    elif gltf.extensions.vrm0 is not None:
        named = {bone.bone: bone.node for bone in gltf.extensions.vrm0.humanoid.human_bones}
    else:
        plain = [_PREFIX.sub("", node.name) for node in gltf.nodes]
        # The first of a name is the skeleton's; meshes that are called like it come later.
        named = {MIXAMO.get(name, name): node for node, name in reversed(list(enumerate(plain)))}
    return {known: node for name, node in named.items() if (known := name[:1].upper() + name[1:]) in PARENTS}


def _from_small(path: Path) -> dict[str, F64]:
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise DataError(str(path), f"more than {LONGEST} bytes", "a small file")
    try:
        bones = msgspec.json.decode(data, type=Small).bones
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(str(path), f"broken JSON ({error})", '{"bones": {"Hips": {"parent": null, ...}}}') from error
    if strangers := [bone for bone in bones if bone not in PARENTS]:
        raise DataError(str(path), f"a bone {strangers[0]!r}", f"one of {', '.join(PARENTS)}")
    return {bone: _sum(bone, bones, str(path)) for bone in bones}


def _sum(bone: str, bones: Mapping[str, Joint], place: str) -> F64:
    """Where a bone of the small file stands."""
    found, at = np.zeros(3), bone
    for _ in bones:
        found += bones[at].position
        parent = bones[at].parent
        if parent is None:
            return found
        if parent not in bones:
            break
        at = parent
    raise DataError(place, f"a bone {bone!r} that does not hang on one without a parent", "a tree of bones")
