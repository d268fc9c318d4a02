"""What the board says, given to those who play beside bodies: the pianist, and what makes pictures."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from engine.controls.board import ACT, Board
from engine.schema.controls import Controls


class Told(Protocol):
    """What is needed of who plays; each is done soon, and none of it waits."""

    def steer(self, controls: Controls) -> None:
        """Play with these controls from now on."""
        ...

    def reseed(self, seed: int) -> None:
        """Play with other noise."""
        ...

    def begin(self, seed: int) -> None:
        """Begin anew, with nothing remembered: a score from its first note, with all keys up."""
        ...


class OwnSeat:
    """How one of `OWNERS` plays, as far as it has been told; in the frame thread.

    Args:
        board: how it should.
        player: is told.
        row: of the board, its own.
        seed: as it was written; it may have more digits than a knob.
    """

    def __init__(self, board: Board, player: Told, *, row: int, seed: int) -> None:
        self._board, self._player, self._row, self.seed = board, player, row, seed
        self._shown = self._knob()
        player.steer(self._controls())

    def apply(self, rows: Sequence[int]) -> None:
        """Tell it what has changed, where these rows of the board are its own or the show's."""
        if ACT not in rows and self._row not in rows:
            return
        self._player.steer(self._controls())
        if self._knob() != self._shown:
            self.seed = self._shown = self._knob()
            self._player.reseed(self.seed)

    def begin(self, seed: int) -> None:
        """Have it begin anew, as the board stands now."""
        self.seed, self._shown = seed, self._knob()
        self._player.steer(self._controls())
        self._player.begin(seed)

    def _knob(self) -> int:
        return round(self._board.value("seed", self._row))

    def _controls(self) -> Controls:
        """What stands in its row; hold and run as asked for: keys come up at once, pictures fade in their own time."""
        return msgspec.structs.replace(
            self._board.controls(self._row),
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
