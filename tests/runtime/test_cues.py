"""Which cue comes next, and GOs that are accidents."""

from typing import Any

import pytest

from engine.controls.letter import Source
from engine.runtime.cues import Cues
from engine.runtime.ticker import SECOND
from engine.schema.show import Cue

NAMES = ("intro", "storm", "7")
ME = Source("osc")


class Book:
    """Cues whose playing is noted; each GO comes a second after the last one."""

    def __init__(self, gap: float = 0.5) -> None:
        self.played: list[str] = []
        self.cues = Cues([Cue(name=name) for name in NAMES], lambda cue: self.played.append(cue.name), gap=gap)

    def go(self, *arguments: Any, after: float = 1.0) -> None:
        self.cues.now += round(after * SECOND)
        self.cues.read(arguments, ME)()


def test_cues_follow_each_other_and_end() -> None:
    book = Book()
    for _ in range(5):
        book.go()
    assert book.played == list(NAMES)
    assert (book.cues.last, book.cues.ignored) == ("7", 2)


@pytest.mark.parametrize(
    ("wanted", "name"), [("storm", "storm"), (1, "intro"), (2.0, "storm"), ("2", "storm"), ("7", "7"), (3, "7")]
)
def test_a_cue_is_called_by_its_name_or_its_position(wanted: Any, name: str) -> None:
    book = Book()
    book.go(wanted)
    assert book.played == [name]


@pytest.mark.parametrize("wanted", ["strom", "", 0, 4, -1, 1.5, "0", "9" * 5000, 10**400, None])
def test_a_cue_that_is_not_there_is_refused(wanted: Any) -> None:
    book = Book()
    with pytest.raises(ValueError, match="expected"):
        book.go(wanted)
    with pytest.raises(ValueError, match="expected"):
        book.go("storm", 1)
    assert (book.played, book.cues.ignored) == ([], 0)


def test_the_next_one_follows_the_one_that_was_called() -> None:
    book = Book()
    book.go("storm")
    book.go()
    book.cues.now += SECOND
    book.cues.back()
    book.cues.now += SECOND
    book.cues.back()
    book.cues.now += SECOND
    book.cues.back()
    assert book.played == ["storm", "7", "storm", "intro"]


def test_a_second_go_within_the_gap_is_an_accident() -> None:
    book = Book()
    book.go()
    book.go(after=0.499)
    book.go("7", after=0)
    book.go(after=0.001)
    assert book.played == ["intro", "storm"]
    assert book.cues.ignored == 2


def test_a_button_that_is_released_calls_nothing() -> None:
    book = Book()
    book.go(True)
    book.go(False)
    assert book.played == ["intro"]


def test_it_can_be_wound_back() -> None:
    book = Book()
    book.go("storm")
    book.cues.rewind()
    assert book.cues.last == ""
    book.go(after=0)
    assert book.played == ["storm", "intro"]
