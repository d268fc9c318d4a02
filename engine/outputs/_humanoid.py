"""A solved body as the bones of Unity's humanoid: which bone of the rig turns each, and how long they are at rest."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.motion.bones import I64
from engine.motion.rig import Rig
from engine.outputs._avatar import NEEDED, ancestor
from engine.outputs._gltf import F64
from engine.schema.skeleton import Vector

SOURCES = {
    "Hips": "pelvis",
    "Spine": "chest_base",
    "Chest": "chest",
    "Neck": "neck",
    "Head": "head",
    **{
        f"{side}{bone}": f"{letter}_{source}"
        for side, letter in {"Left": "l", "Right": "r"}.items()
        for bone, source in {
            "Shoulder": "shoulder_base",
            "UpperArm": "shoulder",
            "LowerArm": "elbow",
            "Hand": "wrist",
            "UpperLeg": "hip",
            "LowerLeg": "knee",
            "Foot": "ankle",
        }.items()
    },
}
"""The bone of the rig that turns each bone of the humanoid, parents first; toes and fingers are not solved."""

JOINTS = ("l_hip", "r_hip")

BASES: dict[str, tuple[str, Vector]] = {
    "Spine": ("Chest", (0.3, 0.3, 0.3)),
    "LeftShoulder": ("LeftUpperArm", (0.2, 0.9, 0.9)),
    "RightShoulder": ("RightUpperArm", (0.2, 0.9, 0.9)),
}
"""Helper bones have no length, and an avatar's bone that is put at its parent's place folds up: how far on the way to
the next bone each begins, by axis. A spine bends above the pelvis; a collar bone leaves the breast bone beside the
neck, hardly lower than the shoulder."""


class Humanoid(NamedTuple):
    """H bones, the hips first.

    Attributes:
        names: in Unity's words.
        bones: (H,) the bone of the rig that turns each.
        parents: (H,) the one of these bones that each turns against, -1 for the hips.
        offsets: (H, 3) metres at rest from the bone above, of the hips from the floor: Y up, facing +Z, left is +X.
        hips: the joints of the rig whose middle stays where it is.
        middle: (3,) metres at rest from the hips to the middle of the upper legs.
        scale: the height of the avatar's hip joints over that of ours.
    """

    names: tuple[str, ...]
    bones: I64
    parents: I64
    offsets: F64
    hips: I64
    middle: F64
    scale: float


def humanoid(rig: Rig, avatar: Mapping[str, F64] | None = None) -> Humanoid | None:
    """The bones of the humanoid that a rig turns and an avatar has; None where the rig is no such body.

    An avatar's bone that is not turned, such as the upper chest, stays at rest: its children turn against the next bone
    above, and keep their place as seen from it.

    Args:
        rig: what is solved.
        avatar: place (3,) of each of its bones at rest, metres; None takes the rig's own.
    """
    own = _own(rig)
    if not {*NEEDED} <= own.keys() or not {*JOINTS} <= {*rig.joints}:
        return None
    rest = own if avatar is None else avatar
    names = [name for name in own if name in rest]
    above = {name: ancestor(name, dict.fromkeys(names)) for name in names}
    return Humanoid(
        names=tuple(names),
        bones=np.array([rig.names.index(SOURCES[name]) for name in names], np.int64),
        parents=np.array([names.index(parent) if parent else -1 for parent in above.values()], np.int64),
        offsets=np.array([rest[name] - (rest[parent] if (parent := ancestor(name, rest)) else 0) for name in names]),
        hips=np.array([rig.joints.index(joint) for joint in JOINTS], np.int64),
        middle=_middle(rest) - rest["Hips"],
        scale=float(_middle(rest)[1] / _middle(own)[1]),
    )


def _own(rig: Rig) -> dict[str, F64]:
    """Where the rig's bones of the humanoid stand at rest, metres above the floor."""
    places = np.array(rig.offsets, np.float64)
    for bone, parent in enumerate(rig.parents):
        if parent >= 0:
            places[bone] += places[parent]
    rest = {name: places[rig.names.index(source)] for name, source in SOURCES.items() if source in rig.names}
    for name, (following, share) in BASES.items():
        if name in rest and following in rest:
            rest[name] = rest[name] + np.array(share) * (rest[following] - rest[name])
    return rest


def _middle(rest: Mapping[str, F64]) -> F64:
    """The middle of the upper legs."""
    return (rest["LeftUpperLeg"] + rest["RightUpperLeg"]) / 2
