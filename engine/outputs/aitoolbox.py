"""The patches of the AI-Toolbox: one plain message per datagram, as its own senders do it (WIRE.md, D).

Right-handed, Z up, metres, quaternions w x y z, performers from 0; `frame=raw` keeps our axes. Nothing is announced and
no state is told: the patches have no words for it. Addresses do not begin with the show's root.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.contracts import MAX_DATAGRAM, Datagrams, Status
from engine.kept import Kept
from engine.motion.bones import I64
from engine.motion.spaces import SPACES, Floats, View
from engine.outputs._body import EACH_FRAME, Address, Gate, Refused, skeleton
from engine.outputs._turns import chain
from engine.schema import show
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame
from engine.schema.model import ModelSpec
from engine.schema.note import Event
from engine.wire import osc

PLACE = "aitoolbox output"

ADDRESSES: tuple[Address, ...] = (
    Address("/mocap/0/joint/pos_world", "f", 3, "x y z of each joint in the world, metres, Z up", EACH_FRAME),
    Address("/mocap/0/joint/rot_world", "f", 4, "w x y z of each joint in the world", EACH_FRAME),
    Address("/mocap/0/joint/rot_local", "f", 4, "w x y z of each joint against its parent", EACH_FRAME),
)
"""Everything that this output sends, for the first performer."""

SPACE = {"zup-m": "blender", "raw": "engine"}
"""The frames of the AI-Toolbox as our table of spaces calls them."""

W_FIRST = np.array([3, 0, 1, 2])


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the AI-Toolbox output.

    Attributes:
        frame: `zup-m`, Z up and metres; or `raw`, our own axes.
    """

    frame: Annotated[Literal["zup-m", "raw"], Meta(description="'zup-m' or 'raw'")] = "zup-m"


class AiToolbox:
    """Frames of one act as the AI-Toolbox's lists of joints.

    Args:
        spec: the model; its skeleton gives the number of joints J.
        performers: numbers of those who play at the start.
        options: what was asked for.

    Raises:
        ConfigError: no skeleton, or one with too many joints for one datagram.
    """

    def __init__(self, spec: ModelSpec, performers: Sequence[int], options: Options) -> None:
        body = skeleton(spec, PLACE)
        joints = len(body.names)
        self._gate = Gate(joints)
        self._view = View(SPACES[SPACE[options.frame]])
        self._bodies = Kept(lambda number: _Body(number, joints), performers)
        self._order: I64 = np.array(body.order, np.int64)
        self._parents: I64 = np.array(body.parents, np.int64)
        self._local = np.zeros((joints, 4), np.float32)
        self._world = np.zeros((joints, 4))
        self._ready: list[bytearray] = []
        self._dropped = 0
        chain(self._local, self._order, self._parents, self._world)

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(self._gate.broken, self._dropped)

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame, performer by performer; list and contents are overwritten by the next call.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        pose, ready, view = frame.pose, self._ready, self._view
        ready.clear()
        for row, number in self._gate.sound(frame, pose.positions, pose.rotations):
            body = self._bodies[number]
            ready.append(body.place(view.points(pose.positions[row])))
            if pose.rotations is not None:
                self._local[...] = pose.rotations[row]
                chain(self._local, self._order, self._parents, self._world)
                turned = body.turn(view.quaternions(self._world), view.quaternions(self._local))
                self._dropped += not turned
                ready += turned
        return ready

    def notes(self, events: Sequence[Event]) -> Datagrams:  # noqa: ARG002
        """Nothing: the patches have no words for keys."""
        return ()

    def announce(self, performers: Sequence[int]) -> Datagrams:  # noqa: ARG002
        """Nothing: the patches know their skeletons."""
        return ()

    def report(self, status: Status) -> Datagrams:  # noqa: ARG002
        """Nothing: the patches have no words for it."""
        return ()


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> AiToolbox:  # noqa: ARG001
    """The AI-Toolbox output of one act."""
    return AiToolbox(spec, performers, options)


class _Body:
    """The prepared datagrams of one performer."""

    def __init__(self, number: int, joints: int) -> None:
        address = f"/mocap/{number - 1}/joint"
        places, worlds, locals_ = (
            osc.encode(f"{address}/{name}", *[0.0] * width * joints)
            for name, width in {"pos_world": 3, "rot_world": 4, "rot_local": 4}.items()
        )
        if len(places) > MAX_DATAGRAM:
            raise ConfigError(PLACE, f"{joints} joints in a datagram of {len(places)} bytes", f"at most {MAX_DATAGRAM}")
        placed = osc.PreparedDatagram(places)
        fits = len(worlds) <= MAX_DATAGRAM
        turned = [osc.PreparedDatagram(message) for message in (worlds, locals_)] if fits else []
        self._placed = placed.data
        self._turned = [datagram.data for datagram in turned]
        self._positions = placed.floats(f"{address}/pos_world").reshape(joints, 3)
        self._rotations = [
            datagram.floats(f"{address}/{name}").reshape(joints, 4)
            for name, datagram in zip(("rot_world", "rot_local"), turned, strict=fits)
        ]

    def place(self, positions: Floats) -> bytearray:
        """The datagram with positions (J, 3)."""
        self._positions[...] = positions
        return self._placed

    def turn(self, *rotations: Floats) -> list[bytearray]:
        """The datagrams with world and local rotations (J, 4), x y z w; none where they do not fit one."""
        for view, turned in zip(self._rotations, rotations, strict=False):
            view[...] = turned.take(W_FIRST, -1)
        return self._turned
