"""The engine's own protocol, read by Max, Pd, SuperCollider, openFrameworks, the monitor and the takes (WIRE.md, A).

Right-handed, Y up, metres, facing +Z, quaternions x y z w. Every datagram of a frame is a bundle that belongs to one
performer and begins with `/engine/p1/frame`; an announcement and the state belong to no frame and carry none.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts import MAX_DATAGRAM, Output
from engine.schema.errors import ConfigError, WireError
from engine.schema.frame import F32, Frame, Pose
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from engine.wire import osc

ROOT = "/engine"

METRES_PER_UNIT = 1.0

PLACE = "native output"

LONGEST = 256
"""Characters of a name in the state; with UTF-8's four bytes each, one still fits a datagram."""


class Address(NamedTuple):
    """One line of the address table.

    Attributes:
        path: what follows the root.
        types: type tags; of one joint where `times` is not 0.
        times: how often the types stand for each joint; 0: once, however many joints.
        carries: what the arguments are.
        when: it is sent.
    """

    path: str
    types: str
    times: int
    carries: str
    when: str


_FRAMES, _NEWS, _STATE = "each frame", "at the start and every 2 s", "once a second"

ADDRESSES: tuple[Address, ...] = (
    Address("/p1/frame", "ii", 0, "sequence, milliseconds since the start", "first in each datagram of a frame"),
    Address("/p1/pos", "f", 3, "x y z of each joint in the world, metres", _FRAMES),
    Address("/p1/root", "fffffff", 0, "place on the floor x y z, metres; heading x y z w", _FRAMES),
    Address("/p1/rot", "f", 4, "x y z w of each joint against its parent", "each frame, where the model has rotations"),
    Address("/p1/skeleton/names", "s", 1, "name of each joint", _NEWS),
    Address("/p1/skeleton/parents", "i", 1, "number of each joint's parent, from 0; -1 for the root", _NEWS),
    Address("/p1/space", "sssf", 0, "`rh` `y-up` `xyzw`, metres per unit", _NEWS),
    Address("/state/fps", "f", 0, "frames that left in the last second", _STATE),
    Address("/state/late", "f", 0, "frames that left late since the start", _STATE),
    Address("/state/skipped", "f", 0, "frames that were left out since the start", _STATE),
    Address("/state/p99_ms", "f", 0, "99th percentile of the lateness in the last second, ms", _STATE),
    Address("/state/model", "s", 0, "name of the model", _STATE),
    Address("/state/status", "s", 0, "`playing`, or `stopped` as the last word", _STATE),
)
"""Everything that this output sends, for the first performer."""

# Both numbers of a frame begin again at 0 after 2**31 - 1: milliseconds after 25 days, a sequence after 414 at 60 fps.
_COUNTER = 0x7FFFFFFF


class Refused(NamedTuple):
    """What was kept off the wire since the start.

    Attributes:
        broken: frames of a performer with a number that is not finite; nothing of that performer was sent.
        rotations: frames of a performer whose rotations do not fit a datagram; its positions were sent.
    """

    broken: int
    rotations: int


class Native:
    """Frames of one act as native datagrams.

    A guard stands before every output, so a number that is not finite is a defect by the time it comes here. It is
    counted and that performer's frame is left out: an exception would stop the other performers too, and a receiver
    that sees a gap in the sequence keeps the last good pose.

    Args:
        spec: the model; its skeleton gives the number of joints J.
        performers: P.
        root: begins every address.

    Raises:
        ConfigError: no skeleton, one with too many joints for one datagram, a root that is no address, no performers.
        WireError: joint names that do not fit one datagram, or that hold a zero character.
    """

    def __init__(self, spec: ModelSpec, performers: int, root: str = ROOT) -> None:
        skeleton = _skeleton(spec)
        if performers < 1:
            raise ConfigError(PLACE, f"{performers} performers", "at least one")
        if not osc.is_address(root):
            raise ConfigError(PLACE, f"the root {root!r}", f"/ and a name, such as {ROOT}")
        joints = len(skeleton.names)
        self._bodies = [_Body(f"{root}/p{number}", joints) for number in range(1, performers + 1)]
        self._announcement = _announcement(skeleton, performers, root)
        self._positions = _Finite((performers, joints, 3))
        self._roots = _Finite((performers, 7))
        self._rotations = _Finite((performers, joints, 4))
        self._ready: list[bytearray] = []
        self._broken = 0
        self._dropped = 0

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(self._broken, self._dropped)

    def datagrams(self, frame: Frame) -> Sequence[bytearray]:
        """The datagrams of one frame, performer by performer; list and contents are overwritten by the next call.

        Raises:
            ValueError: arrays of another shape than P and J promise.
        """
        pose, ready = frame.pose, self._ready
        sequence, milliseconds = frame.sequence & _COUNTER, frame.milliseconds & _COUNTER
        ready.clear()
        for performer in self._sound(pose):
            body = self._bodies[performer]
            ready += body.place(sequence, milliseconds, pose.positions[performer], pose.root[performer])
            if pose.rotations is not None:
                turned = body.turn(sequence, milliseconds, pose.rotations[performer])
                self._dropped += not turned
                ready += turned
        return ready

    def announce(self) -> Sequence[bytes]:
        """Names, parents and space of every performer."""
        return self._announcement

    def _sound(self, pose: Pose) -> Sequence[int]:
        """The performers whose numbers are all finite; the others are counted."""
        everyone = range(len(self._bodies))
        sound = self._positions.all(pose.positions) & self._roots.all(pose.root)
        if sound and (pose.rotations is None or self._rotations.all(pose.rotations)):
            return everyone
        parts = [part for part in pose if part is not None]
        good = [performer for performer in everyone if all(np.isfinite(part[performer]).all() for part in parts)]
        self._broken += len(everyone) - len(good)
        return good


