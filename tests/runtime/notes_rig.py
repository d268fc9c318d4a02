"""A keyboard in virtual time: a scripted model and touch, an ear that is told what comes, receivers that keep all."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from engine.contracts import Datagrams, HeadOutput, Status
from engine.controls.letter import Inbox, Letter, Source
from engine.inference.scripted import ScriptedModel
from engine.pianist import Pianist
from engine.runtime.clock import VirtualClock
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget
from engine.schema.controls import TEMPERATURE, TOUCH_CONTROLS, Controls
from engine.schema.frame import F32, Frame
from engine.schema.model import Head, ModelSpec, Tensor
from engine.schema.note import Event, Note, Pedal, Score, Timed
from engine.wire.decode import Message, Value

MS = 1_000_000
HERE = Source("osc", "127.0.0.1", 9, trusted=True)
SPEC = ModelSpec(
    name="scripted piano",
    family="scripted",
    fps=30.0,
    features=1,
    head=Head(kind="mdn", components=2, dims=1),
    state=(Tensor(input="m", output="m_next", shape=(-1, 1)),),
    licence="CC0",
    credit="nobody",
    controls=(TEMPERATURE, *TOUCH_CONTROLS),
)


class Model(ScriptedModel):
    """An echo of its input, which may take its time and may break."""

    def __init__(self, clock: VirtualClock | None = None, took: int = 0, *, sigma: float = 5.0) -> None:
        super().__init__(SPEC, 1, memory=0.0, sigma=sigma)
        self.clock, self.took = clock, took
        self.steps = 0
        self.broken_from: int | None = None
        self.closed = 0

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        if self.clock is not None:
            self.clock.sleep_until_ns(self.clock.now_ns() + self.took)
        self.steps += 1
        output = super().step(x, u, pi_temperature, top_p)
        if self.broken_from is not None and self.steps > self.broken_from:
            output.mu.fill(np.nan)
        return output

    def close(self) -> None:
        self.closed += 1


class Touch:
    """The velocity is the key's number, but for the noise; keeps what it is told."""

    def __init__(self) -> None:
        self.spec = SPEC
        self.told: list[tuple[str, int, int]] = []
        self.heard: list[int] = []
        self._mean = 0.0

    def press(self, at: int, number: int, own: int, x: F32) -> None:
        self.told.append(("press", at, number))
        self.heard.append(own)
        x[0, 0] = number

    def release(self, at: int, number: int) -> None:
        self.told.append(("release", at, number))

    def pedal(self, at: int, value: int) -> None:
        self.told.append(("pedal", at, value))

    def decode(self, output: HeadOutput, sample: float, controls: Controls) -> float:
        mean = float(output.mu[0].mean())
        return mean + controls.temperature * (sample - mean) + controls.loudness - 64.0

    def restart(self) -> None:
        self.told.clear()
        self.heard.clear()


def pianist(seed: int = 1, *, clock: VirtualClock | None = None, took: int = 0, flat: bool = True) -> Pianist:
    """One who strikes each key with its number as velocity, plus noise unless flat."""
    made = Pianist(Model(clock, took), Touch(), seed=seed)
    if flat:
        made.controls = msgspec.structs.replace(made.controls, temperature=0.0)
    return made


def model_of(player: Pianist) -> Model:
    assert isinstance(player._model, Model)
    return player._model


def touch_of(player: Pianist) -> Touch:
    assert isinstance(player._touch, Touch)
    return player._touch


class Ear:
    """Hears what is put into it; so many letters a look."""

    def __init__(self, share: int = 256) -> None:
        self.waiting: deque[Letter] = deque()
        self.share, self.lost = share, 0
        self.behind = False

    def say(self, *messages: tuple[str, Sequence[Value]]) -> None:
        self.waiting.append(Letter(tuple(Message(address, tuple(given)) for address, given in messages), HERE))

    def note(self, *given: Value) -> None:
        self.say(("/engine/in/note", given))

    def pedal(self, *given: Value) -> None:
        self.say(("/engine/in/pedal", given))

    def drain(self) -> Sequence[Letter]:
        found = [self.waiting.popleft() for _ in range(min(self.share, len(self.waiting)))]
        self.behind = len(self.waiting) > 0
        return found


