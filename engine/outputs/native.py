"""The engine's own protocol, read by Max, Pd, SuperCollider, openFrameworks, the monitor and the takes (WIRE.md, A).

Right-handed, Y up, metres, facing +Z, quaternions x y z w, unless another `space` is asked for. Every datagram of a
frame is a bundle that belongs to one performer and begins with `/engine/p1/frame`; an announcement and the state belong
to no frame and carry none.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.contracts import MAX_DATAGRAM, Datagrams, Status
from engine.motion.spaces import SPACES, View
from engine.outputs._body import (
    AT_TIMES,
    COUNTER,
    EACH_FRAME,
    EACH_SECOND,
    Address,
    ByNumber,
    Gate,
    Refused,
    figures,
    skeleton,
)
from engine.schema import show
from engine.schema.errors import ConfigError, WireError
from engine.schema.frame import F32, Frame
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from engine.wire import osc

ROOT = "/engine"

PLACE = "native output"

LONGEST = 256
"""Characters of a name in the state; with UTF-8's four bytes each, one still fits a datagram."""

ADDRESSES: tuple[Address, ...] = (
    Address("/engine/p1/frame", "ii", 0, "sequence, milliseconds since the start", "first in each datagram of a frame"),
    Address("/engine/p1/pos", "f", 3, "x y z of each joint in the world, metres", EACH_FRAME),
    Address("/engine/p1/root", "fffffff", 0, "place on the floor x y z, metres; heading x y z w", EACH_FRAME),
    Address("/engine/p1/rot", "f", 4, "x y z w of each joint against its parent, 0 0 0 1 in a T-pose", EACH_FRAME),
    Address("/engine/performers", "i", 0, "number of each performer that plays", AT_TIMES),
    Address("/engine/p1/skeleton/names", "s", 1, "name of each joint", AT_TIMES),
    Address("/engine/p1/skeleton/parents", "i", 1, "number of each joint's parent, from 0; -1 for the root", AT_TIMES),
    Address("/engine/p1/skeleton/offsets", "f", 3, "x y z of each joint from its parent in a T-pose, metres", AT_TIMES),
    Address("/engine/p1/space", "sssf", 0, "`rh` `y-up` `xyzw`, metres per unit", AT_TIMES),
    Address("/engine/state/fps", "f", 0, "frames that left in the last second", EACH_SECOND),
    Address("/engine/state/late", "f", 0, "frames that left late since the start", EACH_SECOND),
    Address("/engine/state/skipped", "f", 0, "frames that were left out since the start", EACH_SECOND),
    Address("/engine/state/p99_ms", "f", 0, "99th percentile of the lateness in the last second, ms", EACH_SECOND),
    Address("/engine/state/model", "s", 0, "name of the model", EACH_SECOND),
    Address("/engine/state/status", "s", 0, "`playing`, or `stopped` as the last word", EACH_SECOND),
)
"""Everything that this output sends, for the first performer alone."""


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the native output.

    Attributes:
        space: whose axes and units positions, rotations and offsets have.
    """

    space: Annotated[
        Literal["engine", "unity", "unreal", "blender"], Meta(description="'engine', 'unity', 'unreal' or 'blender'")
    ] = "engine"


class Native:
    """Frames of one act as native datagrams.

    Args:
        spec: the model; its skeleton gives the number of joints J.
        performers: numbers of those who play at the start.
        root: begins every address.
        options: what was asked for.

    Raises:
        ConfigError: no skeleton, one with too many joints for one datagram, a root that is no address.
        WireError: joint names that do not fit one datagram, or that hold a zero character.
    """

    def __init__(
        self, spec: ModelSpec, performers: Sequence[int], root: str = ROOT, options: Options | None = None
    ) -> None:
        if not osc.is_address(root):
            raise ConfigError(PLACE, f"the root {root!r}", f"/ and a name, such as {ROOT}")
        body, space = skeleton(spec, PLACE), (options or Options()).space
        joints, view = len(body.names), View(SPACES[space])
        self._root = root
        self._gate = Gate(joints)
        self._bodies = ByNumber(lambda number: _Body(f"{root}/p{number}", joints, view), performers)
        self._words = ByNumber(lambda number: _words(f"{root}/p{number}", body, space), performers)
        self._announced: tuple[int, ...] = ()
        self._announcement: list[bytes] = []
        self._ready: list[bytearray] = []
        self._dropped = 0
        self.announce(performers)

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(self._gate.broken, self._dropped)

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame, performer by performer; list and contents are overwritten by the next call.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        pose, ready = frame.pose, self._ready
        sequence, milliseconds = frame.sequence & COUNTER, frame.milliseconds & COUNTER
        ready.clear()
        for row, number in self._gate.sound(frame, pose.positions, pose.root, pose.rotations):
            body = self._bodies[number]
            ready += body.place(sequence, milliseconds, pose.positions[row], pose.root[row])
            if pose.rotations is not None:
                turned = body.turn(sequence, milliseconds, pose.rotations[row])
                self._dropped += not turned
                ready += turned
        return ready

    def announce(self, performers: Sequence[int]) -> Datagrams:
        """Who plays; names, parents, space and offsets of each."""
        if self._announced != tuple(performers) or not self._announcement:
            self._announced = tuple(performers)
            messages = [osc.encode(f"{self._root}/performers", *performers)]
            for number in performers:
                messages += self._words[number]
            self._announcement = [osc.bundle(group) for group in osc.split(messages)]
        return self._announcement

    def report(self, status: Status) -> Datagrams:
        """The state: numbers as `f`, names as `s`; a number that is not finite is left out."""
        words = {"model": status.model, "status": status.status}
        messages = [osc.encode(f"{self._root}/state/{name}", number) for name, number in figures(status)]
        messages += [osc.encode(f"{self._root}/state/{name}", _printable(word)) for name, word in words.items()]
        return [osc.bundle(group) for group in osc.split(messages)]


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> Native:
    """The native output of one act."""
    return Native(spec, performers, root, options)


class _Body:
    """The prepared datagrams of one performer."""

    def __init__(self, address: str, joints: int, view: View) -> None:
        frame = osc.encode(f"{address}/frame", 0, 0)
        pose = [osc.encode(f"{address}/pos", *[0.0] * 3 * joints), osc.encode(f"{address}/root", *[0.0] * 7)]
        turns = [osc.encode(f"{address}/rot", *[0.0] * 4 * joints)]
        try:
            placed = [osc.PreparedDatagram(group) for group in osc.split(pose, first=frame)]
        except WireError as error:
            raise ConfigError(PLACE, f"{joints} joints in {error.found}", error.expected) from error
        fits = osc.size([frame, *turns]) <= MAX_DATAGRAM
        turned = [osc.PreparedDatagram([frame, *turns])] if fits else []
        self._view = view
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
        self._positions[...] = self._view.points(positions)
        self._root[...] = self._view.transform(root)
        return self._placed

    def turn(self, sequence: int, milliseconds: int, rotations: F32) -> list[bytearray]:
        """The datagram with rotations (J, 4); none where they do not fit one."""
        for frame, view in zip(self._turned_frames, self._rotations, strict=True):
            frame[0], frame[1] = sequence, milliseconds
            view[...] = self._view.quaternions(rotations)
        return self._turned


def _words(address: str, body: Skeleton, space: str) -> list[bytes]:
    """What a receiver needs to know about one performer, as messages; offsets fit wherever positions do."""
    kind = SPACES[space]
    offsets = View(kind).points(np.array(body.offsets))
    return [
        osc.encode(f"{address}/skeleton/names", *body.names),
        osc.encode(f"{address}/skeleton/parents", *body.parents),
        osc.encode(f"{address}/space", kind.hand, kind.up, "xyzw", kind.unit),
        osc.encode(f"{address}/skeleton/offsets", *offsets.ravel()),
    ]


def _printable(text: str) -> str:
    """A name from a model file or a path as one short string that any receiver can hold."""
    return text.replace("\0", " ")[:LONGEST].encode(errors="replace").decode()
