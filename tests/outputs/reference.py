"""What the protocols are held against: OSC as python-osc builds and reads it, one body, one frame, stored datagrams."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.contracts import Datagrams
from engine.motion.core20 import CORE20
from engine.motion.rig import make_rig
from engine.schema.frame import F32, Body, Frame, Notes, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.note import HIGHEST, LOWEST, Event, Note, Pedal
from engine.schema.skeleton import Skeleton

GOLDEN = Path(__file__).parents[1] / "golden"

JOINTS = CORE20.names

EVENTS: list[Event] = [Note(21, 1, 1), Pedal(127, 2), Note(108, 127, 16), Note(21, 0, 1), Note(60, 64, 0), Pedal(0, 0)]
EVENTS += [Note(number, 0, 1) for number in range(LOWEST, HIGHEST + 1)]
"""Everything that can happen to keys and pedals, and more than a datagram holds."""

NOTES = Notes(tuple(place * 3 % 128 for place in range(88)), 65)
"""Keys, some of them up."""

Argument = str | int | float
Message = tuple[str, str, Iterable[Argument]]
Bytes = bytes | bytearray | memoryview


def spec(joints: int, *, name: str = "joint{:02}") -> ModelSpec:
    """A model that moves a chain of joints."""
    return of(
        Skeleton(
            names=tuple(name.format(joint) for joint in range(joints)),
            parents=tuple(range(-1, joints - 1)),
            offsets=((0.0, 0.1, 0.0),) * joints,
            facing=(),
        )
    )


def of(skeleton: Skeleton | None) -> ModelSpec:
    """A model that moves a body."""
    head = Head(kind="mdn", components=1, dims=1)
    return ModelSpec(
        name="m", family="f", fps=30, features=1, head=head, state=(), licence="-", credit="-", skeleton=skeleton
    )


def ramp(*shape: int) -> F32:
    """Numbers that are all different."""
    numbers = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    return ((numbers - 31) / 7).astype(np.float32)


def turns(*shape: int, seed: int = 0) -> F32:
    """Unit quaternions (..., 4) that are all different and none of whose numbers is 0."""
    count = int(np.prod(shape))
    made = np.array([(i + 2 + seed, 2 * i - 17, 5.5 - seed, 9 + i) for i in range(count)], np.float64)
    made /= np.linalg.norm(made, axis=-1, keepdims=True)
    return made.reshape(*shape, 4).astype(np.float32)


def frame(performers: int, joints: int, *, rotations: bool, sequence: int = 7) -> Frame:
    """A frame whose numbers are all different."""
    turned = turns(performers, joints) if rotations else None
    pose = Pose(ramp(performers, joints, 3), ramp(performers, 7), turned)
    numbers = tuple(range(1, performers + 1))
    return Frame(sequence, 233, pose, (Quality.GOOD,) * performers, numbers)


def empty(sequence: int = 7) -> Frame:
    """A frame of a show that has keys and no bodies."""
    pose = Pose(np.zeros((0, 0, 3), np.float32), np.zeros((0, 7), np.float32))
    return Frame(sequence, 233, pose, (), (), NOTES)


def solved(performers: int = 1) -> Frame:
    """A frame of the body of 20 joints with made-up rotations of its joints and of its rig's bones."""
    shown = frame(performers, len(JOINTS), rotations=True)
    rig = make_rig(CORE20)
    assert rig is not None
    body = Body(shown.pose.positions.copy(), turns(performers, len(rig.names), seed=3))
    return shown._replace(pose=shown.pose._replace(body=body))


def message(address: str, tags: str, arguments: Iterable[Argument]) -> OscMessage:
    """A message as python-osc builds it."""
    builder = OscMessageBuilder(address)
    for tag, argument in zip(tags, arguments, strict=True):
        builder.add_arg(argument, tag)
    return builder.build()


def bundle(messages: Sequence[Message]) -> bytes:
    """A bundle of (address, type tags, arguments)."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for each in messages:
        builder.add_content(message(*each))
    return builder.build().dgram


def bundles(messages: Sequence[Message], most: int = 1472) -> list[bytes]:
    """As few bundles as hold these messages in order, each filled before the next."""
    made: list[bytes] = []
    group: list[Message] = []
    for each in messages:
        if group and len(bundle([*group, each])) > most:
            made.append(bundle(group))
            group = []
        group.append(each)
    return [*made, bundle(group)]


def floats(array: F32) -> list[float]:
    """The numbers of an array, in order."""
    return [float(value) for value in array.ravel()]


def read(datagram: Bytes) -> Iterator[OscMessage]:
    """The messages of a bundle, or the one message, in order."""
    data = bytes(datagram)
    if OscBundle.dgram_is_bundle(data):
        yield from OscBundle(data)
    else:
        yield OscMessage(data)


def parse(datagram: Bytes) -> dict[str, tuple[object, ...]]:
    """The arguments of each message by address, in order."""
    return {each.address: tuple(each.params) for each in read(datagram)}


def plain(datagrams: Datagrams) -> list[bytes]:
    """Copies of datagrams."""
    return [bytes(datagram) for datagram in datagrams]


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
