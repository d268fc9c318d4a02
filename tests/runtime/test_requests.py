"""What is asked for, from letters to the board."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from engine.controls.board import Board
from engine.controls.letter import Letter, Source
from engine.controls.news import News, Outlet
from engine.controls.tree import Tree
from engine.runtime.requests import FEW_VALUES, MOST, Answered, Call, Requests, Witness, nobody, number, pressed
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.kinds import MAX_PERFORMERS
from engine.wire.decode import Message, Value

TABLE = expanded(PARAMETERS)
STRANGER, FRIEND = Source("osc", "10.0.0.9", 5000), Source("osc", "127.0.0.1", 5000, trusted=True)


class Post:
    """Letters of one frame, then silence."""

    def __init__(self, *letters: Letter) -> None:
        self.letters = list(letters)

    def drain(self) -> Sequence[Letter]:
        letters, self.letters = self.letters, []
        return letters


class Desk:
    """Requests with what they need; notes what is done."""

    def __init__(self, witness: Witness = nobody) -> None:
        self.board, self.tree, self.outlet = Board(TABLE, fps=60), Tree("/engine", TABLE), Outlet()
        self.done: list[Any] = []
        verbs = {"go": self.read, "stop": self.read, "panic": pressed(lambda: self.done.append("panic"))}
        self.post = Post()
        self.requests = Requests(
            [self.post],
            self.tree,
            board=self.board,
            outlet=self.outlet,
            verbs=verbs,
            also={"performers": self.done.append},
            witness=witness,
        )

    def read(self, arguments: Sequence[Value], source: Source) -> Call:
        if arguments == ("bad",):
            raise ValueError("no such cue")
        return lambda: self.done.append((*arguments, source.host))

    def ask(self, *messages: tuple[Any, ...], source: Source = STRANGER) -> Sequence[News]:
        """Say all of it in one letter, and serve."""
        self.post.letters.append(Letter(tuple(Message(address, tuple(rest)) for address, *rest in messages), source))
        self.requests.serve()
        return self.outlet.take()[0]

    @property
    def counted(self) -> Answered:
        return self.requests.counters


def test_a_value_is_set_clamped_and_told() -> None:
    desk = Desk()
    assert desk.ask(("/engine/ctl/temperature", 9)) == [News("/engine/ctl/temperature", (2.0,), STRANGER)]
    assert desk.board.value("temperature", 3) == 2.0
    assert desk.board.untold((0,), 9) == []
    assert desk.counted == Answered(taken=1)
    assert desk.ask() == []


@pytest.mark.parametrize(("given", "value"), [(0.25, 0.25), (1, 1.0), (True, 1.0), (-3, 0.0), (10**30, 2.0)])
def test_any_number_will_do(given: Value, value: float) -> None:
    desk = Desk()
    desk.ask(("/engine/p2/ctl/temperature", given))
    assert desk.board.value("temperature", 2) == value
    assert desk.board.value("temperature", 1) == 1.0


@pytest.mark.parametrize("given", [("1",), (None,), (math.nan,), (math.inf,), (1, 2), (10**400,), ([],)])
def test_what_is_no_number_is_refused_and_counted(given: tuple[Any, ...]) -> None:
    desk = Desk()
    assert desk.ask(("/engine/ctl/temperature", *given)) == []
    assert desk.board.value("temperature") == 1.0
    assert desk.counted == Answered(bad=1)
    with pytest.raises(ValueError, match="number"):
        number(given)


def test_an_empty_message_is_a_question_answered_to_the_asker_alone() -> None:
    desk = Desk()
    desk.ask(("/engine/ctl/blend", 0.5))
    assert desk.ask(("/engine/ctl/blend",)) == [News("/engine/ctl/blend", (0.5,), STRANGER, private=True)]
    assert desk.ask(("/engine/ctl/run",)) == [News("/engine/ctl/run", (1,), STRANGER, private=True)]


def test_a_pattern_sets_all_values_that_it_means() -> None:
    desk = Desk()
    news = desk.ask(("/engine/p[1-3]/ctl/{sigma,blend}", 0.5))
    assert [each.address for each in news] == [
        f"/engine/p{n}/ctl/{name}" for n in (1, 2, 3) for name in ("sigma", "blend")
    ]
    assert desk.counted == Answered(taken=1)


def test_a_pattern_calls_nothing_and_skips_what_can_only_be_read() -> None:
    desk = Desk()
    desk.ask(("/engine/*",), ("/engine/state/*",), ("/engine/cue/*", "x"), source=FRIEND)
    assert desk.done == []
    assert desk.counted == Answered(unknown=3)


def test_a_letter_is_done_as_a_whole_or_not_at_all() -> None:
    desk = Desk()
    good = ("/engine/ctl/sigma", 0.5)
    before = desk.board.targets.copy()
    for bad in [("/engine/ctl/top_p", "x"), ("/engine/cue/go", "bad"), ("/engine/state/fps", 1), ("/engine/hello",)]:
        assert desk.ask(good, bad) == []
    assert desk.ask(good, ("/engine/stop",)) == []
    assert (desk.board.targets == before).all()
    assert desk.counted == Answered(bad=4, denied=1)


def test_an_address_that_nobody_has_spoils_nothing() -> None:
    desk = Desk()
    assert len(desk.ask(("/accelerometer", 1.0), ("/engine/ctl/sigma", 0.5))) == 1
    assert desk.counted == Answered(taken=1, unknown=1)


def test_what_is_not_for_everybody_needs_trust() -> None:
    desk = Desk()
    desk.ask(("/engine/stop",))
    desk.ask(("/engine/stop",), source=FRIEND)
    assert desk.done == [("127.0.0.1",)]
    assert desk.counted == Answered(taken=1, denied=1)


def test_a_button_acts_when_it_is_pressed() -> None:
    desk = Desk()
    for arguments in [(), (1.0,), (0.0,), (True,), (False,), ("x",)]:
        desk.ask(("/engine/panic", *arguments))
    assert desk.done == ["panic"] * 3
    assert desk.counted == Answered(taken=5, bad=1)


def test_some_parameters_do_more() -> None:
    desk = Desk()
    desk.ask(("/engine/ctl/performers", 1000))
    assert desk.done == [256]


def test_one_frame_takes_only_so_many_values() -> None:
    desk = Desk()
    everybody = [("/engine/p*/ctl/latent/*", 0.5)]
    assert len(desk.ask(*everybody)) == MOST
    assert len(desk.ask(("/engine/ctl/sigma", 0.5), *everybody)) == 0
    assert desk.board.value("latent/15", MAX_PERFORMERS) == 0.0
    assert desk.board.target("latent/15", MAX_PERFORMERS) == 0.5
    messages = MOST // FEW_VALUES
    desk.post.letters += [Letter((Message("/engine/ctl/sigma", (0.5,)),), STRANGER)] * (messages + 5)
    assert len(desk.ask()) == messages
    assert desk.counted.bad == 1 + 5


def test_one_frame_works_out_only_so_many_patterns_but_those_it_knows_are_free() -> None:
    desk = Desk()
    for number_ in range(40):
        desk.post.letters.append(Letter((Message(f"/engine/p{number_}*/ctl/sigma", (0.5,)),), STRANGER))
    desk.ask()
    assert desk.counted.bad == 40 - 16
    for _ in range(MOST // 11):  # there are eleven such numbers
        desk.post.letters.append(Letter((Message("/engine/p9*/ctl/sigma", (0.5,)),), STRANGER))
    desk.ask()
    assert desk.counted.bad == 40 - 16


def test_after_a_pattern_that_means_too_much_no_new_one_is_worked_out_in_that_frame() -> None:
    desk = Desk()
    everything, little = Message("/engine/p*/ctl/latent/?*", (0.5,)), Message("/engine/p[1-2]/ctl/sigma", (0.5,))
    for message in (Message("/engine/ctl/sigma", (0.5,)), everything, little):
        desk.post.letters.append(Letter((message,), STRANGER))
    assert [news.address for news in desk.ask()] == ["/engine/ctl/sigma"]
    assert desk.counted.bad == 2
    assert len(desk.ask(("/engine/p[1-2]/ctl/sigma", 0.5))) == 2


def test_what_only_trusted_sources_may_set_everybody_may_read() -> None:
    desk = Desk()
    assert desk.ask(("/engine/ctl/record", 1)) == []
    assert (desk.counted.denied, desk.board.value("record")) == (1, 0.0)
    [answer] = desk.ask(("/engine/ctl/record",))
    assert (answer.arguments, answer.private) == ((0,), True)
    desk.ask(("/engine/ctl/record", 1), source=FRIEND)
    assert desk.board.value("record") == 1.0


@pytest.mark.parametrize("source", [STRANGER, FRIEND])
def test_no_pattern_sets_what_is_for_trusted_sources(source: Source) -> None:
    desk = Desk()
    desk.ask(("/engine/ctl/{record,temperature}", 0.5), ("/engine/ctl/recor?", 1), source=source)
    assert (desk.board.value("temperature"), desk.board.value("record")) == (0.5, 0.0)
    assert len(desk.ask(("/engine/ctl/{record,temperature}",), source=source)) == 2


def test_a_witness_sees_what_was_done_and_nothing_else() -> None:
    seen: list[Any] = []
    desk = Desk(witness=lambda node, arguments, source: seen.append((node.path, arguments, source.host)))
    desk.ask(("/engine/ctl/temperature", 9), ("/engine/cue/go", "one"))
    desk.ask(("/engine/p{1,2}/ctl/blend", 0.5), source=FRIEND)
    desk.ask(("/engine/ctl/temperature",))
    desk.ask(("/engine/ctl/sigma", 0.1), ("/engine/cue/go", "bad"))
    desk.ask(("/engine/stop",))
    assert seen == [
        ("/engine/ctl/temperature", (2.0,), "10.0.0.9"),
        ("/engine/cue/go", ("one",), "10.0.0.9"),
        ("/engine/p1/ctl/blend", (0.5,), "127.0.0.1"),
        ("/engine/p2/ctl/blend", (0.5,), "127.0.0.1"),
    ]
