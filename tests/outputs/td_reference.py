"""The td protocol as python-osc builds it.

`PYTHONPATH=tests python tests/outputs/td_reference.py` writes the stored datagrams again.
"""

import math

from outputs.reference import EVENTS, GOLDEN, JOINTS, NOTES, Message, bundles, floats, frame, message, store

from engine.schema.frame import Frame, Notes
from engine.schema.note import LOWEST, Event, Note, Pedal

PIANO = GOLDEN / "td_piano.bin"
FRAME = GOLDEN / "td_20.bin"
TURNED = GOLDEN / "td_20_rotations.bin"
LIST = GOLDEN / "td_20_list.bin"

NAMES = (
    *("hip", "spine", "neck", "head"),
    *("shoulder_l", "elbow_l", "wrist_l", "hand_l"),
    *("shoulder_r", "elbow_r", "wrist_r", "hand_r"),
    *("hip_l", "knee_l", "ankle_l", "foot_l"),
    *("hip_r", "knee_r", "ankle_r", "foot_r"),
)
"""TouchDesigner's Kinect channels, in the order of our joints."""


def shown() -> Frame:
    """The frame of the stored datagrams."""
    return frame(1, len(JOINTS), rotations=True)


def degrees(quaternion: list[float]) -> tuple[float, float, float]:
    """Angles about X, Y and Z of the matrix Rz Ry Rx, whose first column is (cz cy, sz cy, -sy)."""
    x, y, z, w = quaternion
    length = math.sqrt(x * x + y * y + z * z + w * w)
    x, y, z, w = (each / length for each in (x, y, z, w))
    first = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
    last = (2 * (y * z + w * x), 1 - 2 * (x * x + y * y))
    angles = (math.atan2(*last), -math.asin(first[2]), math.atan2(first[1], first[0]))
    return (math.degrees(angles[0]), math.degrees(angles[1]), math.degrees(angles[2]))


def datagrams(played: Frame, *, rotations: bool = False, layout: str = "channels") -> list[bytes]:
    """The datagrams of the first performer."""
    turned = played.pose.rotations
    assert turned is not None
    places = [floats(place) for place in played.pose.positions[0]]
    angles = [degrees(floats(quaternion)) for quaternion in turned[0]]
    messages: list[Message] = [("/p1/id", "f", (1.0,)), ("/p1/frame", "f", (float(played.sequence),))]
    if layout == "list":
        messages.append(("/p1/pos", "f" * 60, [value for place in places for value in place]))
        messages += [("/p1/rot", "f" * 60, [value for angle in angles for value in angle])] if rotations else []
        return bundles(messages)
    for name, place, angle in zip(NAMES, places, angles, strict=True):
        messages += [(f"/p1/{name}:t{axis}", "f", (value,)) for axis, value in zip("xyz", place, strict=True)]
        if rotations:
            messages += [(f"/p1/{name}:r{axis}", "f", (value,)) for axis, value in zip("xyz", angle, strict=True)]
    return bundles(messages)


def said(events: list[Event]) -> list[Message]:
    """The channels that events change."""
    return [
        (f"/n{event.number}", "f", (event.velocity / 127,))
        if isinstance(event, Note)
        else ("/pedal", "f", (event.value / 127,))
        for event in events
    ]


def piano(events: list[Event], notes: Notes) -> list[bytes]:
    """The datagrams of events, of the first of them alone, and of a frame with keys."""
    keys: list[Event] = [Note(LOWEST + place, velocity) for place, velocity in enumerate(notes.velocities)]
    frame = said([*keys, Pedal(notes.pedal)])
    return [*bundles(said(events)), message(*said(events)[0]).dgram, *bundles(frame)]


if __name__ == "__main__":
    store(PIANO, piano(EVENTS, NOTES))
    store(FRAME, datagrams(shown()))
    store(TURNED, datagrams(shown(), rotations=True))
    store(LIST, datagrams(shown(), rotations=True, layout="list"))
