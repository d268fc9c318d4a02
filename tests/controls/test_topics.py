"""Topics and addresses, payloads and values."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.controls.topics import MAX_PAYLOAD, Topics, told, value, words
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.show import Mqtt
from engine.wire.decode import Message, Value

TREE = Tree("/engine", expanded(PARAMETERS), cues=("storm",))
TOPICS = Topics(Mqtt(host="broker", base="house/stage", node="left"))

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SINGLE = st.integers(-(2**63) + 1, 2**63 - 1) | FINITE | st.booleans() | st.text()


def read(topic: str, payload: str) -> Message:
    return TOPICS.read(TREE, f"house/stage/left/{topic}", payload.encode())


@pytest.mark.parametrize(
    ("topic", "payload", "address", "arguments"),
    [
        ("set/temperature", "1.5", "/engine/ctl/temperature", (1.5,)),
        ("set/p2/temperature", "1.5", "/engine/p2/ctl/temperature", (1.5,)),
        ("set/latent/3", "-0.5", "/engine/ctl/latent/3", (-0.5,)),
        ("set/crossfade", "3", "/engine/model/crossfade", (3,)),
        ("set/performers", "4", "/engine/ctl/performers", (4,)),
        ("cmd/go", "", "/engine/cue/go", ()),
        ("cmd/go", "storm", "/engine/cue/go", ("storm",)),
        ("cmd/go", '"storm"', "/engine/cue/go", ("storm",)),
        ("cmd/go", "2", "/engine/cue/go", (2,)),
        ("cmd/prime", "[3, 10]", "/engine/ctl/prime", (3, 10)),
        ("cmd/p2/prime", "3", "/engine/p2/ctl/prime", (3,)),
        ("cmd/load", "models/own dance.onnx", "/engine/model/load", ("models/own dance.onnx",)),
        ("cmd/panic", "", "/engine/panic", ()),
    ],
)
def test_a_topic_stands_for_an_address(topic: str, payload: str, address: str, arguments: tuple[Value, ...]) -> None:
    assert read(topic, payload) == (address, arguments)


def test_every_parameter_has_its_topics() -> None:
    parameters = [node for node in TREE.nodes.values() if node.knob]
    assert len(parameters) > 1000
    for node in parameters:
        name = TREE.name(node.path)
        assert read(f"set/{name}", "1").address == node.path
        assert TOPICS.state(name) == f"house/stage/left/state/{name}"


@pytest.mark.parametrize(
    "topic",
    [
        "set/no_such",
        "set/p257/blend",
        "set/",
        "set",
        "cmd/no_such",
        "cmd/temperature",
        "set/go",
        "state/temperature",
        "cmd/ping",
        "cmd/subscribe",
        "status",
        "set/performer",
        "set/p1",
        "set/temperature/",
        "set//temperature",
    ],
)
def test_a_topic_that_stands_for_nothing_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="no such topic"):
        read(topic, "1")


def test_the_topics_of_another_engine_are_refused() -> None:
    with pytest.raises(ValueError, match="no such topic"):
        TOPICS.read(TREE, "house/stage/right/set/temperature", b"1")
    with pytest.raises(ValueError, match="no such topic"):
        TOPICS.read(TREE, "set/temperature", b"1")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("1", (1,)),
        ("-0.5", (-0.5,)),
        (" 2 ", (2,)),
        (".5", (0.5,)),
        ("+1", (1,)),
        ("1.", (1.0,)),
        ("1E2", (100.0,)),
        ("true", (True,)),
        ("false", (False,)),
        ('"x"', ("x",)),
        ('[1, 2.5, "x", true]', (1, 2.5, "x", True)),
    ],
)
def test_a_payload_is_read(payload: str, expected: tuple[Value, ...]) -> None:
    found = value(payload.encode())
    assert found == expected
    assert [type(each) for each in found] == [type(each) for each in expected]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        " ",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "-1e999",
        "[1e999]",
        "null",
        "[]",
        "[null]",
        "[[1]]",
        "{}",
        '{"value": 1}',
        "1 2",
        "1,5",
        "1_000",
        "0x10",
        "--1",
        "much",
        "1" * 20,
        "[" * MAX_PAYLOAD,
        '"',
        "٣",
    ],
)
def test_a_payload_that_is_no_value_is_refused(payload: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (whatever it says, it counts)
        read("set/temperature", payload)


@pytest.mark.parametrize("payload", ["1" * (MAX_PAYLOAD - 1) + "x", "1" * MAX_PAYLOAD, "." + "1" * 4000 + "e"])
def test_the_worst_payload_is_refused_in_no_time(payload: str) -> None:
    began = time.thread_time()
    for reads in (value, words):
        with pytest.raises(ValueError):  # noqa: PT011
            reads(payload.encode() + b"\\")
    assert time.thread_time() - began < 0.01  # 0.3 s where digits can be shared out in more ways than one


def test_a_payload_that_is_too_long_is_refused() -> None:
    assert read("cmd/load", "x" * MAX_PAYLOAD).arguments == ("x" * MAX_PAYLOAD,)
    with pytest.raises(ValueError, match="4097 bytes"):
        read("cmd/load", "x" * (MAX_PAYLOAD + 1))


@pytest.mark.parametrize("payload", ["1e999", "9" * 20, '"', "{}", "[[1]]", "a\0b", "a\nb", "\\"])
def test_what_is_neither_value_nor_name_is_no_argument(payload: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        words(payload.encode())


@given(st.binary(max_size=64))
def test_no_payload_does_more_than_be_refused(payload: bytes) -> None:
    for reads in (value, words):
        try:
            found = reads(payload)
        except ValueError:
            continue
        assert all(isinstance(each, int | float | str) for each in found)
        assert all(math.isfinite(each) for each in found if isinstance(each, float))


@given(st.lists(SINGLE, min_size=1, max_size=8))
def test_json_comes_as_it_was_meant(values: list[int | float | bool | str]) -> None:
    assert value(json.dumps(values, ensure_ascii=False).encode()) == tuple(values)


@given(st.floats(-1000, 1000, width=32))
def test_what_is_told_can_be_set_again(number: float) -> None:
    (again,) = value(told((number,)))
    assert again == pytest.approx(number, rel=1e-6, abs=1e-30)


def test_floats_are_told_with_the_digits_that_they_have() -> None:
    assert told((1.2000000476837158,)) == b"1.2"  # the nearest float of 32 bits to 1.2
    assert told((3,)) == b"3"
    assert told(("storm",)) == b'"storm"'
    assert told((3, 0.5)) == b"[3,0.5]"