def create(spec: ModelSpec, performers: int, root: str) -> Output:
    """The native output of one act."""
    return Native(spec, performers, root)


class Status(NamedTuple):
    """How the show is doing, once a second.

    Attributes:
        fps: frames sent per second.
        late: frames that missed their deadline since the start.
        skipped: frames that were not sent since the start.
        p99_ms: milliseconds, 99th percentile of the lateness.
        model: name of the model.
        status: one word for what the engine does.
    """

    fps: float
    late: int
    skipped: int
    p99_ms: float
    model: str
    status: str


def state(status: Status, root: str = ROOT) -> list[bytes]:
    """The state as datagrams: numbers as `f`, names as `s`; a number that is not finite is left out."""
    numbers = {"fps": status.fps, "late": status.late, "skipped": status.skipped, "p99_ms": status.p99_ms}
    words = {"model": status.model, "status": status.status}
    messages = [osc.encode(f"{root}/state/{name}", float(n)) for name, n in numbers.items() if math.isfinite(n)]
    messages += [osc.encode(f"{root}/state/{name}", _printable(word)) for name, word in words.items()]
    return [osc.bundle(group) for group in osc.split(messages)]


class _Body:
    """The prepared datagrams of one performer."""

    def __init__(self, address: str, joints: int) -> None:
        frame = osc.encode(f"{address}/frame", 0, 0)
        pose = [osc.encode(f"{address}/pos", *[0.0] * 3 * joints), osc.encode(f"{address}/root", *[0.0] * 7)]
        turns = [osc.encode(f"{address}/rot", *[0.0] * 4 * joints)]
        try:
            placed = [osc.PreparedDatagram(group) for group in osc.split(pose, first=frame)]
        except WireError as error:
            raise ConfigError(PLACE, f"{joints} joints in {error.found}", error.expected) from error
        fits = osc.size([frame, *turns]) <= MAX_DATAGRAM
        turned = [osc.PreparedDatagram([frame, *turns])] if fits else []
        self._placed = [datagram.data for datagram in placed]
        self._turned = [datagram.data for datagram in turned]
        self._positions = placed[0].floats(f"{address}/pos").reshape(joints, 3)
        self._root = placed[-1].floats(f"{address}/root")
        self._rotations = [datagram.floats(f"{address}/rot").reshape(joints, 4) for datagram in turned]
        self._placed_frames = [datagram.ints(f"{address}/frame") for datagram in placed]
        self._turned_frames = [datagram.ints(f"{address}/frame") for datagram in turned]

    def place(self, sequence: int, milliseconds: int, positions: F32, root: F32) -> list[bytearray]:
        """The datagrams with positions (J, 3) and root (7,)."""
        for frame in self._placed_frames:
            frame[0], frame[1] = sequence, milliseconds
        self._positions[...] = positions
        self._root[...] = root
        return self._placed

    def turn(self, sequence: int, milliseconds: int, rotations: F32) -> list[bytearray]:
        """The datagram with rotations (J, 4); none where they do not fit one."""
        for frame, view in zip(self._turned_frames, self._rotations, strict=True):
            frame[0], frame[1] = sequence, milliseconds
            view[...] = rotations
        return self._turned


class _Finite:
    """Tells whether an array of a fixed shape holds finite numbers only; allocates nothing."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._bytes = bytearray(math.prod(shape))
        self._flags = np.frombuffer(self._bytes, np.bool_).reshape(shape)

    def all(self, values: F32) -> bool:
        """Whether every number is finite."""
        if values.shape != self._flags.shape:
            raise ValueError(f"an array of shape {values.shape}; expected {self._flags.shape}")
        np.isfinite(values, out=self._flags)
        return 0 not in self._bytes  # a search through bytes takes 0.02 us where `all()` takes 0.8


def _skeleton(spec: ModelSpec) -> Skeleton:
    if spec.skeleton is None:
        raise ConfigError(PLACE, f"the model {spec.name!r} without a skeleton", "a model that moves a body")
    return spec.skeleton


def _announcement(skeleton: Skeleton, performers: int, root: str) -> list[bytes]:
    """What a receiver needs to know about each performer, as datagrams."""
    messages = []
    for number in range(1, performers + 1):
        address = f"{root}/p{number}"
        messages += [
            osc.encode(f"{address}/skeleton/names", *skeleton.names),
            osc.encode(f"{address}/skeleton/parents", *skeleton.parents),
            osc.encode(f"{address}/space", "rh", "y-up", "xyzw", METRES_PER_UNIT),
        ]
    return [osc.bundle(group) for group in osc.split(messages)]


def _printable(text: str) -> str:
    """A name from a model file or a path as one short string that any receiver can hold."""
    return text.replace("\0", " ")[:LONGEST].encode(errors="replace").decode()
