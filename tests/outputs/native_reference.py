"""The native protocol as python-osc builds it: the other implementation that ours is held against.

`python tests/outputs/native_reference.py` writes the stored datagrams again. They change only when the protocol does.
"""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.schema.frame import F32, Frame, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.skeleton import Skeleton

GOLDEN = Path(__file__).parents[1] / "golden"
FRAME = GOLDEN / "native_20.bin"
ANNOUNCEMENT = GOLDEN / "native_20_announcement.bin"

Argument = str | int | float
Message = tuple[str, str, Iterable[Argument]]
Bytes = bytes | bytearray | memoryview


def spec(joints: int, *, name: str = "joint{:02}") -> ModelSpec:
    """A model that moves a chain of joints."""
    skeleton = Skeleton(
        names=tuple(name.format(joint) for joint in range(joints)),
        parents=tuple(range(-1, joints - 1)),
        offsets=((0.0, 0.1, 0.0),) * joints,
        facing=(),
    )
    head = Head(kind="mdn", components=1, dims=1)
    return ModelSpec(
        name="m", family="f", fps=30, features=1, head=head, state=(), licence="-", credit="-", skeleton=skeleton
    )


def frame(performers: int, joints: int, *, rotations: bool, sequence: int = 7) -> Frame:
    """A frame whose numbers are all different."""

    def ramp(*shape: int) -> F32:
        return ((np.arange(np.prod(shape)).reshape(shape) - 31) / 7).astype(np.float32)

    turned = ramp(performers, joints, 4) if rotations else None
    pose = Pose(ramp(performers, joints, 3), ramp(performers, 7), turned)
    return Frame(sequence, 233, pose, (Quality.GOOD,) * performers)


def bundle(messages: Sequence[Message]) -> bytes:
    """A bundle of (address, type tags, arguments)."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for address, tags, arguments in messages:
        message = OscMessageBuilder(address)
        for tag, argument in zip(tags, arguments, strict=True):
            message.add_arg(argument, tag)
        builder.add_content(message.build())
    return builder.build().dgram


def parse(datagram: Bytes) -> dict[str, tuple[object, ...]]:
    """The messages of a bundle, in order."""
    return {message.address: tuple(message.params) for message in OscBundle(bytes(datagram))}


def frame_datagrams(shown: Frame) -> list[bytes]:
    """The datagrams of the first performer."""
    number: Message = ("/engine/p1/frame", "ii", (shown.sequence, shown.milliseconds))
    positions = [float(value) for value in shown.pose.positions[0].ravel()]
    root = [float(value) for value in shown.pose.root[0]]
    placed = [number, ("/engine/p1/pos", "f" * len(positions), positions), ("/engine/p1/root", "f" * 7, root)]
    if shown.pose.rotations is None:
        return [bundle(placed)]
    rotations = [float(value) for value in shown.pose.rotations[0].ravel()]
    return [bundle(placed), bundle([number, ("/engine/p1/rot", "f" * len(rotations), rotations)])]


def announcement(model: ModelSpec) -> list[bytes]:
    """The announcement of one performer."""
    skeleton = model.skeleton
    assert skeleton is not None
    joints = len(skeleton.names)
    names: Message = ("/engine/p1/skeleton/names", "s" * joints, skeleton.names)
    parents: Message = ("/engine/p1/skeleton/parents", "i" * joints, skeleton.parents)
    return [bundle([names, parents, ("/engine/p1/space", "sssf", ("rh", "y-up", "xyzw", 1.0))])]


def store(path: Path, datagrams: Sequence[bytes]) -> None:
    """Write datagrams, each led by its length as four bytes."""
    path.write_bytes(b"".join(struct.pack(">I", len(datagram)) + datagram for datagram in datagrams))


def stored(path: Path) -> list[bytes]:
    """Read datagrams back."""
    data, datagrams = path.read_bytes(), []
    while data:
        end = 4 + struct.unpack_from(">I", data)[0]
        datagrams.append(data[4:end])
        data = data[end:]
    return datagrams


if __name__ == "__main__":
    store(FRAME, frame_datagrams(frame(1, 20, rotations=True)))
    store(ANNOUNCEMENT, announcement(spec(20)))
