"""What the board says, given to those who play."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from engine.controls.board import ACT, Board
from engine.schema.controls import Controls, knobs
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Act, Entrance, Place


class Seated(Protocol):
    """What is needed of what plays."""

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        ...

    def steer(self, number: int, controls: Controls) -> None:
        """Let a performer play with these controls from the next frame on."""
        ...

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place."""
        ...

    def reseed(self, number: int, seed: int) -> None:
        """Give a performer other noise."""
        ...

    def pace(self, speed: float) -> None:
        """Let time pass at another speed."""
        ...


class Seats:
    """Who plays how and where, as far as those who play have been told; in the frame thread.

    Args:
        board: how and where they should.
        playing: those who play.
        opening: how a performer comes on as the show was written.
        seed: of performers that the show gives none.
    """

    def __init__(self, board: Board, playing: Seated, *, opening: Callable[[int], Entrance], seed: int) -> None:
        self._board, self._playing = board, playing
        own = [opening(number).seed for number in range(1, MAX_PERFORMERS + 1)]
        self._written = [seed, *(seed if each is None else each for each in own)]
        self._seeds = [round(value) for value in board.values("seed").tolist()]
        self._exact = list(self._written)
        self._places = [board.place(number) for number in range(len(self._written))]

    def entrance(self, number: int) -> Entrance:
        """How a performer comes on now: as the board says, whose knobs stand at their targets from here on."""
        self._board.seat(number)
        entrance = self.standing(number)
        self._places[number] = entrance.place
        return entrance

    def standing(self, number: int) -> Entrance:
        """How a performer plays at this moment."""
        return Entrance(self._seed(number), self._board.place(number), self._board.controls(number))

    def apply(self, rows: Sequence[int]) -> None:
        """Tell those who play what has changed in these rows of the board."""
        playing = frozenset(self._playing.performers)
        for row in rows:
            if row == ACT:
                self._playing.pace(self._board.value("speed"))
            elif row in playing:
                self._tell(row)

    def begin(self, seeds: Sequence[int]) -> None:
        """Note that everybody began anew, as the board stands, with these seeds by number."""
        self._seeds = [round(value) for value in self._board.values("seed").tolist()]
        self._exact = list(seeds)
        self._places = [self._board.place(number) for number in range(len(seeds))]

    @property
    def written(self) -> Sequence[int]:
        """Seeds of the show file by number; its own, before the first performer's."""
        return self._written

    def _tell(self, number: int) -> None:
        self._playing.steer(number, self._board.controls(number))
        if (place := self._board.place(number)) != self._places[number]:
            self._places[number] = place
            self._playing.move(number, place)
        if round(self._board.value("seed", number)) != self._seeds[number]:
            self._playing.reseed(number, self._seed(number))

    def _seed(self, number: int) -> int:
        """The seed that a performer plays with: that of the board once somebody has set it there.

        A seed that was written may have more digits than a knob.
        """
        shown = round(self._board.value("seed", number))
        if shown != self._seeds[number]:
            self._seeds[number] = self._exact[number] = shown
        return self._exact[number]


def written(act: Act, opening: Callable[[int], Entrance], *, seed: int) -> Mapping[int, Mapping[str, float]]:
    """Where the knobs of a board stand as the show was written: the act's, and those of all who may ever play."""
    rows = {number: opening(number) for number in range(1, MAX_PERFORMERS + 1)}
    own = {
        number: knobs(each.controls) | each.place._asdict() | {"seed": seed if each.seed is None else each.seed}
        for number, each in rows.items()
    }
    return {ACT: knobs(act.controls) | {"performers": act.performers, "seed": seed}, **own}