class Words:
    """An output whose datagrams are the events as text, one each."""

    def datagrams(self, frame: Frame) -> Datagrams:
        raise NotImplementedError

    def notes(self, events: Sequence[Event]) -> Datagrams:
        return [repr(tuple(event) if isinstance(event, Note) else ("pedal", *event)).encode() for event in events]

    def announce(self, performers: Sequence[int]) -> Datagrams:
        raise NotImplementedError

    def report(self, status: Status) -> Datagrams:
        raise NotImplementedError


@dataclass(frozen=True)
class Sent:
    sent: int = 0
    skipped: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)


class Receiver:
    """Keeps what it gets, when; takes no more than so many datagrams a call while `takes` is set."""

    counters = Sent()

    def __init__(self, clock: VirtualClock) -> None:
        self.got: list[tuple[int, str]] = []
        self.calls = 0
        self.takes: int | None = None
        self._clock = clock

    def send(self, datagrams: Datagrams) -> int:
        self.calls += 1
        taken = list(datagrams)[: self.takes]
        self.got += [(self._clock.now_ns(), bytes(each).decode()) for each in taken]
        return len(taken)

    def close(self) -> None:
        pass


class Rig:
    """A keyboard with all around it."""

    def __init__(
        self,
        *,
        score: Score | None = None,
        loop: bool = False,
        took: int = 0,
        share: int = 256,
        flat: bool = True,
        receivers: int = 1,
    ) -> None:
        self.clock = VirtualClock(1_000_000_000)
        self.ear, self.rest = Ear(share), Inbox()
        self.receivers = [Receiver(self.clock) for _ in range(receivers)]
        self.pianist = pianist(clock=self.clock, took=took, flat=flat)
        self.woken = 0
        self.witnessed: list[tuple[int, Event]] = []
        self.keyboard = Keyboard(
            self.pianist,
            [NoteTarget(Words(), receiver) for receiver in self.receivers],
            clock=self.clock,
            seed=1,
            root="/engine",
            ear=self.ear,
            rest=self.rest,
            score=score,
            loop=loop,
            wake=self._wake,
            witness=self._witness,
        )
        self.keyboard.enter()
        self.begun = self.clock.now_ns()
        for receiver in self.receivers:
            receiver.got.clear()

    def _witness(self, now: int, events: Sequence[Event]) -> None:
        self.witnessed += [(now, event) for event in events]

    def _wake(self) -> None:
        self.woken += 1

    def steer(self, **knobs: float) -> None:
        self.keyboard.steer(msgspec.structs.replace(self.keyboard._controls, **knobs))

    def turn(self) -> int | None:
        return self.keyboard.turn()

    def run(self, nanoseconds: int) -> None:
        """Let time pass and do all that is due in it."""
        end = self.clock.now_ns() + nanoseconds
        while True:
            due = self.turn()
            if due is None or due > end:
                break
            self.clock.sleep_until_ns(due)
        self.clock.sleep_until_ns(end)
        self.turn()

    @property
    def heard(self) -> list[str]:
        """What the first receiver got."""
        return [text for _, text in self.receivers[0].got]

    def events(self, receiver: int = 0) -> list[tuple[int, ...]]:
        """The notes among it."""
        return [eval(text) for _, text in self.receivers[receiver].got if "pedal" not in text]  # noqa: S307

    def hanging(self, receiver: int = 0) -> set[tuple[int, int]]:
        """Keys that a receiver thinks are down."""
        down: set[tuple[int, int]] = set()
        for number, velocity, channel in self.events(receiver):
            (down.add if velocity else down.discard)((number, channel))
        return down


def score(*events: tuple[int, Event], length: int = 0, name: str = "made up") -> Score:
    """A score of moments, ms, and events."""
    return Score(name, tuple(Timed(at * MS, event) for at, event in events), length * MS, {})


def melody(count: int = 20, gap: int = 100) -> Score:
    """Keys one after the other, overlapping, with the pedal now and then."""
    events: list[tuple[int, Event]] = []
    for number in range(count):
        events += [
            (number * gap, Note(40 + 7 * number % 40, 64)),
            ((number + 2) * gap - 1, Note(40 + 7 * number % 40, 0)),
        ]
        if number % 5 == 0:
            events.append((number * gap + 3, Pedal(127 if number % 10 == 0 else 0)))
    return score(*sorted(events, key=lambda each: each[0]), length=(count + 3) * gap)
