"""The VMC protocol, read by Unity, Unreal, Blender, Godot, VSeeFace and Warudo (WIRE.md, C; protocol.vmc.info).

One performer per output, the first of each frame: the protocol knows no more than one body. Unity's space: left-handed,
Y up, metres, facing +Z, quaternions x y z w.

Rotations are local, and 0 0 0 1 in a T-pose however an avatar's bones are turned at rest, W: for a bone's local
rotation q, its rest included, W_parent q W_self^-1 is sent. As q = (D_parent W_parent)^-1 D_self W_self, with the turns
since rest D that are solved, this is D_parent^-1 D_self. W drops out, and an avatar's file is asked for places only.
Receivers apply places too, so each bone is sent with its offset at rest.

Keys are what a MIDI keyboard at the sender's would say: a key with its channel from 0 and its velocity from 0 to 1, as
Unity's MidiJack has them, and the sustain pedal as controller 64.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.contracts import Datagrams, Status
from engine.motion.rig import make_rig
from engine.motion.spaces import SPACES, View
from engine.outputs import _avatar
from engine.outputs._body import EACH_FRAME, Address, Floats, Gate, Refused
from engine.outputs._humanoid import Humanoid, humanoid
from engine.outputs._notes import AT_ONCE, Numbers, share, together
from engine.outputs._turns import halfway, hang, unchain, write_bones
from engine.schema import show
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame
from engine.schema.model import ModelSpec
from engine.schema.note import SUSTAIN, Event, Note
from engine.schema.skeleton import Skeleton
from engine.wire import osc

PLACE = "vmc output"

SINGLE = True
"""A receiver has one avatar, so each performer has a port of its own."""

ADDRESSES: tuple[Address, ...] = (
    Address("/VMC/Ext/OK", "iii", 0, "1 3 0: loaded, calibrated, no mixed reality", EACH_FRAME),
    Address("/VMC/Ext/T", "f", 0, "seconds since the start", EACH_FRAME),
    Address("/VMC/Ext/Root/Pos", "sfffffff", 0, "`root`, 0 0 0, 0 0 0 1", EACH_FRAME),
    Address(
        "/VMC/Ext/Bone/Pos", "sfffffff", 0, "bone, x y z metres, x y z w, against its parent", "each frame and bone"
    ),
    Address("/VMC/Ext/Midi/Note", "iiif", 0, "1 or 0: down or up, channel 0 to 15, key, velocity 0 to 1", AT_ONCE),
    Address("/VMC/Ext/Midi/CC/Val", "if", 0, "64, the sustain pedal 0 to 1", AT_ONCE),
)
"""Everything that this output sends, for its only performer."""

BEFORE = 8
"""Floats before those of the bones: the time and the root's seven."""

Avatar = Annotated[str, Meta(min_length=1, description="a .vrm, .glb or .json file", extra={"file": True})]


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the VMC output.

    Attributes:
        rest: the avatar that the receiver shows, for the length of its bones; None takes the model's own.
    """

    rest: Avatar | None = None


class Vmc:
    """The first performer of each frame as the bones of a humanoid avatar, and keys.

    Args:
        spec: the model; without a skeleton there are only keys.
        options: what was asked for.

    Raises:
        ConfigError: a skeleton that is no humanoid of joints or known markers.
        DataError: the avatar's file cannot be read, or holds no avatar.
    """

    def __init__(self, spec: ModelSpec, options: Options) -> None:
        self._body = None if spec.skeleton is None else _Body(spec.name, spec.skeleton, options)
        self._note, self._pedal = Numbers("/VMC/Ext/Midi/Note", "iiif"), Numbers("/VMC/Ext/Midi/CC/Val", "if")

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(0 if self._body is None else self._body.broken, 0)

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame, overwritten by the next call; none where its first body is broken or not solved.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        return () if self._body is None else self._body.datagrams(frame)

    def notes(self, events: Sequence[Event]) -> Datagrams:
        """Each event as a message; several in a bundle."""
        return together([self._event(event) for event in events])

    def announce(self, performers: Sequence[int]) -> Datagrams:  # noqa: ARG002
        """Nothing: every frame says all."""
        return ()

    def report(self, status: Status) -> Datagrams:  # noqa: ARG002
        """Nothing: the protocol has no words for it."""
        return ()

    def _event(self, event: Event) -> bytes:
        if isinstance(event, Note):
            down = int(event.velocity > 0)
            return self._note(down, max(event.channel - 1, 0), event.number, share(event.velocity))
        return self._pedal(SUSTAIN, share(event.value))


class _Body:
    """The first performer's bones."""

    def __init__(self, name: str, body: Skeleton, options: Options) -> None:
        rig = make_rig(body)
        avatar = None if options.rest is None else _avatar.read(Path(options.rest))
        made = None if rig is None else humanoid(rig, avatar)
        if rig is None or made is None:
            found = f"the model {name!r} whose body is no humanoid that can be solved"
            raise ConfigError(PLACE, found, "joints named pelvis, l_hip, r_hip and so on, or known markers")
        self._humanoid = made
        self._gate = Gate(len(body.names))
        self._unity = View(SPACES["unity"])
        self._floats = Floats(_messages(made, self._unity))
        self._bones = self._floats.values[BEFORE:].reshape(len(made.names), 7)
        self._turns = np.zeros((len(made.names), 4), np.float32)
        self._world = np.zeros((len(rig.names), 4), np.float32)
        self._pelvis = np.zeros(3)
        self._middle = np.zeros(3)
        self._joints = np.zeros((len(rig.joints), 3), np.float32)
        self._solve()

    @property
    def broken(self) -> int:
        """Frames that were left out."""
        return self._gate.broken

    def datagrams(self, frame: Frame) -> Datagrams:
        """Those of `Vmc`."""
        body = frame.pose.body
        sound = self._gate.sound(frame, *(body or ()))
        if body is None or not sound or sound[0][0] != 0:
            return ()
        self._world[...], self._joints[...] = body.bones[0], body.joints[0]
        self._solve()
        self._floats.values[0] = frame.milliseconds / 1000
        return self._floats.put()

    def _solve(self) -> None:
        made = self._humanoid
        halfway(self._joints, made.hips, self._middle)
        unchain(self._world, made.bones, made.parents, self._turns)
        hang(self._world[made.bones[0]], self._middle, made.middle, made.scale, self._pelvis)
        write_bones(self._pelvis, self._turns, self._unity.order, self._unity.factors, self._bones)


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> Vmc:  # noqa: ARG001
    """The VMC output of one act."""
    return Vmc(spec, options)


def _messages(made: Humanoid, unity: View) -> list[bytes]:
    """The messages of a T-pose, in order."""
    still = (0.0, 0.0, 0.0, 1.0)
    messages = [
        osc.encode("/VMC/Ext/OK", 1, 3, 0),
        osc.encode("/VMC/Ext/T", 0.0),
        osc.encode("/VMC/Ext/Root/Pos", "root", 0.0, 0.0, 0.0, *still),
    ]
    offsets = unity.points(made.offsets)
    bones = zip(made.names, offsets, strict=True)
    return messages + [osc.encode("/VMC/Ext/Bone/Pos", name, *offset, *still) for name, offset in bones]
