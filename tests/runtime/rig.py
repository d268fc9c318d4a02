"""A show without a network of any kind."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from engine.act import Counters
from engine.outputs import native
from engine.runtime.clock import VirtualClock
from engine.runtime.stage import Stage
from engine.runtime.target import Datagrams, Target
from engine.schema.controls import Controls
from engine.schema.frame import Frame, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.skeleton import Skeleton

BODY = Skeleton(names=("hips", "head"), parents=(-1, 0), offsets=((0, 1, 0), (0, 0.6, 0)), facing=())

SPEC = ModelSpec(
    name="stick",
    family="dance",
    fps=30,
    features=1,
    head=Head(kind="mdn", components=1, dims=1),
    state=(),
    licence="none",
    credit="none",
    skeleton=BODY,
)


START = 123_456_789
"""What the virtual clock shows at first, ns."""


class Sent(NamedTuple):
    sent: int
    skipped: int = 0
    errors: Mapping[str, int] = {}


class Recorder:
    """A sender that keeps what it is given, with the time."""

    def __init__(self, clock: VirtualClock) -> None:
        self.calls: list[tuple[int, list[bytes]]] = []
        self.closed = False
        self._clock = clock

    @property
    def counters(self) -> Sent:
        return Sent(sum(len(datagrams) for _, datagrams in self.calls))

    @property
    def datagrams(self) -> list[bytes]:
        return [datagram for _, datagrams in self.calls for datagram in datagrams]

    def times(self, part: bytes) -> list[int]:
        """When a datagram that holds `part` was sent, ns."""
        return [now for now, datagrams in self.calls if any(part in datagram for datagram in datagrams)]

    def send(self, datagrams: Datagrams) -> int:
        self.calls.append((self._clock.now_ns(), [bytes(datagram) for datagram in datagrams]))
        return len(datagrams)

    def close(self) -> None:
        self.closed = True


class Puppet:
    """An act that nods, taking as long as it is told: ns by sequence number, else nothing."""

    def __init__(self, clock: VirtualClock, costs: Mapping[int, int] | None = None, broken: int = -1) -> None:
        self.frames: list[Frame] = []
        self._clock, self._costs, self._broken = clock, costs or {}, broken

    @property
    def counters(self) -> Counters:
        return Counters(frames=len(self.frames), guarded=1, nudged=2, primed=3)

    def tick(self, sequence: int, milliseconds: int, controls: Controls) -> Frame:
        if sequence == self._broken:
            raise ZeroDivisionError("a bug\nin two lines")
        self._clock.sleep_until_ns(self._clock.now_ns() + self._costs.get(sequence, 0))
        positions = np.full((1, 2, 3), controls.temperature * sequence, np.float32)
        root = np.array([[0, 0, 0, 0, 0, 0, 1]], np.float32)
        frame = Frame(sequence, milliseconds, Pose(positions, root), (Quality.GOOD,))
        self.frames.append(frame)
        return frame


class Rig(NamedTuple):
    stage: Stage
    act: Puppet
    senders: Sequence[Recorder]
    clock: VirtualClock


def rig(
    *,
    fps: float = 30,
    seconds: float | None = 1,
    targets: int = 1,
    costs: Mapping[int, int] | None = None,
    broken: int = -1,
    clock: VirtualClock | None = None,
) -> Rig:
    """A stage on a virtual clock with a puppet and recording senders."""
    clock = clock or VirtualClock(START)
    senders = [Recorder(clock) for _ in range(targets)]
    receivers = [Target(native.create(SPEC, 1, "/engine"), native.state, sender) for sender in senders]
    act = Puppet(clock, costs, broken)
    resources = ExitStack()
    for sender in senders:
        resources.callback(sender.close)
    stage = Stage(
        act,
        receivers,
        Controls(),
        fps=fps,
        clock=clock,
        model="stick",
        provider="x",
        seconds=seconds,
        resources=resources,
    )
    return Rig(stage, act, senders, clock)


def play(**settings: Any) -> Rig:
    """Make a rig and let it play to its end."""
    made = rig(**settings)
    made.stage.prime()
    made.stage.play(threading.Event())
    return made
