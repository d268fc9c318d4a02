"""What the board says, given to the pianist."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from engine.controls.board import ACT, Board
from engine.schema.controls import Controls
from engine.schema.show import PIANO


class Struck(Protocol):
    """What is needed of the keyboard; each is done in its own thread, soon, and none of it waits."""

    def steer(self, controls: Controls) -> None:
        """Strike keys with these controls from now on."""
        ...

    def reseed(self, seed: int) -> None:
        """Strike them with other noise."""
        ...

    def begin(self, seed: int) -> None:
        """Begin anew: all keys up, nothing remembered, the score from its first note."""
        ...


class KeySeat:
    """How the pianist plays, as far as it has been told; in the frame thread.

    Args:
        board: how it should.
        keyboard: is told.
        seed: as it was written; it may have more digits than a knob.
    """

    def __init__(self, board: Board, keyboard: Struck, *, seed: int) -> None:
        self._board, self._keyboard, self.seed = board, keyboard, seed
        self._shown = self._knob()
        keyboard.steer(self._controls())

    def apply(self, rows: Sequence[int]) -> None:
        """Tell the pianist what has changed, where these rows of the board are its own or the show's."""
        if ACT not in rows and PIANO not in rows:
            return
        self._keyboard.steer(self._controls())
        if self._knob() != self._shown:
            self.seed = self._shown = self._knob()
            self._keyboard.reseed(self.seed)

    def begin(self, seed: int) -> None:
        """Have the pianist begin anew, as the board stands now."""
        self.seed, self._shown = seed, self._knob()
        self._keyboard.steer(self._controls())
        self._keyboard.begin(seed)

    def _knob(self) -> int:
        return round(self._board.value("seed", PIANO))

    def _controls(self) -> Controls:
        """What stands in the pianist's row; hold and run as they are asked for, as keys that come up need no time."""
        return msgspec.structs.replace(
            self._board.controls(PIANO),
            speed=self._board.value("speed"),
            hold=round(self._board.target("hold")),
            run=round(self._board.target("run")),
        )


class Seating(Protocol):
    """Tells those who play what has changed."""

    def apply(self, rows: Sequence[int]) -> None:
        """Tell them, of these rows of the board."""
        ...


class Everybody:
    """Several who are told what has changed."""

    def __init__(self, *seats: Seating) -> None:
        self._seats = seats

    def apply(self, rows: Sequence[int]) -> None:
        """Tell all of them."""
        for each in self._seats:
            each.apply(rows)
