"""The engine's own protocol, read by Max, Pd, SuperCollider, openFrameworks, the monitor and the takes (WIRE.md, A).

Right-handed, Y up, metres, facing +Z, quaternions x y z w, unless another `space` is asked for. Every datagram of a
body's frame is a bundle that belongs to one performer and begins with `/engine/p1/frame`; an announcement, the state,
the keys of a piano, what is told of pictures, signals and labels belong to no performer and carry none.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.contracts import Datagrams, Status
from engine.kept import Kept
from engine.motion.spaces import SPACES, View
from engine.outputs._body import (
    AT_TIMES,
    COUNTER,
    EACH_FRAME,
    EACH_SECOND,
    Address,
    Gate,
    Refused,
    figures,
    skeleton,
)
from engine.outputs._image import Latents, Thumbnail
from engine.outputs._notes import AT_ONCE, PIANO, Numbers, together
from engine.outputs._packet import Cast, Packets
from engine.outputs._rigged import Rigged
from engine.outputs._signals import SIGN, Signals, shown
from engine.schema import show
from engine.schema.errors import ConfigError, WireError
from engine.schema.frame import Frame, Image, Label, Notes, Pose
from engine.schema.model import ModelSpec
from engine.schema.note import KEYS, Event, Note
from engine.schema.skeleton import Skeleton
from engine.wire import osc

ROOT = "/engine"

PLACE = "native output"

WORDS = ("model", "status", "cue", "provider", "recording")
"""Of the state."""

_MAP = "where the network's memory is on its map, -1 to 1; `fff` on a map of three axes"

ADDRESSES: tuple[Address, ...] = (
    Address("/engine/p1/frame", "ii", 0, "sequence, milliseconds since the start", "first in each datagram of a frame"),
    Address("/engine/p1/pos", "f", 3, "x y z of each joint in the world, metres", EACH_FRAME),
    Address("/engine/p1/root", "fffffff", 0, "place on the floor x y z, metres; heading x y z w", EACH_FRAME),
    Address("/engine/p1/rot", "f", 4, "x y z w of each joint against its parent, 0 0 0 1 in a T-pose", EACH_FRAME),
    Address("/engine/piano/note", "iii", 0, "key 21 to 108, velocity 0 to 127 (0: it comes up), channel", AT_ONCE),
    Address("/engine/piano/pedal", "ii", 0, "0 to 127, from 64 on it is down; channel", AT_ONCE),
    Address("/engine/piano/notes", "i" * KEYS, 0, "velocity of each key from 21 on, 0: it is up", EACH_FRAME),
    Address(
        "/engine/latent", "f", 0, "latent numbers of the picture, an `f` for each; standard deviations", EACH_FRAME
    ),
    Address(
        "/engine/thumbnail", "iib", 0, "width, height, greys from the top row on", "likewise, with `thumbnail=true`"
    ),
    Address("/engine/dance/path", "ff", 0, _MAP, "each frame, where the model of the act, here `dance`, has a map"),
    Address("/engine/p1/path", "ff", 0, "likewise of each performer", "each frame, where several dance"),
    Address("/engine/sign/probabilities", "f", 0, "how likely each sign is, 0 to 1, an `f` for each", EACH_FRAME),
    Address("/engine/sign/label", "sf", 0, "a sign that was recognised; how likely it is, 0 to 1", "once for each"),
    Address("/engine/performers", "i", 0, "number of each performer that plays", AT_TIMES),
    Address("/engine/p1/skeleton/names", "s", 1, "name of each joint", AT_TIMES),
    Address("/engine/p1/skeleton/parents", "i", 1, "number of each joint's parent, from 0; -1 for the root", AT_TIMES),
    Address("/engine/p1/skeleton/offsets", "f", 3, "x y z of each joint from its parent in a T-pose, metres", AT_TIMES),
    Address("/engine/p1/space", "sssf", 0, "`rh` `y-up` `xyzw`, metres per unit", AT_TIMES),
    Address("/engine/state/fps", "f", 0, "frames that left in the last second", EACH_SECOND),
    Address("/engine/state/late", "f", 0, "frames that left late since the start", EACH_SECOND),
    Address("/engine/state/skipped", "f", 0, "frames that were left out since the start", EACH_SECOND),
    Address("/engine/state/p99_ms", "f", 0, "99th percentile of the lateness in the last second, ms", EACH_SECOND),
    Address("/engine/state/clients", "f", 0, "receivers that subscribed", EACH_SECOND),
    Address("/engine/state/model", "s", 0, "name of the model", EACH_SECOND),
    Address("/engine/state/status", "s", 0, "`playing`, or `stopped` as the last word", EACH_SECOND),
    Address("/engine/state/cue", "s", 0, "name of the cue that was called last, empty before the first", EACH_SECOND),
    Address("/engine/state/provider", "s", 0, "what the model runs on, and why not on what it should", EACH_SECOND),
    Address("/engine/state/recording", "s", 0, "the file that is recorded into; or why none; or empty", EACH_SECOND),
)
"""Everything that this output sends, for the first performer alone."""


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the native output.

    Attributes:
        space: whose axes and units positions, rotations and offsets have.
        rig: whether the joints are those of the rig, with helpers for spine and collars: then offsets and rotations
            alone give the positions back.
        thumbnail: whether a small copy of the picture is sent, as a blob.
    """

    space: Annotated[
        Literal["engine", "unity", "unreal", "blender"], Meta(description="'engine', 'unity', 'unreal' or 'blender'")
    ] = "engine"
    rig: Annotated[bool, Meta(description="true or false")] = False
    thumbnail: Annotated[bool, Meta(description="true or false")] = False


