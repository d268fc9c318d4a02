"""TouchDesigner's OSC In CHOP: one float per address, the same set and order in every frame (WIRE.md, B).

Positions in metres, right-handed, Y up, as TouchDesigner's own. Rotations are degrees against the parent in its default
order "Rx Ry Rz": about X first, then Y, then Z, each about an axis of the parent. An angle jumps from 180 to -180. A
channel holds no text, so nothing is announced. Addresses do not begin with the show's root: they become channel names,
which may hold only letters, digits, `-`, `_`, `:` and `/`.
"""

import math
import re
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.contracts import Datagrams, Status
from engine.kept import Kept
from engine.motion.channels import channels
from engine.outputs._body import (
    EACH_FRAME,
    EACH_SECOND,
    Address,
    Floats,
    Gate,
    Refused,
    figures,
)
from engine.outputs._image import finite
from engine.outputs._notes import AT_ONCE, Numbers, share, together
from engine.outputs._signals import SIGN, Signals
from engine.outputs._turns import angles
from engine.schema import show
from engine.schema.errors import ConfigError, WireError
from engine.schema.frame import F32, Frame, Label, Notes
from engine.schema.model import ModelSpec
from engine.schema.note import HIGHEST, LOUDEST, LOWEST, Event, Note
from engine.wire import osc

PLACE = "td output"

KEPT = f"{AT_ONCE}, and {EACH_FRAME}"

_MAPPED = "each frame, where the model of the act, here `dance`, has a map; of several dancers `/p1/path:tx` ... too"

ADDRESSES: tuple[Address, ...] = (
    Address("/p1/id", "f", 0, "number of the performer", EACH_FRAME),
    Address("/p1/frame", "f", 0, "sequence", EACH_FRAME),
    Address("/p1/<joint>:tx", "f", 0, "x of a joint in the world, metres; likewise `:ty` and `:tz`", EACH_FRAME),
    Address("/p1/<joint>:rx", "f", 0, "degrees about x; likewise `:ry` and `:rz`", "each frame, with `rotations=true`"),
    Address("/p1/pos", "f", 3, "x y z of each joint, with `layout=list` instead of `:tx` ...", EACH_FRAME),
    Address("/p1/rot", "f", 3, "rx ry rz of each joint, with `layout=list` instead of `:rx` ...", EACH_FRAME),
    Address("/n21", "f", 0, "velocity of a key, 0 to 1; 0: it is up; likewise `/n22` to `/n108`", KEPT),
    Address("/pedal", "f", 0, "the sustain pedal, 0 to 1; from 0.504 on it is down", KEPT),
    Address("/latent0", "f", 0, "latent number of the picture; likewise `/latent1` ...", EACH_FRAME),
    Address(
        "/dance/path:tx", "f", 0, "where the network's memory is on its map, -1 to 1; likewise `:ty`, `:tz`", _MAPPED
    ),
    Address("/sign/p1", "f", 0, "how likely the first sign is, 0 to 1; likewise `/sign/p2` ...", EACH_FRAME),
    Address("/sign/label", "f", 0, "number of the sign that was recognised last, from 1; 0: none yet", EACH_FRAME),
    Address("/sign/certainty", "f", 0, "how likely that sign was, 0 to 1", EACH_FRAME),
    Address("/sign/count", "f", 0, "signs that were recognised so far, the same one twice is two", EACH_FRAME),
    Address("/state/fps", "f", 0, "frames that left in the last second", EACH_SECOND),
    Address("/state/late", "f", 0, "frames that left late since the start", EACH_SECOND),
    Address("/state/skipped", "f", 0, "frames that were left out since the start", EACH_SECOND),
    Address("/state/p99_ms", "f", 0, "99th percentile of the lateness in the last second, ms", EACH_SECOND),
    Address("/state/clients", "f", 0, "receivers that subscribed", EACH_SECOND),
)
"""Everything that this output may send, for the first performer."""

PROBABILITIES = f"{SIGN}/probabilities"
"""Signal whose channels have a shorter name. They have numbers, those of `/sign/label`: words change with the model."""

