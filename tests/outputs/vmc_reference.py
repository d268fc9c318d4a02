"""The VMC protocol as python-osc builds it, from the body of 20 joints, in plain numbers.

`PYTHONPATH=tests python tests/outputs/vmc_reference.py` writes the stored datagrams again.
"""

from outputs.reference import EVENTS, GOLDEN, JOINTS, Message, bundles, floats, message, solved, store

from engine.motion.core20 import CORE20
from engine.motion.rig import make_rig
from engine.schema.frame import Frame
from engine.schema.note import Event, Note

PIANO = GOLDEN / "vmc_piano.bin"
FRAME = GOLDEN / "vmc_20.bin"

Quaternion = tuple[float, float, float, float]

BONES = {
    "Hips": ("pelvis", None),
    "Spine": ("chest_base", "Hips"),
    "Chest": ("chest", "Spine"),
    "Neck": ("neck", "Chest"),
    "Head": ("head", "Neck"),
    "LeftShoulder": ("l_shoulder_base", "Chest"),
    "LeftUpperArm": ("l_shoulder", "LeftShoulder"),
    "LeftLowerArm": ("l_elbow", "LeftUpperArm"),
    "LeftHand": ("l_wrist", "LeftLowerArm"),
    "LeftUpperLeg": ("l_hip", "Hips"),
    "LeftLowerLeg": ("l_knee", "LeftUpperLeg"),
    "LeftFoot": ("l_ankle", "LeftLowerLeg"),
    "RightShoulder": ("r_shoulder_base", "Chest"),
    "RightUpperArm": ("r_shoulder", "RightShoulder"),
    "RightLowerArm": ("r_elbow", "RightUpperArm"),
    "RightHand": ("r_wrist", "RightLowerArm"),
    "RightUpperLeg": ("r_hip", "Hips"),
    "RightLowerLeg": ("r_knee", "RightUpperLeg"),
    "RightFoot": ("r_ankle", "RightLowerLeg"),
}
"""Each bone of Unity's humanoid that is sent, in order: the bone of the rig that turns it, and its parent."""

CHEST, SHOULDER = 0.3174, (0.127, 0.1822)
"""Metres of the body of 20 joints: from the pelvis up to the chest; from there to the left shoulder."""

REST = {
    "Spine": (0.0, 0.3 * CHEST, 0.0),
    "Chest": (0.0, CHEST - 0.3 * CHEST, 0.0),
    "LeftShoulder": (0.2 * SHOULDER[0], 0.9 * SHOULDER[1], 0.0),
    "LeftUpperArm": (SHOULDER[0] - 0.2 * SHOULDER[0], SHOULDER[1] - 0.9 * SHOULDER[1], 0.0),
    "RightShoulder": (-0.2 * SHOULDER[0], 0.9 * SHOULDER[1], 0.0),
    "RightUpperArm": (-SHOULDER[0] + 0.2 * SHOULDER[0], SHOULDER[1] - 0.9 * SHOULDER[1], 0.0),
}
"""Metres from the parent where the rig's helper bone has no length; elsewhere it is the joint's own offset."""

HIPS_UP = 0.0224
"""Metres from the pelvis up to the middle of the hips."""


def times(first: Quaternion, second: Quaternion) -> Quaternion:
    """The product of two quaternions x y z w."""
    (b, c, d, a), (f, g, h, e) = first, second
    return (
        a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
        a * e - b * f - c * g - d * h,
    )


def inverse(quaternion: Quaternion) -> Quaternion:
    """The inverse of a quaternion of length 1."""
    x, y, z, w = quaternion
    return (-x, -y, -z, w)


def world(played: Frame) -> dict[str, Quaternion]:
    """The rotation of each bone of the humanoid in the world, of the first performer."""
    rig = make_rig(CORE20)
    assert rig is not None
    assert played.pose.body is not None
    found = {}
    for name, (source, _) in BONES.items():
        x, y, z, w = floats(played.pose.body.bones[0, rig.names.index(source)])
        found[name] = (x, y, z, w)
    return found


def hips(played: Frame) -> list[float]:
    """Where the pelvis stands so that the middle of the hips is where it is."""
    assert played.pose.body is not None
    left, right = (floats(played.pose.body.joints[0, JOINTS.index(f"{side}_hip")]) for side in "lr")
    up: Quaternion = (0.0, HIPS_UP, 0.0, 0.0)
    turned = times(times(world(played)["Hips"], up), inverse(world(played)["Hips"]))
    return [(one + other) / 2 - along for one, other, along in zip(left, right, turned[:3], strict=True)]


def bones(played: Frame) -> dict[str, list[float]]:
    """Place and rotation of each bone in Unity's space: x is mirrored."""
    turned, found = world(played), {}
    for name, (source, parent) in BONES.items():
        local = turned[name] if parent is None else times(inverse(turned[parent]), turned[name])
        offset = REST.get(name) or CORE20.offsets[JOINTS.index(source)]
        place = hips(played) if parent is None else list(offset)
        x, y, z, w = local
        found[name] = [value + 0.0 for value in (-place[0], place[1], place[2], x, -y, -z, w)]
    return found


def datagrams(played: Frame) -> list[bytes]:
    """The datagrams of the first performer."""
    messages: list[Message] = [
        ("/VMC/Ext/OK", "iii", (1, 3, 0)),
        ("/VMC/Ext/T", "f", (played.milliseconds / 1000,)),
        ("/VMC/Ext/Root/Pos", "sfffffff", ("root", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
    ]
    messages += [("/VMC/Ext/Bone/Pos", "sfffffff", (name, *values)) for name, values in bones(played).items()]
    return bundles(messages)


def said(events: list[Event]) -> list[Message]:
    """The messages of events; channels count from 0."""
    found: list[Message] = []
    for event in events:
        if isinstance(event, Note):
            words = (1 if event.velocity else 0, max(event.channel - 1, 0), event.number, event.velocity / 127)
            found.append(("/VMC/Ext/Midi/Note", "iiif", words))
        else:
            found.append(("/VMC/Ext/Midi/CC/Val", "if", (64, event.value / 127)))
    return found


def piano(events: list[Event]) -> list[bytes]:
    """The datagrams of events, and of the first of them alone."""
    return [*bundles(said(events)), message(*said(events)[0]).dgram]


if __name__ == "__main__":
    store(PIANO, piano(EVENTS))
    store(FRAME, datagrams(solved()))