class Native:
    """Frames of one act as native datagrams.

    Args:
        spec: the model; its skeleton gives the number of joints J, and without one there are only keys and pictures.
        performers: numbers of those who play at the start.
        root: begins every address.
        options: what was asked for.

    Raises:
        ConfigError: a skeleton with too many joints for one datagram, none or one without a rig that is asked for its
            rig, a root that is no address.
        WireError: joint names that do not fit one datagram, or that hold a zero character.
    """

    def __init__(
        self, spec: ModelSpec, performers: Sequence[int], root: str = ROOT, options: Options | None = None
    ) -> None:
        if not osc.is_address(root):
            raise ConfigError(PLACE, f"the root {root!r}", f"/ and a name, such as {ROOT}")
        asked = options or Options()
        self._rigged = Rigged(skeleton(spec, PLACE), PLACE) if asked.rig else None
        body = spec.skeleton if self._rigged is None else self._rigged.skeleton
        joints, space = 0 if body is None else len(body.names), asked.space
        self._view = View(SPACES[space])
        self._root = root
        self._piano = _Piano(f"{root}/{PIANO}")
        self._latents = Latents(f"{root}/latent")
        self._thumbnail = Thumbnail(f"{root}/thumbnail") if asked.thumbnail else None
        self._gate = Gate(joints)
        self._signals = Signals(partial(_signal, root))
        self._packets = _packets(root, joints, performers if joints else ())
        self._words = Kept(lambda number: _words(f"{root}/p{number}", body, space), performers)
        self._announced: tuple[int, ...] = ()
        self._announcement: list[bytes] = []
        self._dropped = 0
        self.announce(performers)
        if joints:
            _packets(root, joints, (1,)).of((1,)).put(0, 0, _nobody(joints), self._view)  # compiles

    @property
    def refused(self) -> Refused:
        """What was kept off the wire so far."""
        return Refused(self._gate.broken, self._dropped, self._signals.refused)

    def datagrams(self, frame: Frame) -> Datagrams:
        """The datagrams of one frame: performer by performer, keys, picture, signals, labels.

        The next call overwrites all.

        Raises:
            ValueError: arrays of another shape than the frame's performers and J promise.
        """
        if self._rigged is not None:
            frame = self._rigged.frame(frame)
        self._gate.check(frame)
        pose, cast = frame.pose, self._packets.of(frame.performers)
        whole = cast.put(frame.sequence & COUNTER, frame.milliseconds & COUNTER, pose, self._view)
        ready = cast.all_placed if pose.rotations is None else cast.all_turned
        if not whole:
            ready = self._sound(cast, pose)
        elif pose.rotations is not None:
            self._dropped += cast.unfit
        keys = [] if frame.notes is None else [self._piano.keys(frame.notes)]
        pictured = [] if frame.image is None else self._pictured(frame.image)
        told = self._signals.put(frame.signals) if frame.signals else []
        signs = self._labels(frame.labels) if frame.labels else []
        return [*ready, *keys, *pictured, *told, *signs] if keys or pictured or told or signs else ready

    def _pictured(self, image: Image) -> list[bytearray]:
        """The latent numbers of a picture, and its small copy, as far as there are such."""
        found: list[bytearray] = []
        if image.latent is not None and (latents := self._latents.put(image.latent)) is not None:
            found.append(latents)
        if self._thumbnail is not None:
            found.append(self._thumbnail.put(image.pixels))
        return found

    def _labels(self, labels: Sequence[Label]) -> Datagrams:
        """What was recognised, a message for each."""
        sound = [label for label in labels if math.isfinite(label.certainty)]
        self._signals.refused += len(labels) - len(sound)
        address = f"{self._root}/{SIGN}/label"
        return together([osc.encode(address, shown(label.word), float(label.certainty)) for label in sound])

    def _sound(self, cast: Cast, pose: Pose) -> list[memoryview]:
        """The datagrams of those bodies that are some."""
        rows = np.flatnonzero(cast.sound).tolist()
        self._gate.broken += len(cast.sound) - len(rows)
        if pose.rotations is None:
            return [part for row in rows for part in cast.placed[row]]
        self._dropped += sum(len(cast.placed[row]) == len(cast.turned[row]) for row in rows)
        return [part for row in rows for part in cast.turned[row]]

    def notes(self, events: Sequence[Event]) -> Datagrams:
        """Each event as a message; several in a bundle."""
        return together([self._piano.event(event) for event in events])

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
        words = {name: getattr(status, name) for name in WORDS}
        messages = [osc.encode(f"{self._root}/state/{name}", number) for name, number in figures(status)]
        messages += [osc.encode(f"{self._root}/state/{name}", shown(word)) for name, word in words.items()]
        return [osc.bundle(group) for group in osc.split(messages)]


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> Native:
    """The native output of one act."""
    return Native(spec, performers, root, options)


