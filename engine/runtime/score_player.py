"""A score played in time: what is due of it, at whatever speed."""

from collections import deque
from typing import NamedTuple

from engine.schema.note import Event, Note, Pedal, Score

SHORTEST = 100_000_000
"""Nanoseconds that a score takes at least, so that one without a length cannot loop without end."""

LATEST = 1_000_000_000
"""Nanoseconds by which it may be late; after a longer sleep of the machine it goes on from where it was."""


class Due(NamedTuple):
    """Something that the score says.

    Attributes:
        at: the moment that it is meant for, ns of the clock; not later than now.
        event: what happens.
    """

    at: int
    event: Event


class ScorePlayer:
    """Tells what is due; what it has pressed comes up at its end, and where it is held.

    A moment is meant for where the score has it, exactly at speed 1, whenever somebody looks: so a score that is played
    live gives what it gives as a file.

    Args:
        score: what is played.
        loop: it begins again at its end.
    """

    def __init__(self, score: Score, *, loop: bool) -> None:
        self._events = score.events
        self._length = max(score.length, score.events[-1].at if score.events else 0, SHORTEST)
        self._loop = loop
        self._speed, self._held, self._over = 1.0, False, False
        self._next = 0
        self._place = self._since = 0  # in the score, and when it was there, both ns
        self._lifts: deque[Due] = deque()
        self._down: set[tuple[int, int]] = set()
        self._pedals: set[int] = set()

    @property
    def due(self) -> int | None:
        """When something is due next; None where nothing ever is."""
        if self._lifts:
            return self._lifts[0].at
        return None if self._held or self._over else self._moment()

    def position(self, now: int) -> int:
        """Where in the score it is, ns."""
        if self._held or self._over:
            return self._place
        return min(self._place + round((now - self._since) * self._speed), self._length)

    def begin(self, now: int) -> None:
        """Play from the first note; what is down comes up first."""
        self._let_go(now)
        self._next, self._place, self._since, self._over = 0, 0, now, False

    def steer(self, now: int, *, speed: float, held: bool) -> None:
        """Go on faster or slower, or stay where it is; what was due before has been taken."""
        if speed == self._speed and held == self._held:
            return
        self._place, self._since, self._speed = self.position(now), now, speed
        if held and not self._held:
            self._let_go(now)
        self._held = held

    def take(self, now: int) -> Due | None:
        """The next that is due; None where nothing is, yet."""
        if self._lifts:
            return self._lifts.popleft()
        if self._held or self._over or (at := self._moment()) > now:
            return None
        if now - at > LATEST:
            self._since += now - at
            at = now
        if self._next == len(self._events):
            self._end(at)
            return self.take(now)
        event = self._events[self._next].event
        self._next += 1
        self._remember(event)
        return Due(at, event)

    def _moment(self) -> int:
        """When the next event, or the end, is due."""
        place = self._events[self._next].at if self._next < len(self._events) else self._length
        return self._since + round((place - self._place) / self._speed)

    def _end(self, at: int) -> None:
        self._let_go(at)
        self._place, self._since = (0, at) if self._loop else (self._length, at)
        self._next, self._over = (0 if self._loop else self._next), not self._loop

    def _remember(self, event: Event) -> None:
        """Keep what it has pressed."""
        if isinstance(event, Pedal):
            (self._pedals.add if event.value else self._pedals.discard)(event.channel)
        else:
            (self._down.add if event.velocity else self._down.discard)((event.number, event.channel))

    def _let_go(self, at: int) -> None:
        """Have everything come up that it has pressed."""
        self._lifts.extend(Due(at, Note(number, 0, channel)) for number, channel in sorted(self._down))
        self._lifts.extend(Due(at, Pedal(0, channel)) for channel in sorted(self._pedals))
        self._down.clear()
        self._pedals.clear()
