"""A receiver of notes: each leaves at once, and one that comes up is told again until the system takes it."""

from collections.abc import Iterable, Sequence

from engine.contracts import Output
from engine.runtime.keys_down import KeysDown, silence
from engine.runtime.target import Sender
from engine.schema.note import Event, Note, Pedal

AGAIN = 100_000_000
"""Nanoseconds between two attempts to say what a receiver has missed."""

Owed = tuple[int, int]
"""Number and channel of a key, or `PEDAL` and the channel of a pedal."""

PEDAL = -1


def no_backlog(_handle: int) -> int:
    """Always 0: frames wait for a link that is busy, but a note must leave behind them, as one left out would hang."""
    return 0


class NoteTarget:
    """One receiver of notes.

    Args:
        output: the protocol that it understands, of its own.
        sender: the way there; it must not leave notes out while earlier bytes wait (`no_backlog`).

    Attributes:
        sender: the same.
        missed: how often it was told something and the system did not take all of it.
    """

    def __init__(self, output: Output, sender: Sender) -> None:
        self.sender, self.missed = sender, 0
        self._output = output
        self._owed: set[Owed] = set()
        self._retry = 0

    @property
    def due(self) -> int | None:
        """When it wants to be told again what it has missed; None: it has missed nothing."""
        return self._retry if self._owed else None

    def tell(self, now: int, events: Sequence[Event]) -> None:
        """Say what happens now; where that does not leave, what came up is owed."""
        if not self._leaves(events):
            self._owed.update(filter(None, map(_lifted, events)))
            self._retry = max(self._retry, now + AGAIN)

    def release_all(self, now: int, channels: Iterable[int]) -> None:
        """Lift every key that there is on these channels: it may have heard of some that we know nothing of."""
        for channel in channels:
            self.tell(now, silence(channel))

    def mend(self, now: int, down: KeysDown) -> None:
        """Say again that keys came up, those that are up still; nothing before that is due."""
        if not self._owed or now < self._retry:
            return
        self._retry = now + AGAIN
        lifts = [Note(number, 0, channel) for number, channel in sorted(self._owed) if number != PEDAL]
        pedals = [Pedal(down.depth(channel), channel) for number, channel in sorted(self._owed) if number == PEDAL]
        if self._leaves([*(note for note in lifts if not down.is_down(note.number, note.channel)), *pedals]):
            self._owed.clear()

    def _leaves(self, events: Sequence[Event]) -> bool:
        """Send; whether the system took all of it."""
        datagrams = self._output.notes(events) if events else ()
        leaves = not datagrams or self.sender.send(datagrams) == len(datagrams)
        self.missed += not leaves
        return leaves


def _lifted(event: Event) -> Owed | None:
    """What must not be missed of an event."""
    if isinstance(event, Pedal):
        return PEDAL, event.channel
    return (event.number, event.channel) if event.velocity == 0 else None