UNFIT = re.compile(r"[^A-Za-z0-9_:/-]")
"""What the name of a channel cannot hold."""

COUNTER = 0xFFFFFF
"""The sequence begins again at 0 after this: beyond, a float32 does not hold every whole number. 77 h at 60 fps."""


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the TouchDesigner output.

    Attributes:
        rotations: whether channels `:rx`, `:ry` and `:rz` are sent too.
        layout: `channels` for an OSC In CHOP; `list`, one message for all joints, for an OSC In DAT.
    """

    rotations: Annotated[bool, Meta(description="true or false")] = False
    layout: Annotated[Literal["channels", "list"], Meta(description="'channels' or 'list'")] = "channels"


class TouchDesigner:
    """Frames of one act as channels.

    Args:
        spec: the model; its skeleton names the channels, and without one there are only those of keys and pictures.
        performers: numbers of those who play at the start.
        options: what was asked for.

    Raises:
        ConfigError: a skeleton with too many joints for one message of `layout=list`.
    """

    def __init__(self, spec: ModelSpec, performers: Sequence[int], options: Options) -> None:
        names = [] if spec.skeleton is None else channels(spec.skeleton.names)
        self._keys, self._latents = _Keys(), _Latents()
        self._signals, self._signs = Signals(_channels, blank=True), _Signs()
        self._gate = Gate(len(names))
        self._bodies = Kept(lambda number: _Body(number, names, options), performers)
        self._turns = options.rotations
        self._rotations = np.zeros((len(names), 4), np.float32)
        self._degrees = np.zeros((len(names), 3), np.float32)
        self._ready: list[bytearray] = []
        angles(self._rotations, self._degrees)

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(self._gate.broken, 0, self._signals.refused)

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame: performer by performer, keys, latent numbers, signals, what was signed last.

        The next call overwrites all. Where a frame has no rotations, their channels keep 0: the set of channels must
        stay the same.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        pose, ready = frame.pose, self._ready
        ready.clear()
        self._degrees.fill(0)
        for row, number in self._gate.sound(frame, pose.positions, pose.rotations if self._turns else None):
            if self._turns and pose.rotations is not None:
                self._rotations[...] = pose.rotations[row]
                angles(self._rotations, self._degrees)
            ready += self._bodies[number].put(frame.sequence & COUNTER, pose.positions[row], self._degrees)
        if frame.notes is not None:
            ready += self._keys.put(frame.notes)
        if frame.image is not None and frame.image.latent is not None:
            ready += self._latents.put(frame.image.latent)
        if frame.signals:
            ready += self._signals.put(frame.signals)
        return ready + self._signs.put(frame)

    def notes(self, events: Sequence[Event]) -> Datagrams:
        """The channels that change."""
        return together([self._keys.event(event) for event in events])

    def announce(self, performers: Sequence[int]) -> Datagrams:  # noqa: ARG002
        """Nothing: a channel holds no text."""
        return ()

    def report(self, status: Status) -> Datagrams:
        """The numbers of the state; the words have no place in a channel."""
        return [osc.bundle([osc.encode(f"/state/{name}", number) for name, number in figures(status)])]


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> TouchDesigner:  # noqa: ARG001
    """The TouchDesigner output of one act."""
    return TouchDesigner(spec, performers, options)


class _Keys:
    """The channels of all keys, from the lowest on, and of the pedal."""

    def __init__(self) -> None:
        names = [f"/n{number}" for number in range(LOWEST, HIGHEST + 1)]
        self._channels = [Numbers(name, "f") for name in names]
        self._pedal = Numbers("/pedal", "f")
        self._floats = Floats([osc.encode(name, 0.0) for name in (*names, "/pedal")])

    def event(self, event: Event) -> bytes:
        """The channel that an event changes."""
        if isinstance(event, Note):
            return self._channels[event.number - LOWEST](share(event.velocity))
        return self._pedal(share(event.value))

    def put(self, notes: Notes) -> list[bytearray]:
        """The datagrams with all channels."""
        self._floats.values[:-1] = notes.velocities
        self._floats.values[-1] = notes.pedal
        self._floats.values /= LOUDEST
        return self._floats.put()


class _Latents:
    """The channels of the latent numbers of pictures, made for each count of them."""

    def __init__(self) -> None:
        self._floats = Kept(lambda count: Floats([osc.encode(f"/latent{number}", 0.0) for number in range(count)]))

    def put(self, latent: F32) -> list[bytearray]:
        """The datagrams with all channels; those that are not finite are 0."""
        floats = self._floats[len(latent)]
        floats.values[:] = latent if finite(latent) else np.where(np.isfinite(latent), latent, 0.0)
        return floats.put()


class _Signs:
    """The channels of the sign that was recognised last; there from the first frame on in which signs are read.

    A label that no link took comes again with the next frame, and is the same object then.
    """

    def __init__(self) -> None:
        self._floats = Floats([osc.encode(f"/{SIGN}/{name}", 0.0) for name in ("label", "certainty", "count")])
        self._known: tuple[Label, ...] = ()
        self._read = False

    def put(self, frame: Frame) -> list[bytearray]:
        """The datagram with these channels; none where no signs are read."""
        for label in frame.labels:
            if not any(label is known for known in self._known):
                self._take(label)
        self._known = frame.labels
        self._read = self._read or bool(frame.labels) or any(signal.name == PROBABILITIES for signal in frame.signals)
        return self._floats.put() if self._read else []

    def _take(self, label: Label) -> None:
        certainty = label.certainty if math.isfinite(label.certainty) else 0.0
        self._floats.values[:] = label.number + 1, certainty, (self._floats.values[2] + 1) % COUNTER


class _Body:
    """The prepared datagrams of one performer: its number, its sequence, then the floats of all joints in order."""

    def __init__(self, number: int, names: Sequence[str], options: Options) -> None:
        address, joints = f"/p{number}", len(names)
        messages = [osc.encode(f"{address}/id", float(number)), osc.encode(f"{address}/frame", 0.0)]
        axes = ("tx", "ty", "tz", "rx", "ry", "rz") if options.rotations else ("tx", "ty", "tz")
        if options.layout == "channels":
            messages += [osc.encode(f"{address}/{name}:{axis}", 0.0) for name in names for axis in axes]
        else:
            lists = ("pos", "rot") if options.rotations else ("pos",)
            messages += [osc.encode(f"{address}/{name}", *[0.0] * 3 * joints) for name in lists]
        try:
            self._floats = Floats(messages)
        except WireError as error:
            raise ConfigError(PLACE, f"{joints} joints in {error.found}", error.expected, "layout=channels") from error
        self._positions, self._degrees = _views(self._floats.values[2:], joints, options)

    def put(self, sequence: int, positions: F32, degrees: F32) -> list[bytearray]:
        """The datagrams with positions (J, 3) and degrees (J, 3)."""
        self._floats.values[1] = sequence
        self._positions[...] = positions
        if len(self._degrees):
            self._degrees[...] = degrees
        return self._floats.put()


def _channels(name: str, count: int) -> list[bytes]:
    """The channels of a signal: of a path its axes, else one for each number, from 1 on."""
    clean = UNFIT.sub("_", name)
    axes = [f":t{axis}" for axis in "xyz"]
    if name.endswith("/path") and count <= len(axes):
        return [osc.encode(f"/{clean}{axis}", 0.0) for axis in axes[:count]]
    stem = f"{SIGN}/p" if name == PROBABILITIES else clean
    return [osc.encode(f"/{stem}{number}", 0.0) for number in range(1, count + 1)]


def _views(values: F32, joints: int, options: Options) -> tuple[F32, F32]:
    """Where in a body's floats its positions (J, 3) and degrees (J, 3) stand; (0, 3) where none are sent."""
    if not options.rotations:
        return values.reshape(joints, 3), np.zeros((0, 3), np.float32)
    if options.layout == "channels":
        both = values.reshape(joints, 2, 3)
        return both[:, 0], both[:, 1]
    both = values.reshape(2, joints, 3)
    return both[0], both[1]