class _Piano:
    """The prepared messages of the keys and the pedal."""

    def __init__(self, address: str) -> None:
        self._note, self._pedal = Numbers(f"{address}/note", "iii"), Numbers(f"{address}/pedal", "ii")
        keys = osc.PreparedDatagram(osc.encode(f"{address}/notes", *[0] * KEYS))
        self._keys, self._velocities = keys.data, keys.ints(f"{address}/notes")

    def event(self, event: Event) -> bytes:
        """What happens to a key or to the pedal."""
        return self._note(*event) if isinstance(event, Note) else self._pedal(*event)

    def keys(self, notes: Notes) -> bytearray:
        """All keys."""
        self._velocities[:] = notes.velocities
        return self._keys


def _signal(root: str, name: str, count: int) -> list[bytes]:
    """The message of a signal of so many numbers."""
    return [osc.encode(f"{root}/{name}", *[0.0] * count)]


def _packets(root: str, joints: int, performers: Sequence[int]) -> Packets:
    """What is prepared for the performers.

    Raises:
        ConfigError: too many joints for one datagram.
    """
    try:
        return Packets(root, joints, performers)
    except WireError as error:
        raise ConfigError(PLACE, f"{joints} joints in {error.found}", error.expected) from error


def _nobody(joints: int) -> Pose:
    positions, rotations = np.zeros((1, joints, 3), np.float32), np.zeros((1, joints, 4), np.float32)
    return Pose(positions, np.zeros((1, 7), np.float32), rotations)


def _words(address: str, body: Skeleton | None, space: str) -> list[bytes]:
    """What a receiver needs to know about one performer, as messages; offsets fit wherever positions do."""
    if body is None:
        return []
    kind = SPACES[space]
    offsets = View(kind).points(np.array(body.offsets))
    return [
        osc.encode(f"{address}/skeleton/names", *body.names),
        osc.encode(f"{address}/skeleton/parents", *body.parents),
        osc.encode(f"{address}/space", kind.hand, kind.up, "xyzw", kind.unit),
        osc.encode(f"{address}/skeleton/offsets", *offsets.ravel()),
    ]
