"""The AI-Toolbox's protocol as python-osc builds it.

`PYTHONPATH=tests python tests/outputs/aitoolbox_reference.py` writes the stored datagrams again.
"""

import math

from outputs.reference import GOLDEN, JOINTS, floats, frame, message, store

from engine.motion.core20 import CORE20
from engine.schema.frame import Frame

FRAME = GOLDEN / "aitoolbox_20.bin"

Quaternion = tuple[float, float, float, float]


def shown() -> Frame:
    """The frame of the stored datagrams."""
    return frame(1, len(JOINTS), rotations=True)


def times(first: Quaternion, second: Quaternion) -> Quaternion:
    """The product of two quaternions w x y z, by the rules i j = k, j k = i, k i = j; of length 1."""
    (a, b, c, d), (e, f, g, h) = first, second
    product = (
        a * e - b * f - c * g - d * h,
        a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
    )
    length = math.hypot(*product)
    return (product[0] / length, product[1] / length, product[2] / length, product[3] / length)


def world(local: dict[str, Quaternion], joint: str) -> Quaternion:
    """The rotation of a joint in the world."""
    parent = CORE20.parents[JOINTS.index(joint)]
    above = (1.0, 0.0, 0.0, 0.0) if parent < 0 else world(local, JOINTS[parent])
    return times(above, local[joint])


def datagrams(played: Frame) -> list[bytes]:
    """The datagrams of the first performer, Z up: y is away from the viewer, so forward, +Z, becomes -y."""
    turned = played.pose.rotations
    assert turned is not None
    places = [floats(place) for place in played.pose.positions[0]]
    ours = [floats(quaternion) for quaternion in turned[0]]
    local: dict[str, Quaternion] = {name: (w, x, -z, y) for name, (x, y, z, w) in zip(JOINTS, ours, strict=True)}
    lists = {
        "pos_world": [number for x, y, z in places for number in (x, -z, y)],
        "rot_world": [number for name in JOINTS for number in world(local, name)],
        "rot_local": [number for name in JOINTS for number in local[name]],
    }
    return [
        message(f"/mocap/0/joint/{name}", "f" * len(values), [value + 0.0 for value in values]).dgram
        for name, values in lists.items()
    ]


if __name__ == "__main__":
    store(FRAME, datagrams(shown()))
