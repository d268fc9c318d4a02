"""What drivers and other threads heard, until the note thread plays it: bounded, and nothing hangs for that."""

from collections import deque
from typing import NamedTuple

from engine.schema.note import DOWN, Event, Note, Pedal

MOST = 2048
"""Events that wait; of what comes up twice as many may, and beyond that all is dropped and everything comes up."""


class Waited(NamedTuple):
    """Something that was heard.

    Attributes:
        at: when, ns.
        event: what; None: everything comes up.
    """

    at: int
    event: Event | None


class Waiting:
    """Events in the order in which they were heard; any thread puts, one takes.

    Attributes:
        refused: keys that found no room.
    """

    def __init__(self) -> None:
        self._waiting: deque[Waited] = deque()
        self._spilt = False
        self.refused = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, at: int, event: Event | None) -> None:
        """Let an event wait; None has everything come up that was heard before."""
        if len(self._waiting) < (2 * MOST if _lifts(event) else MOST):
            self._waiting.append(Waited(at, event))
        elif _lifts(event):
            self._spilt = True
        else:
            self.refused += 1

    def take(self) -> Waited | None:
        """The next one; None where there is none."""
        return self._waiting.popleft() if self._waiting else None

    def spill(self) -> int | None:
        """Drop all where something that comes up found no room, as the key that it lifts may wait here.

        Returns:
            How many keys were dropped, and everything is to come up; None where all found room.
        """
        if not self._spilt:
            return None
        self._spilt = False  # before the look at what waits: whatever finds no room from here on says so again
        dropped = [self._waiting.popleft().event for _ in range(len(self._waiting))]
        return sum(isinstance(event, Note) and event.velocity > 0 for event in dropped)

    def clear(self) -> None:
        """Drop all."""
        self._waiting.clear()


def _lifts(event: Event | None) -> bool:
    """Whether something comes up: a key, the pedal, or everything."""
    if isinstance(event, Pedal):
        return event.value < DOWN
    return event is None or event.velocity == 0
