"""The native protocol as python-osc builds it: the other implementation that ours is held against.

`PYTHONPATH=tests python tests/outputs/native_reference.py` writes the stored datagrams again. They change only when the
protocol does.
"""

from outputs.reference import EVENTS, GOLDEN, NOTES, Message, bundle, bundles, floats, frame, message, ramp, spec, store

from engine.schema.frame import Frame, Notes
from engine.schema.model import ModelSpec
from engine.schema.note import Event, Note

PIANO = GOLDEN / "native_piano.bin"
FRAME = GOLDEN / "native_20.bin"
ANNOUNCEMENT = GOLDEN / "native_20_announcement.bin"


def shown() -> Frame:
    """The frame of the stored datagrams."""
    made = frame(1, 20, rotations=False)
    return made._replace(pose=made.pose._replace(rotations=ramp(1, 20, 4)))


def frame_datagrams(shown: Frame) -> list[bytes]:
    """The datagrams of the first performer."""
    number: Message = ("/engine/p1/frame", "ii", (shown.sequence, shown.milliseconds))
    positions, root = floats(shown.pose.positions[0]), floats(shown.pose.root[0])
    placed = [number, ("/engine/p1/pos", "f" * len(positions), positions), ("/engine/p1/root", "f" * 7, root)]
    if shown.pose.rotations is None:
        return [bundle(placed)]
    rotations = floats(shown.pose.rotations[0])
    return [bundle(placed), bundle([number, ("/engine/p1/rot", "f" * len(rotations), rotations)])]


def announcement(model: ModelSpec) -> list[bytes]:
    """The announcement of one performer."""
    skeleton = model.skeleton
    assert skeleton is not None
    joints = len(skeleton.names)
    offsets = [number for offset in skeleton.offsets for number in offset]
    return [
        bundle(
            [
                ("/engine/performers", "i", (1,)),
                ("/engine/p1/skeleton/names", "s" * joints, skeleton.names),
                ("/engine/p1/skeleton/parents", "i" * joints, skeleton.parents),
                ("/engine/p1/space", "sssf", ("rh", "y-up", "xyzw", 1.0)),
                ("/engine/p1/skeleton/offsets", "f" * 3 * joints, offsets),
            ]
        )
    ]


def said(events: list[Event]) -> list[Message]:
    """The messages of events."""
    return [
        ("/engine/piano/note", "iii", event) if isinstance(event, Note) else ("/engine/piano/pedal", "ii", event)
        for event in events
    ]


def piano(events: list[Event], notes: Notes) -> list[bytes]:
    """The datagrams of events, of the first of them alone, and of a frame with keys."""
    keys = message("/engine/piano/notes", "i" * len(notes.velocities), notes.velocities)
    return [*bundles(said(events)), message(*said(events)[0]).dgram, keys.dgram]


if __name__ == "__main__":
    store(PIANO, piano(EVENTS, NOTES))
    store(FRAME, frame_datagrams(shown()))
    store(ANNOUNCEMENT, announcement(spec(20)))
