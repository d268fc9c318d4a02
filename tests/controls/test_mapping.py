"""What controllers and keys do, and mappings that make no sense."""

from typing import Literal

import pytest

from engine.controls.mapping import Heard, Route, ends, played
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.errors import ConfigError
from engine.schema.note import Note, Pedal
from engine.schema.show import Mapping
from engine.wire.decode import Message

TREE = Tree("/engine", expanded(PARAMETERS), cues=("storm", "calm"))
TEMPERATURE, GO = "/engine/ctl/temperature", "/engine/cue/go"


def play(mapping: Mapping, *values: int, channel: int = 1) -> list[Message | None]:
    """What a mapping asks for as its controller or key says these."""
    route = Route(mapping, TREE, "midi[0].map[0]")
    kind: Literal["note", "control"] = "note" if mapping.control is None else "control"
    number = mapping.note if mapping.control is None else mapping.control
    assert number is not None
    return [route.asks(Heard(kind, number, value, channel)) for value in values]


def test_a_fader_covers_the_range_of_its_parameter() -> None:
    asked = play(Mapping(to="temperature", control=7), 0, 127)
    assert asked == [(TEMPERATURE, (0.0,)), (TEMPERATURE, (2.0,))]
    ((_, (middle,)),) = filter(None, play(Mapping(to="p2/heading", control=7), 64))
    assert middle == pytest.approx(-360 + 720 * 64 / 127)


def test_a_fader_covers_what_is_asked_for_upside_down_too() -> None:
    mapping = Mapping(to="p2/blend", control=7, low=0.9, high=0.2)
    assert play(mapping, 0, 127) == [("/engine/p2/ctl/blend", (0.9,)), ("/engine/p2/ctl/blend", (pytest.approx(0.2),))]


@pytest.mark.parametrize(("name", "expected"), [("run", [0, 0, 1, 1]), ("condition", [-1, 7, 7, 15])])
def test_whole_numbers_stay_whole(name: str, expected: list[int]) -> None:
    found = [asked[1][0] for asked in play(Mapping(to=name, control=1), 0, 63, 64, 127) if asked]
    assert found == expected
    assert all(type(value) is int for value in found)


def test_a_key_sets_high_and_released_low() -> None:
    path = "/engine/ctl/hold"
    assert play(Mapping(to="hold", note=36), 100, 0, 1) == [(path, (1,)), (path, (0,)), (path, (1,))]
    mapping = Mapping(to="temperature", note=36, low=0.5, high=1.5)
    assert play(mapping, 1, 0) == [(TEMPERATURE, (1.5,)), (TEMPERATURE, (0.5,))]


def test_a_key_calls_a_verb_when_it_goes_down() -> None:
    called = (GO, ("storm",))
    assert play(Mapping(to="go", note=36, value="storm"), 100, 0, 1, 127) == [called, None, called, called]
    assert play(Mapping(to="panic", note=36), 100, 0) == [("/engine/panic", ()), None]


def test_a_controller_calls_a_verb_once_when_it_passes_the_middle() -> None:
    called = (GO, (2,))
    asked = play(Mapping(to="go", control=20, value=2.0), 10, 64, 127, 63, 0, 127, 127)
    assert asked == [None, called, None, None, None, called, None]


def test_another_channel_number_or_kind_is_somebody_elses() -> None:
    mapping = Mapping(to="temperature", control=7, channel=2)
    assert play(mapping, 0, channel=1) == [None]
    assert play(mapping, 0, channel=2) == [(TEMPERATURE, (0.0,))]
    route = Route(mapping, TREE, "here")
    assert route.asks(Heard("control", 8, 0, 2)) is None
    assert route.asks(Heard("note", 7, 0, 2)) is None


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        (Mapping(to="temperature"), "here: neither; expected one of control and note"),
        (Mapping(to="temperature", control=1, note=2), "here: both; expected one of control and note"),
        (Mapping(to="temprature", control=1), "here.to: 'temprature'; expected a parameter or a verb"),
        (Mapping(to="subscribe", note=1), "here.to: 'subscribe'; expected a parameter or a verb"),
        (Mapping(to="p257/blend", note=1), "here.to: 'p257/blend'; expected a parameter or a verb"),
        (Mapping(to="temperature", control=1, high=2.5), "here.high: 2.5; expected a number from 0 to 2"),
        (Mapping(to="temperature", control=1, low=float("nan")), "here.low: nan; expected a number from 0 to 2"),
        (Mapping(to="temperature", note=1, value=1.0), "here.value: 1.0; expected none"),
        (Mapping(to="go", note=1, high=1.0), "here: low or high of the verb 'go'; expected none"),
        (Mapping(to="go", note=1, value="strom"), "here.value: 'strom'; expected one of storm, calm"),
        (Mapping(to="panic", note=1, value="now"), "here.value: 'now'; expected none"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping: Mapping, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Route(mapping, TREE, "here")
    assert str(caught.value).startswith(complaint)


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(ConfigError, match="did you mean 'temperature'"):
        Route(Mapping(to="temprature", control=1), TREE, "here")


def test_keys_and_the_pedal_are_played_and_nothing_else() -> None:
    assert played(Heard("note", 60, 64, 3)) == Note(60, 64, 3)
    assert played(Heard("note", 60, 0, 3)) == Note(60, 0, 3)
    assert played(Heard("control", 64, 127, 16)) == Pedal(127, 16)
    assert played(Heard("control", 7, 127, 1)) is None


def test_a_sequencer_that_stops_ends_all_notes() -> None:
    assert [number for number in range(128) if ends(Heard("control", number, 0, 1))] == [120, 123, 124, 125, 126, 127]
    assert not ends(Heard("note", 123, 0, 1))
