"""What the note thread does, without the thread: a key goes down, is struck as hard as the model says, and leaves."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from engine.controls.letter import Inbox, Letter
from engine.controls.notes import NoteReader
from engine.pianist import Pianist
from engine.runtime.clock import Clock
from engine.runtime.commands import Commands
from engine.runtime.doubt import Doubt
from engine.runtime.note_target import NoteTarget
from engine.runtime.score_player import ScorePlayer
from engine.runtime.strings import Strings, Witness, nobody
from engine.runtime.waiting import Waiting
from engine.schema.controls import Controls
from engine.schema.frame import F32, Notes
from engine.schema.note import LOUDEST, Event, Note, Pedal, Score, on_piano

MS = 1_000_000
"""Nanoseconds."""

PATIENCE = 20 * MS
"""How long a note may have waited for the model to be asked still; hands of one player are heard as one below 30 ms."""

SCORE_PATIENCE = 200 * MS
"""As `PATIENCE`, of a score: it sounds as its file does, unless the machine is far behind."""

MOST = 512
"""Events of a score, or of those who were heard, in one turn."""

COMMANDS = 256
"""Commands that wait at most: four for each guest that there may be."""


class Ear(Protocol):
    """Where letters come from; never waits, never raises for what the network does."""

    @property
    def behind(self) -> bool:
        """Whether more may wait than the last look took."""
        ...

    @property
    def lost(self) -> int:
        """Datagrams that the system has lost since the start."""
        ...

    def drain(self) -> Sequence[Letter]:
        """What was said since the last call; a bounded amount."""
        ...


class Counters(NamedTuple):
    """What happened so far.

    Attributes:
        notes: keys that were struck.
        swallowed: keys that were not, as the show is silent or too many waited.
        outside: keys that no piano has.
        unmodelled: of those that were struck: too late for the model, as loud as the last one.
        unsound: of those that were struck: the model gave no number.
        broken: messages about keys that make no sense.
        rescued: keys and pedals that were lifted as their sender's word may have been lost.
        missed: times that a receiver was told and the system did not take all; what came up is told again.
        p50_ms: median of the time from a note's arrival to its leaving.
        p99_ms: 99th percentile.
    """

    notes: int
    swallowed: int
    outside: int
    unmodelled: int
    unsound: int
    broken: int
    rescued: int
    missed: int
    p50_ms: float
    p99_ms: float

    def line(self) -> str:
        """For a person to read."""
        return (
            f"keys: {self.notes} struck, p50 {self.p50_ms:.3f} ms, p99 {self.p99_ms:.3f} ms after they came;"
            f" {self.unmodelled} too late for the model, {self.unsound} unsound, {self.swallowed} left out,"
            f" {self.outside} that no piano has, {self.broken} bad messages, {self.rescued} lifted in doubt,"
            f" {self.missed} sends that were not taken"
        )


class Keyboard:
    """Plays what is heard, and a score; the note thread calls `enter`, `turn` and `leave`, any thread all else.

    What the model is told has happened at the moment that a score has it, or at which it was heard, whenever the thread
    gets to it; so a score that is played live gives what it gives as a file.

    Args:
        pianist: says how hard.
        targets: receivers.
        clock: the time.
        seed: of the delays.
        root: begins every address.
        ear: where letters come from; None: nobody can be heard over OSC.
        rest: gets what letters say that is not about keys.
        score: what is played, if anything.
        loop: the score begins again at its end.
        wake: called after something was asked for, so that the note thread looks.
        witness: is told what leaves, in the note thread.
    """

    def __init__(
        self,
        pianist: Pianist,
        targets: Sequence[NoteTarget],
        *,
        clock: Clock,
        seed: int,
        root: str,
        ear: Ear | None = None,
        rest: Inbox | None = None,
        score: Score | None = None,
        loop: bool = False,
        wake: Callable[[], object] = bool,
        witness: Witness = nobody,
    ) -> None:
        self._pianist, self._clock, self._ear, self._wake = pianist, clock, ear, wake
        self._path = pianist.find()
        self._rest = Inbox() if rest is None else rest
        self._strings = Strings(targets, seed=seed, channels=_channels(score), witness=witness)
        self._score = None if score is None else ScorePlayer(score, loop=loop)
        self._reader = NoteReader(root)
        self._commands = Commands(COMMANDS)
        self._controls = pianist.controls
        self._heard = Waiting()
        self._retired: deque[Pianist] = deque()
        self._silent = False
        self._last = _loudness(self._controls)
        self._doubt = Doubt(0 if ear is None else ear.lost)
        self._behind: int | None = None
        self._notes = self._swallowed = self._outside = self._unmodelled = self._broken = self._rescued = 0
        self._unsound = 0

    def hear(self, event: Event) -> None:
        """Play something now; never waits. What comes up is never left out."""
        self._heard.put(self._clock.now_ns(), event)
        self._wake()

    def steer(self, controls: Controls) -> None:
        """Play with these controls from the next note on."""
        self._controls = controls
        self._wake()

    def hush(self) -> None:
        """Have everything come up that was heard before; what is heard afterwards sounds."""
        self._heard.put(self._clock.now_ns(), None)
        self._wake()

    def begin(self, seed: int | None = None) -> None:
        """Begin anew, the score from its first note, after everything came up; None keeps the seed."""
        self._ask(partial(self._begin, seed))

    def reseed(self, seed: int) -> None:
        """Go on with other noise."""
        self._ask(partial(self._reseed, seed))

    def change(self, pianist: Pianist) -> None:
        """Have another one play, after everything came up."""
        if not self._ask(partial(self._change, pianist)):
            self._retired.append(pianist)

    def add(self, target: NoteTarget) -> None:
        """Have one receiver more."""
        self._ask(lambda: self._strings.add(target, self._clock.now_ns()))

    def drop(self, target: NoteTarget) -> None:
        """Have one receiver less, after everything came up there."""
        self._ask(lambda: self._strings.drop(target, self._clock.now_ns()))

    def retired(self) -> Sequence[Pianist]:
        """Those who play no more, to be closed by whoever has the time; each is given once."""
        return [self._retired.popleft() for _ in range(len(self._retired))]

    @property
    def pianist(self) -> Pianist:
        """Who plays."""
        return self._pianist

    def notes(self) -> Notes:
        """The keys as they are."""
        return self._strings.notes

    @property
    def path(self) -> F32 | None:
        """Where the memory of who plays is on its map, (D,), after the last turn; None where it has none."""
        return self._path

    @property
    def counters(self) -> Counters:
        """What happened so far."""
        latency = self._strings.latency
        return Counters(
            self._notes,
            self._swallowed + self._heard.refused,
            self._outside,
            self._unmodelled,
            self._unsound + self._pianist.counters.broken,
            self._broken,
            self._rescued,
            self._strings.missed,
            latency.percentile(0.5),
            latency.percentile(0.99),
        )

    def enter(self) -> None:
        """Lift what an earlier life of this show may have left down, and begin the score."""
        now = self._clock.now_ns()
        self._strings.release_all(now)
        if self._score is not None:
            self._score.begin(now)

    def turn(self) -> int | None:
        """Do all that is due; give when something is due next, ns, or None where that is up to others."""
        now = self._clock.now_ns()
        self._obey(now)
        self._keep_time(now)
        self._hear_out()
        self._listen()
        now = self._clock.now_ns()
        for lift in self._doubt.settle(now):
            self._rescued += 1
            self._play(lift, now, now, late=False)
        self._strings.advance(now)
        self._path = self._pianist.find()  # behind the notes, and a whole array in a single step: nobody locks
        return self._due(now)

    def leave(self) -> None:
        """Have everything come up, at the end."""
        self._commands.run(COMMANDS)  # somebody who was to take over is closed by `close`
        self._heard.clear()
        self._quiet(self._clock.now_ns())
        self._strings.release_all(self._clock.now_ns())

    def close(self) -> None:
        """Close the models, after the note thread has ended; harmless twice."""
        for pianist in (self._pianist, *self.retired()):
            pianist.close()

    def _ask(self, command: Callable[[], object]) -> bool:
        taken = self._commands.add(command)
        self._wake()
        return taken

    def _obey(self, now: int) -> None:
        """Do what other threads asked for."""
        controls = self._controls
        dropped = self._heard.spill()
        if dropped is not None or (controls.run <= 0 and not self._silent):
            self._swallowed += dropped or 0
            self._quiet(now)
        self._silent = controls.run <= 0
        self._commands.run(COMMANDS)
        self._pianist.controls = controls
        if self._score is not None:
            self._keep_time(now)  # at the speed that was
            self._score.steer(now, speed=controls.speed, held=controls.hold > 0)

    def _keep_time(self, now: int) -> None:
        """Play what the score says, and let go what was delayed."""
        for _ in range(MOST if self._score is not None else 0):
            due = None if self._score is None else self._score.take(now)
            if due is None:
                break
            self._play(due.event, due.at, due.at, late=now - due.at > SCORE_PATIENCE)
        self._strings.advance(now)

    def _hear_out(self) -> None:
        for _ in range(MOST):
            waited = self._heard.take()
            if waited is None:
                return
            at, event = waited
            now = self._clock.now_ns()
            if event is None:
                self._quiet(now)
                continue
            late = now - at > PATIENCE
            self._play(event, at, at, late=late)
            self._leave(late=late)

    def _listen(self) -> None:
        """Do what letters say of keys, and pass on the rest."""
        if self._ear is None:
            return
        now = self._clock.now_ns()
        letters = self._ear.drain()
        since = now if self._behind is None else self._behind
        self._behind = since if self._ear.behind else None
        for letter in letters:
            events, rest, broken = self._reader.sort(letter)
            self._broken += broken
            if rest is not None:
                self._rest.deliver(rest)
            late = self._clock.now_ns() - since > PATIENCE
            for event in events:
                if not self._silent:
                    self._doubt.remember(event, now)
                self._play(event, now, since, late=late)
            self._leave(late=late)
            if self._pressing(self._clock.now_ns()):
                self._keep_time(self._clock.now_ns())
        if letters:
            self._doubt.count(self._ear.lost)

    def _leave(self, *, late: bool) -> None:
        """Have leave what somebody said at once, a chord together; where there is no time, with what comes next."""
        if not late:
            self._strings.flush(self._clock.now_ns())

    def _pressing(self, now: int) -> bool:
        """Whether the score cannot wait until all letters are read."""
        due = None if self._score is None else self._score.due
        return due is not None and due <= now

    def _play(self, event: Event, at: int, arrived: int, *, late: bool) -> None:
        """Do what happens at a moment."""
        if isinstance(event, Pedal):
            if self._silent and event.value:
                return
            self._pianist.pedal(at, event.value)
            self._strings.pedal(event)
        elif not on_piano(event.number):
            self._outside += event.velocity > 0
        elif event.velocity == 0:
            self._pianist.release(at, event.number)
            self._strings.lift(event, at)
        elif self._silent:
            self._swallowed += 1
        else:
            self._strike(event, at, arrived, late=late)

    def _strike(self, note: Note, at: int, arrived: int, *, late: bool) -> None:
        """Have the model say how hard, where there is time for that; it leaves at once."""
        if late:
            self._unmodelled += 1
        else:
            self._last = self._pianist.press(at, note.number, note.velocity)
        most = round(self._controls.humanise * MS)
        if not self._strings.strike(Note(note.number, self._last, note.channel), at, arrived, most):
            self._swallowed += 1
            return
        self._notes += 1

    def _quiet(self, now: int) -> None:
        self._doubt.forget()
        for event in self._strings.quiet(now):
            if isinstance(event, Pedal):
                self._pianist.pedal(now, event.value)
            else:
                self._pianist.release(now, event.number)

    def _begin(self, seed: int | None) -> None:
        now = self._clock.now_ns()
        self._quiet(now)
        self._pianist.restart(seed)
        self._strings.restart(seed)
        if self._score is not None:
            self._score.begin(now)

    def _reseed(self, seed: int) -> None:
        self._pianist.reseed(seed)
        self._strings.reseed(seed)

    def _change(self, pianist: Pianist) -> None:
        self._quiet(self._clock.now_ns())
        self._unsound += self._pianist.counters.broken
        self._retired.append(self._pianist)
        self._pianist = pianist

    def _due(self, now: int) -> int | None:
        if self._heard or self._behind is not None:
            return now
        score = None if self._score is None else self._score.due
        moments = (score, self._doubt.due, self._strings.due)
        return min((moment for moment in moments if moment is not None), default=None)


def _channels(score: Score | None) -> Sequence[int]:
    """Those of a score, and the first, on which keys are pressed where nobody says another one."""
    return sorted({1, *(timed.event.channel for timed in (score.events if score else ()))})


def _loudness(controls: Controls) -> int:
    """Velocity of a key that the model has no time for, before any that it had."""
    return min(max(round(min(max(controls.loudness, controls.softest), controls.loudest)), 1), LOUDEST)
