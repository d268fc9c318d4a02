"""Streams that can be watched: acts that note what they are told, and what plays them."""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.controls.board import Board
from engine.runtime.commands import Commands
from engine.runtime.company import Company
from engine.runtime.scenes import Scenes
from engine.runtime.seats import Seats, written
from engine.schema.controls import PARAMETERS, Controls, expanded
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.show import Act, Cue, Entrance, Place

FPS = 60
CAST = Act(model="dance", performers=2, controls=Controls(sigma=0.5))
SEED = 11


def opening(number: int) -> Entrance:
    """Number 2 has a seed and a place of its own."""
    own = Entrance(5, Place(2.0, 0.0, 0.0), CAST.controls)
    return own if number == 2 else Entrance(None, Place(), CAST.controls)


class Puppet:
    """An act: notes how everybody came on and what was done to them. It has moments 0 to 3."""

    def __init__(self, room: int = 64) -> None:
        self.entered: dict[int, Entrance] = {}
        self.moments: dict[int, Any] = {}
        self.stood: dict[int, F32] = {}
        self.steered: dict[int, Controls] = {}
        self.moved: dict[int, Place] = {}
        self.seeds: dict[int, int] = {}
        self.speed = 1.0
        self.room = room
        self.recalled = 0

    @property
    def performers(self) -> tuple[int, ...]:
        return tuple(sorted(self.entered))

    def reserve(self, number: int) -> None:
        if number > 64:
            raise ValueError("no room")
        self.room = max(self.room, number)

    def join(
        self,
        number: int,
        *,
        seed: int | None = None,
        place: Place = Place(),  # noqa: B008 (a frozen value)
        controls: Controls = Controls(),  # noqa: B008
        moment: Any = None,
    ) -> None:
        if number > self.room:
            raise ValueError("not reserved")
        self.entered[number] = Entrance(seed, place, controls)
        self.moments[number] = moment

    def leave(self, number: int) -> None:
        del self.entered[number]

    def steer(self, number: int, controls: Controls) -> None:
        self.steered[number] = controls

    def move(self, number: int, place: Place) -> None:
        self.moved[number] = place

    def reseed(self, number: int, seed: int) -> None:
        self.seeds[number] = seed

    def pace(self, speed: float) -> None:
        self.speed = speed

    def stand(self, number: int, root: F32) -> None:
        self.stood[number] = root

    def start(self, number: int, moment: Any = None) -> None:
        self.moments[number] = moment

    def recall(self, clip: int, frame: int | None = None) -> Any:
        self.recalled += 1
        if clip > 3:
            raise ModelError("clip", str(clip), "0 to 3")
        return (clip, frame)


class Stream(NamedTuple):
    act: Puppet
    model: str


class Playing(Puppet):
    """Plays one stream, and notes which took over."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[Stream, float, str]] = []

    @property
    def roots(self) -> Mapping[int, F32]:
        return {number: np.full(7, number, np.float32) for number in self.performers}

    def change(self, stream: Stream, seconds: float, curve: str = "smooth") -> None:
        self.changes.append((stream, seconds, curve))
        self.entered = dict(stream.act.entered)


class Understudies:
    """Streams that are ready are put here by a test."""

    def __init__(self) -> None:
        self.ready: deque[Stream] = deque()
        self.lost: set[str] = set()
        self.back: list[Stream] = []

    def take(self, model: str) -> Stream | None:
        found = next((each for each in self.ready if each.model == model), None)
        if found is not None:
            self.ready.remove(found)
        return found

    def lacks(self, model: str) -> bool:
        return model in self.lost

    def give_back(self, stream: Stream) -> None:
        stream.act.entered.clear()
        self.back.append(stream)


class Theatre:
    """Everything that a scene needs; a show of two performers that plays."""

    def __init__(self, *cues: Cue) -> None:
        self.board = Board(expanded(PARAMETERS), fps=FPS, initial=written(CAST, opening, seed=SEED))
        self.playing, self.understudies = Playing(), Understudies()
        self.commands, self.errands = Commands(64), Commands(64)
        self.seats = Seats(self.board, self.playing, opening=opening, seed=SEED)
        self.company = Company(self.playing, self.seats.entrance, commands=self.commands, errands=self.errands)
        self.scenes = Scenes(
            cues,
            board=self.board,
            seats=self.seats,
            playing=self.playing,
            understudies=self.understudies,
            company=self.company,
            commands=self.commands,
            errands=self.errands,
            model=CAST.model,
            fps=FPS,
        )
        for number in (1, 2):
            self.playing.join(number, **self.seats.entrance(number)._asdict())

    def offer(self, model: str, room: int = 64) -> Puppet:
        """Have a stream ready."""
        act = Puppet(room)
        self.understudies.ready.append(Stream(act, model))
        return act

    def frame(self, count: int = 1) -> None:
        for _ in range(count):
            self.scenes.follow()
            self.commands.run(8)
            self.company.gather()
            self.seats.apply(self.board.step())
