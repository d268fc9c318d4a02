"""What the board says reaches the pianist: its own row, and what belongs to the whole show."""

import pytest
from runtime.keys import SEED, Room

from engine.schema.show import PIANO


def test_the_pianist_begins_as_it_was_written() -> None:
    room = Room()
    assert room.keyboard.controls.loudness == 80
    assert room.seat.seed == SEED  # with more digits than a knob
    room.frames(3)
    assert room.keyboard.said == []


@pytest.mark.parametrize("performer", [0, PIANO])
def test_a_knob_of_the_show_or_its_own_is_heard(performer: int) -> None:
    room = Room()
    room.board.set("contrast", 2.0, performer)
    assert room.frames().contrast == 2.0


def test_what_dancers_are_told_is_not() -> None:
    room = Room()
    room.keyboard.controls = before = room.keyboard.controls
    room.board.set("temperature", 0.5, 3)
    assert room.frames() is before


def test_the_pace_is_that_of_the_show() -> None:
    room = Room()
    room.board.set("speed", 2.0)
    assert room.frames().speed == 2.0


def test_a_panic_needs_no_time() -> None:
    """The bodies take half a second; keys come up with the next frame, as with a hold."""
    room = Room()
    room.board.set("run", 0)
    assert room.frames().run == 0
    assert room.board.value("run") > 0
    room.board.set("hold", 1)
    assert room.frames().hold == 1


def test_another_seed_is_told_once() -> None:
    room = Room()
    room.board.set("seed", 9)
    room.frames(3)
    assert room.keyboard.said == [("reseed", 9)]
    assert room.seat.seed == 9


def test_beginning_anew_is_one_word() -> None:
    room = Room()
    room.board.set("seed", 5, PIANO)
    room.board.step()
    room.seat.begin(2**50)
    room.frames(2)
    assert room.keyboard.said == [("begin", 2**50)]
