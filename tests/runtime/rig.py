"""A show without a network of any kind."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from engine.act import Counters
from engine.contracts import Datagrams
from engine.outputs import native
from engine.runtime.cadence import Cadence
from engine.runtime.clock import VirtualClock
from engine.runtime.stage import Stage
from engine.runtime.target import Target
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.show import Place
from engine.schema.skeleton import Skeleton
from engine.wire.decode import Value

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


def swinging(number: int, count: float) -> F32:
    """(2, 3) joints of performer `number` after `count` frames: it sways at 0.7 Hz and walks along z."""
    phase = 2 * np.pi * 0.7 * count / 30
    hips = np.array([number + 0.3 * np.sin(phase), 1 + 0.05 * np.cos(phase), 0.02 * count])
    lean = 0.4 * np.sin(phase + number)
    return np.array([hips, hips + 0.6 * np.array([np.sin(lean), np.cos(lean), 0])], np.float32)


class Puppet:
    """An act whose performers sway, taking as long as it is told: ns by the count of frames, else nothing."""

    def __init__(
        self,
        clock: VirtualClock,
        costs: Mapping[int, int] | None = None,
        broken: int = -1,
        performers: Sequence[int] = (1,),
    ) -> None:
        self.frames: list[Frame] = []
        self.performers = tuple(performers)
        self.reserved: list[tuple[int, str]] = []
        self.entered: dict[int, tuple[int | None, Place, Controls]] = {}
        self.again: dict[int, int] = {}
        """In which frame a performer starts again, by its number."""
        self._clock, self._costs, self._broken = clock, costs or {}, broken

    @property
    def counters(self) -> Counters:
        return Counters(frames=len(self.frames), guarded=1, nudged=2, primed=3)

    def tick(self) -> Frame:
        count = len(self.frames)
        if count == self._broken:
            raise ZeroDivisionError("a bug\nin two lines")
        self._clock.sleep_until_ns(self._clock.now_ns() + self._costs.get(count, 0))
        positions = np.array([swinging(number, count) for number in self.performers], np.float32).reshape(-1, 2, 3)
        root = np.zeros((len(positions), 7), np.float32)
        root[:, [0, 2]] = positions[:, 0, [0, 2]]
        root[:, 4], root[:, 6] = np.sin(count / 20), np.cos(count / 20)
        primed = [Quality.PRIMED if self.again.get(each) == count else Quality.GOOD for each in self.performers]
        frame = Frame(count, round(count * 1000 / 30), Pose(positions, root), tuple(primed), self.performers)
        self.frames.append(frame)
        return frame

    def reserve(self, number: int) -> None:
        if number > 8:
            raise ValueError("room for eight")
        self.reserved.append((number, threading.current_thread().name))

    def join(self, number: int, *, seed: int | None, place: Place, controls: Controls) -> None:
        if number in self.performers:
            raise ValueError("plays already")
        self.performers = tuple(sorted((*self.performers, number)))
        self.entered[number] = seed, place, controls

    def leave(self, number: int) -> None:
        if number not in self.performers:
            raise ValueError("does not play")
        self.performers = tuple(other for other in self.performers if other != number)


class Said(NamedTuple):
    """A message from nowhere."""

    address: str
    arguments: tuple[Value, ...] = ()


class Heard(NamedTuple):
    bad: int


class Ear:
    """A listener that hears at each look what it is told to; nothing after that."""

    def __init__(self, looks: Mapping[int, Sequence[Said]], bad: int = 0) -> None:
        self.counters = Heard(bad)
        self._looks, self._look = looks, -1

    def drain(self) -> Sequence[Said]:
        self._look += 1
        return self._looks.get(self._look, ())


class Rig(NamedTuple):
    stage: Stage
    act: Puppet
    senders: Sequence[Recorder]
    clock: VirtualClock
    cadence: Cadence


def rig(
    *,
    fps: float = 30,
    seconds: float | None = 1,
    targets: int = 1,
    costs: Mapping[int, int] | None = None,
    broken: int = -1,
    clock: VirtualClock | None = None,
    performers: Sequence[int] = (1,),
    speed: float = 1.0,
    act: type[Puppet] = Puppet,
    receiving: Callable[[int], dict[str, Any]] = lambda _: {},
    **settings: Any,
) -> Rig:
    """A stage on a virtual clock with a puppet and recording senders; `receiving` gives each target's own options."""
    clock = clock or VirtualClock(START)
    senders = [Recorder(clock) for _ in range(targets)]
    outputs = [native.create(SPEC, performers, "/engine", native.Options()) for _ in senders]
    pairs = enumerate(zip(outputs, senders, strict=True))
    receivers = [Target(output, sender, **receiving(index)) for index, (output, sender) in pairs]
    player = act(clock, costs, broken, performers)
    cadence = Cadence(BODY, model_fps=30, fps=fps, speed=speed)
    resources = ExitStack()
    for sender in senders:
        resources.callback(sender.close)
    stage = Stage(
        player,
        receivers,
        cadence=cadence,
        fps=fps,
        clock=clock,
        model="stick",
        provider="x",
        seconds=seconds,
        resources=resources,
        **settings,
    )
    return Rig(stage, player, senders, clock, cadence)


def play(**settings: Any) -> Rig:
    """Make a rig and let it play to its end."""
    made = rig(**settings)
    made.stage.prime()
    made.stage.play(threading.Event())
    return made
