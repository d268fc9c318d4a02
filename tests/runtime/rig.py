"""A show without a network of any kind."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from engine.contracts import Counters, Datagrams, Status
from engine.outputs import native
from engine.priming import Moment
from engine.runtime.broadcast import Broadcast
from engine.runtime.cadence import Cadence
from engine.runtime.clock import VirtualClock
from engine.runtime.commands import Command, Commands
from engine.runtime.company import Company
from engine.runtime.playing import Playing
from engine.runtime.requests import Answered
from engine.runtime.stage import Stage
from engine.runtime.stream import Stream
from engine.runtime.target import Target
from engine.runtime.wishes import Wishes
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Pose, Quality
from engine.schema.model import Head, ModelSpec
from engine.schema.show import Entrance, Place
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


def swinging(number: int, count: float) -> F32:
    """(2, 3) joints of performer `number` after `count` frames: it sways at 0.7 Hz and walks along z."""
    phase = 2 * np.pi * 0.7 * count / 30
    hips = np.array([number + 0.3 * np.sin(phase), 1 + 0.05 * np.cos(phase), 0.02 * count])
    lean = 0.4 * np.sin(phase + number)
    return np.array([hips, hips + 0.6 * np.array([np.sin(lean), np.cos(lean), 0])], np.float32)


class Puppet:
    """An act whose performers sway, taking as long as it is told: ns by the count of frames, else nothing."""

    skeleton = BODY

    def __init__(
        self,
        clock: VirtualClock,
        costs: Mapping[int, int] | None = None,
        broken: int = -1,
        performers: Sequence[int] = (1,),
        model: str = "stick",
    ) -> None:
        self.model = model
        self.frames: list[Frame] = []
        self.performers = tuple(performers)
        self.reserved: list[tuple[int, str]] = []
        self.entered: dict[int, tuple[int | None, Place, Controls]] = {}
        self.moments: dict[int, Moment | None] = {}
        self.again: dict[int, int] = {}
        """In which frame a performer starts again, by its number."""
        self.told: list[tuple[object, ...]] = []
        """What it was told, with the name of the method."""
        self.restarts = self.closed = 0
        self._count = 0
        self._clock, self._costs, self._broken = clock, costs or {}, broken

    @property
    def counters(self) -> Counters:
        return Counters(frames=len(self.frames), guarded=1, nudged=2, primed=3)

    def tick(self) -> Frame:
        count = self._count
        if count == self._broken:
            raise ZeroDivisionError("a bug\nin two lines")
        self._count += 1
        self._clock.sleep_until_ns(self._clock.now_ns() + self._costs.get(count, 0))
        positions = np.array([swinging(number, count) for number in self.performers], np.float32).reshape(-1, 2, 3)
        root = np.zeros((len(positions), 7), np.float32)
        root[:, [0, 2]] = positions[:, 0, [0, 2]]
        root[:, 4], root[:, 6] = np.sin(count / 20), np.cos(count / 20)
        primed = [Quality.PRIMED if self.again.get(each) == count else Quality.GOOD for each in self.performers]
        frame = Frame(count, round(count * 1000 / 30), Pose(positions, root), tuple(primed), self.performers)
        self.frames.append(frame)
        return frame

    def restart(self) -> None:
        self.performers, self._count = (), 0
        self.restarts += 1

    def reserve(self, number: int) -> None:
        if number > 8:
            raise ValueError("room for eight")
        self.reserved.append((number, threading.current_thread().name))

    def join(
        self, number: int, *, seed: int | None, place: Place, controls: Controls, moment: Moment | None = None
    ) -> None:
        if number in self.performers:
            raise ValueError("plays already")
        self.performers = tuple(sorted((*self.performers, number)))
        self.entered[number] = seed, place, controls
        self.moments[number] = moment

    def leave(self, number: int) -> None:
        if number not in self.performers:
            raise ValueError("does not play")
        self.performers = tuple(other for other in self.performers if other != number)

    def steer(self, number: int, controls: Controls) -> None:
        self.told.append(("steer", number, controls))

    def move(self, number: int, place: Place) -> None:
        self.told.append(("move", number, place))

    def reseed(self, number: int, seed: int) -> None:
        self.told.append(("reseed", number, seed))

    def start(self, number: int, moment: Moment | None) -> None:
        self.told.append(("start", number, moment))

    def stand(self, number: int, root: F32) -> None:
        self.told.append(("stand", number, root))

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        self.told.append(("recall", clip, frame))
        return Moment(np.zeros((3, 2, 3), np.float32), (), (clip, frame))

    def close(self) -> None:
        self.closed += 1


def streamed(act: Puppet, *, fps: float = 30, speed: float = 1.0) -> Stream:
    """An act at a rate of the wire."""
    cadence = Cadence(BODY, model_fps=30, fps=fps, speed=speed)
    return Stream(act, cadence, act.model, lambda: f"{act.model}'s strings", f"{act.model}.onnx")


EVERYTHING = Wishes(hold=False, smooth=0.0, shares=np.ones(64, np.float32))


class Hand:
    """Steers: does at each look, the first of which is number 0, what it is told to, and then the commands."""

    def __init__(self, looks: Mapping[int, Command], commands: Commands, company: Company) -> None:
        self.wishes = EVERYTHING
        self.cue = ""
        self.changing = False
        self.counters = Answered(taken=4, unknown=3, bad=2, denied=1)
        self.ignored = 5
        self.times: list[int] = []
        self._looks, self._commands, self._company = looks, commands, company

    def obey(self, now_ns: int) -> Wishes:
        self._looks.get(len(self.times), int)()
        self.times.append(now_ns)
        self._commands.run(8)
        self._company.gather()
        return self.wishes


class Rig(NamedTuple):
    stage: Stage
    act: Puppet
    senders: Sequence[Recorder]
    clock: VirtualClock
    playing: Playing
    broadcast: Broadcast
    hand: Hand
    company: Company
    errands: Commands
    states: list[Status]

    def enter(self, number: int, entrance: Entrance = Entrance()) -> None:  # noqa: B008 (a frozen value)
        """Have a performer come on with the next frame."""
        self.playing.reserve(number)
        self.stage.call(lambda: self.playing.join(number, **entrance._asdict()))


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
    looks: Mapping[int, Command] | None = None,
    receiving: Callable[[int], dict[str, Any]] = lambda _: {},
    **settings: Any,
) -> Rig:
    """A stage on a virtual clock with a puppet and recording senders; `receiving` gives each target's own options."""
    clock = clock or VirtualClock(START)
    senders = [Recorder(clock) for _ in range(targets)]
    receivers = [receiver(sender, performers, **receiving(index)) for index, sender in enumerate(senders)]
    player = act(clock, costs, broken, performers)
    playing = Playing(streamed(player, fps=fps, speed=speed), BODY, fps)
    commands, errands = Commands(64), Commands(64)
    company = Company(playing, lambda _: Entrance(), commands=commands, errands=errands)
    hand = Hand(looks or {}, commands, company)
    states: list[Status] = []
    broadcast = Broadcast(receivers, states.append)
    resources = ExitStack()
    for sender in senders:
        resources.callback(sender.close)
    stage = Stage(
        playing,
        broadcast,
        steering=hand,
        fps=fps,
        clock=clock,
        commands=commands,
        errands=errands,
        seconds=seconds,
        resources=resources,
        **settings,
    )
    return Rig(stage, player, senders, clock, playing, broadcast, hand, company, errands, states)


def receiver(sender: Recorder, cast: Sequence[int] = (1,), /, **options: Any) -> Target:
    """A native receiver."""
    return Target(native.create(SPEC, cast, "/engine", native.Options()), sender, **options)


def play(**settings: Any) -> Rig:
    """Make a rig and let it play to its end."""
    made = rig(**settings)
    made.stage.prime()
    made.stage.play(threading.Event())
    return made
