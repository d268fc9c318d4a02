"""A keyboard that notes what it is told."""

from typing import Any

from engine.controls.board import Board
from engine.runtime.own_seat import OwnSeat
from engine.schema.controls import PARAMETERS, Controls, expanded, knobs
from engine.schema.show import PIANO

FPS = 60
SEED = 2**40


class Keyboard:
    def __init__(self) -> None:
        self.controls = Controls()
        self.said: list[tuple[str, Any]] = []

    def steer(self, controls: Controls) -> None:
        self.controls = controls

    def reseed(self, seed: int) -> None:
        self.said.append(("reseed", seed))

    def begin(self, seed: int) -> None:
        self.said.append(("begin", seed))

    def change(self, pianist: Any) -> None:
        self.said.append(("change", pianist))


class Room:
    """A board, a keyboard, and the seat between them; the piano was written with a loudness of 80."""

    def __init__(self) -> None:
        row = knobs(Controls(loudness=80.0)) | {"seed": SEED}
        self.board = Board(expanded(PARAMETERS), fps=FPS, initial={0: row, PIANO: row})
        self.keyboard = Keyboard()
        self.seat = OwnSeat(self.board, self.keyboard, row=PIANO, seed=SEED)

    def frames(self, count: int = 1) -> Controls:
        for _ in range(count):
            self.seat.apply(self.board.step())
        return self.keyboard.controls
