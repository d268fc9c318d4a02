"""The keys of a take: each goes down and comes up at the moment when it did."""

from collections.abc import Callable, Sequence

from engine.runtime.clock import Clock
from engine.runtime.note_target import NoteTarget
from engine.runtime.strings import Strings
from engine.runtime.strip import Strip
from engine.runtime.ticker import SECOND
from engine.schema.note import Event, Pedal

START = SECOND // 1000
"""Nanoseconds between two looks whether the show has begun: the first key may be due with its first frame."""

LOOK = SECOND // 100
"""Likewise whether more was read; that happens seconds before it is due."""


class RecordedKeys:
    """What `Hands` play instead of a keyboard.

    Args:
        strip: has the sounds.
        targets: receivers of notes.
        clock: the stage's.
        began: when the first frame was due; None before.
        speed: how fast time passes in the take.
    """

    def __init__(
        self,
        strip: Strip,
        targets: Sequence[NoteTarget],
        *,
        clock: Clock,
        began: Callable[[], int | None],
        speed: float = 1.0,
    ) -> None:
        self._strip, self._clock, self._began, self._speed = strip, clock, began, speed
        self._strings = Strings(targets, seed=0)

    def enter(self) -> None:
        """Lift what an earlier show may have left down."""
        self._strings.release_all(self._clock.now_ns())

    def turn(self) -> int | None:
        """Play what is due; gives when to look again, None: nothing will ever be due."""
        now, began, sounds = self._clock.now_ns(), self._began(), self._strip.sounds
        if began is None:
            return now + START
        while sounds and self._due(began, sounds[0].at) <= now:
            self._play(sounds.popleft().event, now)
        self._strings.advance(now)
        if sounds:
            return min(self._due(began, sounds[0].at), self._strings.due or now + SECOND)
        return self._strings.due if self._strip.over else now + LOOK

    def leave(self) -> None:
        """Have everything come up."""
        self._strings.quiet(self._clock.now_ns())

    def _due(self, began: int, at: int) -> int:
        return began + round(at / self._speed)

    def _play(self, event: Event | None, now: int) -> None:
        if event is None:
            self._strings.quiet(now)
        elif isinstance(event, Pedal):
            self._strings.pedal(event)
        elif event.velocity:
            self._strings.strike(event, now, now, 0)
        else:
            self._strings.lift(event, now)
