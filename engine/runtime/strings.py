"""What sounds: notes that leave for every receiver, at once or a little later, and never one that hangs."""

from collections.abc import Callable, Iterable, Sequence

from engine.runtime.delay import Delay
from engine.runtime.histogram import Histogram
from engine.runtime.keys_down import KeysDown
from engine.runtime.note_target import NoteTarget
from engine.schema.frame import Notes
from engine.schema.note import Event, Note, Pedal

TOGETHER = 32
"""Events that leave together at most."""

Witness = Callable[[int, Sequence[Event]], object]
"""Is told events as they leave, ns of the clock; must neither wait nor take long, nor keep the sequence."""


def nobody(_now: int, _events: Sequence[Event]) -> None:
    """Nobody listens."""


class Strings:
    """Tells receivers of keys that go down and come up; each that they heard go down comes up once.

    A key that goes down while it is down comes up first, as some receivers count. What is told leaves with `flush`.

    Args:
        targets: receivers.
        seed: of the delays.
        channels: on which an earlier life of the show may have left keys down.
        witness: is told what leaves, and when.

    Attributes:
        targets: receivers.
        latency: from a note's arrival to its leaving.
    """

    def __init__(
        self,
        targets: Sequence[NoteTarget],
        *,
        seed: int,
        channels: Iterable[int] = (1,),
        witness: Witness = nobody,
    ) -> None:
        self.targets: tuple[NoteTarget, ...] = tuple(targets)
        self.latency = Histogram()
        self._down = KeysDown()
        self._delay = Delay(seed)
        self._channels, self._witness = tuple(channels), witness
        self._events: list[Event] = []
        self._arrived: list[int] = []
        self._missed = 0  # by those who are gone
        self.notes: Notes = self._down.notes

    @property
    def due(self) -> int | None:
        """When something is to be done; None: nothing is, unless a note comes."""
        moments = (self._delay.due, *(target.due for target in self.targets))
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def missed(self) -> int:
        """How often a receiver was told something and the system did not take all of it."""
        return self._missed + sum(target.missed for target in self.targets)

    def strike(self, note: Note, at: int, arrived: int, most: int) -> bool:
        """Let a key go down, `most` ns after `at` at the latest; False where too many wait for that."""
        due = self._delay.strike(at, note, most)
        if due is not None and due <= at:
            self._sound(note, arrived)
        return due is not None

    def lift(self, note: Note, at: int) -> None:
        """Let a key come up."""
        if self._delay.lift(at, note) <= at:
            self._damp(note)

    def pedal(self, pedal: Pedal) -> None:
        """Move the pedal."""
        self._down.pedal(pedal)
        self._events.append(pedal)

    def advance(self, now: int) -> None:
        """Let go what was delayed until now, and tell receivers what they have missed."""
        while (waited := self._delay.take(now)) is not None:
            due, note = waited
            if note.velocity:
                self._sound(note, due)
            else:
                self._damp(note)
        self.flush(now)
        for target in self.targets:
            target.mend(now, self._down)

    def flush(self, now: int) -> None:
        """Have leave what is told, and note how long it took."""
        if not self._events:
            return
        for start in range(0, len(self._events), TOGETHER):
            for target in self.targets:
                target.tell(now, self._events[start : start + TOGETHER])
        self._witness(now, self._events)
        for arrived in self._arrived:
            self.latency.add(now - arrived)
        self._events.clear()
        self._arrived.clear()
        self.notes = self._down.notes

    def quiet(self, now: int) -> Sequence[Event]:
        """Have everything come up, and drop what was delayed; gives what came up."""
        self._delay.clear()
        lifts = self._down.everything()
        for event in lifts:
            self._up(event)
        self._events += lifts
        self.flush(now)
        return lifts

    def release_all(self, now: int) -> None:
        """Lift every key that there is, for receivers that heard of others before."""
        self.quiet(now)
        for target in self.targets:
            target.release_all(now, self._channels)

    def restart(self, seed: int | None) -> None:
        """Count delays from the first note."""
        self._delay.restart(seed)

    def reseed(self, seed: int) -> None:
        """Go on with other delays."""
        self._delay.reseed(seed)

    def add(self, target: NoteTarget, now: int) -> None:
        """Have one receiver more."""
        target.release_all(now, self._channels)
        self.targets = (*self.targets, target)

    def drop(self, target: NoteTarget, now: int) -> None:
        """Have one receiver less; what is down comes up there."""
        target.tell(now, self._down.everything())
        if target in self.targets:
            self.targets = _without(self.targets, target)
            self._missed += target.missed

    def _sound(self, note: Note, arrived: int) -> None:
        if self._down.press(note):
            self._events.append(note._replace(velocity=0))
        self._events.append(note)
        self._arrived.append(arrived)

    def _damp(self, note: Note) -> None:
        if self._down.lift(note):
            self._events.append(note)

    def _up(self, event: Event) -> None:
        if isinstance(event, Pedal):
            self._down.pedal(event)
        else:
            self._down.lift(event)


def _without(targets: Iterable[NoteTarget], dropped: NoteTarget) -> tuple[NoteTarget, ...]:
    return tuple(target for target in targets if target is not dropped)
