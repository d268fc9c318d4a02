"""Another model of touch in mid-show, and which side a model is for."""

from collections.abc import Sequence
from typing import Any

import pytest
from runtime.keys import Keyboard

from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.runtime.commands import Commands
from engine.runtime.own_loading import OwnLoading, Sorted
from engine.schema.errors import ModelError

ASKER = Source("osc", "127.0.0.1", 5, trusted=True)


class Grand:
    """A pianist by name."""

    def __init__(self, name: str) -> None:
        self.spec = self
        self.name = name


class Shop:
    def __init__(self, room: int = 8) -> None:
        self.keyboard, self.outlet, self.said = Keyboard(), Outlet(), list[str]()
        self.commands, self.errands = Commands(8), Commands(room)
        self.loading = OwnLoading(
            self.make,
            stand=self.keyboard,
            model="first",
            file="first",
            commands=self.commands,
            errands=self.errands,
            outlet=self.outlet,
            address="/e/model/load",
            say=self.said.append,
        )

    def make(self, model: str) -> Any:
        if model == "broken":
            raise ModelError(model, "nonsense", "a model of touch")
        if model == "alien":
            raise RuntimeError("node LSTM_0:\n  shapes differ")
        return Grand(model)

    def work(self) -> Sequence[News]:
        self.errands.run(8)
        self.commands.run(8)
        return list(self.outlet.take()[0])


def test_a_model_that_is_good_plays() -> None:
    shop = Shop()
    shop.loading.read(("second",), ASKER)()
    assert shop.work() == [News("/e/model/load", ("second",), ASKER)]
    assert [what for what, _ in shop.keyboard.said] == ["change"]
    assert shop.loading.model == "second"
    assert shop.said == []


@pytest.mark.parametrize("model", ["broken", "alien"])
def test_one_that_is_not_is_refused_in_a_line(model: str) -> None:
    shop = Shop()
    shop.loading.ask(model, ASKER)
    assert shop.work() == [News("/e/model/load", ("first",), ASKER)]
    assert shop.keyboard.said == []
    assert shop.loading.refused == 1
    (line,) = shop.said
    assert line.startswith(f"{model} is refused: ")
    assert line.endswith("; first keeps playing")
    assert "\n" not in line


def test_the_last_of_many_counts() -> None:
    shop = Shop()
    for model in ("second", "third", "fourth"):
        shop.loading.ask(model)
    shop.work()
    assert [pianist.name for _, pianist in shop.keyboard.said] == ["fourth"]


def test_too_many_errands_are_told() -> None:
    with pytest.raises(ValueError, match="too many errands wait"):
        Shop(room=0).loading.ask("second")


@pytest.mark.parametrize("arguments", [(), (1,), ("",), ("a", "b"), ("x\0y",)])
def test_what_names_no_model(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="expected a file, or the name"):
        Shop().loading.read(arguments, ASKER)


def test_a_model_that_is_wanted_is_loaded_unless_it_plays_or_is_about_to() -> None:
    shop = Shop()
    shop.loading.want("first")
    shop.work()
    assert shop.keyboard.said == []
    for _ in range(2):
        shop.loading.want("second")
        shop.work()
    shop.loading.ask("third", ASKER)
    shop.loading.want("second")
    shop.work()
    assert [pianist.name for _, pianist in shop.keyboard.said] == ["second", "second"]
    shop.loading.ask("third", ASKER)
    shop.work()
    shop.loading.want("second")
    shop.work()
    assert shop.loading.model == "second"


def test_after_a_refusal_what_was_refused_may_be_wanted_again_and_what_plays_is_left_alone() -> None:
    shop = Shop()
    for _ in range(2):
        shop.loading.want("broken")
        shop.work()
    assert shop.loading.refused == 2
    shop.loading.want("first")
    shop.work()
    assert shop.keyboard.said == []


class Side:
    def __init__(self, refused: int) -> None:
        self.refused = refused
        self.asked: list[tuple[str, Any]] = []

    def ask(self, model: str, source: Source | None = None) -> None:
        self.asked.append((model, source))


def test_a_model_goes_to_those_who_can_play_it() -> None:
    bodies, keys, commands, errands = Side(2), Side(3), Commands(8), Commands(8)
    both = Sorted(bodies, keys, mine=lambda model: "piano" in model, commands=commands, errands=errands)
    for model in ("waltz", "piano.onnx"):
        both.read((model,), ASKER)()
        errands.run(8)
        commands.run(8)
    assert bodies.asked == [("waltz", ASKER)]
    assert keys.asked == [("piano.onnx", ASKER)]
    assert both.refused == 5
