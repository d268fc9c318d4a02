"""Who plays: performers come and go while a show runs, without holding up those who stay."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from engine.runtime.commands import Commands, Latest
from engine.schema.controls import Controls
from engine.schema.show import Entrance, Place

ENTRANCES = 2
"""Performers of those asked for together that come on in one frame, so that a crowd costs no frame its deadline."""


class Players(Protocol):
    """What is needed of an act."""

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        ...

    def reserve(self, number: int) -> None:
        """Prepare for a performer; takes its time, in any thread but the one that ticks."""
        ...

    def join(self, number: int, *, seed: int | None, place: Place, controls: Controls) -> None:
        """Let a performer that was reserved play from the next frame on."""
        ...

    def leave(self, number: int) -> None:
        """Let a performer go."""
        ...


class Company:
    """The performers of an act: the room that they need is an errand, what moves them is done in the frame thread.

    Args:
        act: has them play.
        entrance: how one comes on who is asked for by its number alone; in the frame thread.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
    """

    def __init__(
        self, act: Players, entrance: Callable[[int], Entrance], *, commands: Commands, errands: Commands
    ) -> None:
        self._act, self._entrance, self._commands = act, entrance, commands
        self._room = Latest(self._make_room, errands)
        self._wanted: int | None = None
        self._asked: int | None = None

    def ask(self, performers: float) -> None:
        """Have the performers 1 to `performers` play and no others once there is room; in the frame thread."""
        self._asked = round(performers)
        self._room.ask(self._asked)

    def stay(self) -> None:
        """Forget who was asked for: those who play now are all."""
        self._wanted = self._asked = None

    def gather(self) -> None:
        """Come nearer to who is wanted: everybody else leaves, and some come on."""
        if self._wanted is None:
            return
        playing = self._act.performers
        for other in playing:
            if other > self._wanted:
                self._act.leave(other)
        missing = [each for each in range(1, self._wanted + 1) if each not in playing]
        try:
            for each in missing[:ENTRANCES]:
                self._act.join(each, **self._entrance(each)._asdict())
        except ValueError:  # another act has taken over meanwhile, and has no room yet
            self.ask(self._wanted)
            missing = []
        if len(missing) <= ENTRANCES:
            self._wanted = None

    def _make_room(self, performers: int) -> None:
        if performers:
            self._act.reserve(performers)
        self._commands.add(partial(self._want, performers))

    def _want(self, performers: int) -> None:
        if performers == self._asked:  # nobody has asked otherwise, or begun anew, since
            self._wanted = performers
