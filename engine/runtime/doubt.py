"""Keys and pedals that may hang: their sender lifted them, perhaps, and the system lost the datagram."""

from collections.abc import Sequence

from engine.schema.note import Event, Pedal, on_piano

GRACE = 1_000_000_000
"""Nanoseconds that a sender has to lift a key after the system has lost datagrams: what it said may be on its way."""


class Doubt:
    """Keys and pedals that only their senders can lift, over a way that loses words.

    Where the system says that it had no room for a datagram, those that were down then come up after `GRACE`: a note
    that ends too soon is a flaw in a flood, one that hangs ends the show. What is lost on the network nobody can tell.

    Args:
        lost: datagrams that the system has lost so far.
    """

    def __init__(self, lost: int) -> None:
        self._down: dict[Event, int] = {}  # by what lifts it, when it was last pressed
        self._lost = self._known = lost
        self._since: int | None = None

    @property
    def due(self) -> int | None:
        """When something is to come up; None: nothing was lost."""
        return None if self._since is None else self._since + GRACE

    def remember(self, event: Event, at: int) -> None:
        """Keep what a sender said."""
        lift: Event
        if isinstance(event, Pedal):
            lift, down = event._replace(value=0), event.value > 0
        else:
            lift, down = event._replace(velocity=0), event.velocity > 0 and on_piano(event.number)
        if down:
            self._down[lift] = at
        else:
            self._down.pop(lift, None)

    def count(self, lost: int) -> None:
        """Note how many datagrams the system has lost."""
        self._lost = lost

    def forget(self) -> None:
        """Everything came up."""
        self._down.clear()

    def settle(self, now: int) -> Sequence[Event]:
        """What lifts those that had their time; they are forgotten."""
        if self._since is None and self._lost != self._known:
            self._since, self._known = now, self._lost
        if self._since is None or now < self._since + GRACE:
            return ()
        lifts = [lift for lift, at in self._down.items() if at <= self._since]
        self._since = None
        for lift in lifts:
            del self._down[lift]
        return lifts
