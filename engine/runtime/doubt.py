"""Keys that may hang: their sender lifted them, perhaps, and the system lost the datagram."""

from collections.abc import Sequence

from engine.schema.note import HIGHEST, LOWEST, Event, Note

GRACE = 1_000_000_000
"""Nanoseconds that a sender has to lift a key after the system has lost datagrams: what it said may be on its way."""


class Doubt:
    """Keys that only their senders can lift, over a way that loses words.

    Where the system says that it had no room for a datagram, the keys that were down then come up after `GRACE`: a note
    that ends too soon is a flaw in a flood, one that hangs ends the show. What is lost on the network nobody can tell.

    Args:
        lost: datagrams that the system has lost so far.
    """

    def __init__(self, lost: int) -> None:
        self._down: dict[tuple[int, int], int] = {}
        self._lost = self._known = lost
        self._since: int | None = None

    @property
    def due(self) -> int | None:
        """When keys are to come up; None: nothing was lost."""
        return None if self._since is None else self._since + GRACE

    def remember(self, event: Event, at: int) -> None:
        """Keep what a sender said."""
        if not isinstance(event, Note):
            return
        key = event.number, event.channel
        if event.velocity and LOWEST <= event.number <= HIGHEST:
            self._down[key] = at
        else:
            self._down.pop(key, None)

    def count(self, lost: int) -> None:
        """Note how many datagrams the system has lost."""
        self._lost = lost

    def forget(self) -> None:
        """Everything came up."""
        self._down.clear()

    def settle(self, now: int) -> Sequence[Note]:
        """What lifts the keys that had their time; they are forgotten."""
        if self._since is None and self._lost != self._known:
            self._since, self._known = now, self._lost
        if self._since is None or now < self._since + GRACE:
            return ()
        keys = [key for key, at in self._down.items() if at <= self._since]
        self._since = None
        for key in keys:
            del self._down[key]
        return [Note(number, 0, channel) for number, channel in keys]
