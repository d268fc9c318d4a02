"""What the board says reaches those who play."""

from typing import Any

from engine.controls.board import Board
from engine.runtime.seats import Seats, written
from engine.schema.controls import PARAMETERS, Controls, expanded
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Act, Entrance, Place

BIG = 2**62
ENTRANCES = {2: Entrance(BIG, Place(1.0, 2.0, 90.0), Controls(sigma=0.5)), 3: Entrance(None, Place(), Controls())}


def opening(number: int) -> Entrance:
    return ENTRANCES.get(number, Entrance())


class Crowd:
    """Notes what it is told."""

    def __init__(self, *performers: int) -> None:
        self.performers = performers
        self.told: list[tuple[Any, ...]] = []

    def steer(self, number: int, controls: Controls) -> None:
        self.told.append(("steer", number, controls))

    def move(self, number: int, place: Place) -> None:
        self.told.append(("move", number, place))

    def reseed(self, number: int, seed: int) -> None:
        self.told.append(("reseed", number, seed))

    def pace(self, speed: float) -> None:
        self.told.append(("pace", speed))


class House:
    """A board, seats and a crowd, and frames that pass when they are asked to."""

    def __init__(self, *performers: int) -> None:
        first = written(Act(controls=Controls(top_p=0.75), performers=2), opening, seed=11)
        self.board = Board(expanded(PARAMETERS), fps=60, initial=first)
        self.crowd = Crowd(*performers)
        self.seats = Seats(self.board, self.crowd, opening=opening, seed=11)

    def frame(self) -> list[tuple[Any, ...]]:
        self.crowd.told.clear()
        self.seats.apply(self.board.step())
        return self.crowd.told


def test_the_show_file_is_where_the_board_begins() -> None:
    board = House().board
    assert [board.target("performers"), board.target("seed"), board.target("top_p")] == [2, 11, 0.75]
    assert board.place(2) == Place(1.0, 2.0, 90.0)
    assert [board.target("sigma", number) for number in (0, 1, 2)] == [1.0, 1.0, 0.5]
    assert [board.target("seed", number) for number in (1, 2)] == [11, 2**31 - 1]


def test_who_plays_is_told_of_the_knobs_that_moved() -> None:
    house = House(1, 2)
    house.board.set("sigma", 0.25, 2)
    house.board.set("sigma", 0.25, 3)
    assert house.frame() == [("steer", 2, house.board.controls(2))]
    house.board.set("speed", 2.0)
    assert house.frame() == [("pace", 2.0)]
    assert house.frame() == []


def test_a_place_and_a_seed_are_told_where_they_are_others() -> None:
    house = House(2)
    house.board.set("x", 1.04, 2)
    assert [told[0] for told in house.frame()] == ["steer", "move"]
    house.board.set("seed", 5)
    assert house.frame()[-1] == ("reseed", 2, 5)
    house.board.set("seed", 5)
    assert [told[0] for told in house.frame()] == ["pace", "steer"]


def test_a_performer_comes_on_as_the_board_says_with_its_own_seed_to_the_last_digit() -> None:
    house = House()
    house.board.set("blend", 0.2)
    house.board.set("top_p", 0.5)
    entrance = house.seats.entrance(2)
    assert entrance == Entrance(BIG, Place(1.0, 2.0, 90.0), house.board.controls(2))
    assert (entrance.controls.blend, entrance.controls.top_p, entrance.controls.sigma) == (0.2, 0.5, 0.5)
    assert house.seats.entrance(5).seed == 11


def test_a_seed_that_was_set_before_somebody_comes_on_counts() -> None:
    house = House()
    house.board.set("seed", 7, 2)
    assert house.seats.entrance(2).seed == 7


def test_after_a_beginning_its_seeds_count_until_others_are_set() -> None:
    house = House(2)
    house.seats.begin([BIG + number for number in range(MAX_PERFORMERS + 1)])
    assert house.seats.standing(2).seed == BIG + 2
    house.board.set("seed", 3, 2)
    house.frame()
    assert house.seats.standing(2).seed == 3
