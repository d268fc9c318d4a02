"""The decoder: against python-osc and our own encoder, and against what nobody should send."""

import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from engine.schema.errors import WireError
from engine.wire import osc
from engine.wire.decode import MAX_ADDRESS, MAX_ARGUMENTS, MAX_BYTES, MAX_DEPTH, MAX_MESSAGES, Message, decode

INTS = st.integers(-(2**31), 2**31 - 1)
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
STRINGS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ADDRESSES = st.from_regex(r"\A(/[A-Za-z0-9_:.+-]{1,9}){1,5}\Z")
ARGUMENTS = st.lists(INTS | FLOATS | STRINGS | st.booleans(), max_size=30)
MESSAGES = st.lists(st.tuples(ADDRESSES, ARGUMENTS), max_size=6)

HEAD = b"#bundle\0" + osc.IMMEDIATELY
PING = b"/a\0\0,\0\0\0"


def encoded(address: str, arguments: list[Any]) -> bytes:
    return osc.encode(address, *arguments, tags="ifsTF")


def bundled(*elements: bytes) -> bytes:
    return HEAD + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def nested(levels: int) -> bytes:
    packet = PING
    for _ in range(levels):
        packet = bundled(packet)
    return packet


def complaint(datagram: bytes) -> str:
    """What is said of a datagram; nothing where it can be read."""
    try:
        decode(datagram)
    except WireError as error:
        return str(error)
    return ""


@given(ADDRESSES, ARGUMENTS)
def test_a_message_comes_back_as_it_went(address: str, arguments: list[Any]) -> None:
    (message,) = decode(encoded(address, arguments))
    assert message == Message(address, tuple(arguments))
    assert [type(value) for value in message.arguments] == [type(value) for value in arguments]


@given(MESSAGES)
def test_a_bundle_comes_back_as_it_went(messages: list[tuple[str, list[Any]]]) -> None:
    datagram = osc.bundle([encoded(*message) for message in messages])
    assert decode(datagram) == [Message(address, tuple(arguments)) for address, arguments in messages]


@given(MESSAGES.filter(bool))
def test_python_osc_reads_the_same(messages: list[tuple[str, list[Any]]]) -> None:
    datagram = osc.bundle([encoded(*message) for message in messages])
    reference = [(message.address, tuple(message.params)) for message in OscBundle(datagram)]
    assert [tuple(message) for message in decode(datagram)] == reference


@given(st.binary(max_size=300))
@example(b"#bundle\0")
@example(b"/a\0\0,[i]\0\0\0\0\0\0\0\1")
def test_noise_is_refused_or_read_and_never_anything_else(noise: bytes) -> None:
    assert len(complaint(noise)) < 500


@given(MESSAGES.filter(bool), st.data())
def test_a_damaged_datagram_is_refused_or_read_and_never_anything_else(
    messages: list[tuple[str, list[Any]]], data: st.DataObject
) -> None:
    datagram = bytearray(osc.bundle([encoded(*message) for message in messages]))
    for _ in range(data.draw(st.integers(1, 4))):
        datagram[data.draw(st.integers(0, len(datagram) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(datagram[: data.draw(st.integers(0, len(datagram)))])
    assert len(complaint(damaged)) < 500


def test_every_tag_is_understood_or_read_over() -> None:
    data = struct.pack(">iqfd", 1, -(2**40), 0.5, 0.25)
    data += b"word\0\0\0\0sym\0" + struct.pack(">i", 5) + b"blob!\0\0\0" + bytes(8) + b"\0\0\0c" + bytes(8)
    message = b"/all\0\0\0\0,ihfdsSbtcrmTFNI\0\0\0\0" + data
    words = (1, -(2**40), 0.5, 0.25, "word", "sym", None, None, None, None, None, True, False, None, None)
    assert decode(message) == [Message("/all", words)]
    assert OscMessage(b"/b\0\0,b\0\0" + struct.pack(">i", 5) + b"blob!\0\0\0").params == [b"blob!"]


@pytest.mark.parametrize("number", [b",f\0\0\x7f\xc0\0\0", b",f\0\0\xff\x80\0\0", b",d\0\0\x7f\xf0\0\0\0\0\0\0"])
def test_a_float_that_is_not_finite_is_missing(number: bytes) -> None:
    assert decode(b"/a\0\0" + number) == [Message("/a", (None,))]


def test_time_tags_are_read_over_and_bundles_within_bundles_come_flat() -> None:
    late = b"#bundle\0" + b"\xff" * 8 + struct.pack(">i", len(PING)) + PING
    assert decode(bundled(PING, late, bundled())) == [Message("/a", ())] * 2


def test_a_pattern_is_an_address() -> None:
    pattern = b"/p*/{a,b}/[!x-z]?\0\0\0,\0\0\0"
    assert decode(pattern) == [Message("/p*/{a,b}/[!x-z]?", ())]


def test_the_bounds_themselves_are_allowed() -> None:
    assert len(decode(bundled(*[PING] * MAX_MESSAGES))) == MAX_MESSAGES
    assert decode(nested(MAX_DEPTH)) == [Message("/a", ())]
    (longest,) = decode(osc.encode("/" + "a" * (MAX_ADDRESS - 1), *[1] * MAX_ARGUMENTS))
    assert (len(longest.address), len(longest.arguments)) == (MAX_ADDRESS, MAX_ARGUMENTS)
    assert decode(osc.encode("/a", "x" * (MAX_BYTES // 4 * 4 - 12)))[0].arguments


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", "0 bytes; expected 1 to 65507"),
        (bytes(MAX_BYTES + 1), "65508 bytes"),
        (bundled(*[PING] * (MAX_MESSAGES + 1)), "one message more; expected at most 256"),
        (nested(MAX_DEPTH + 1), "a bundle deeper within bundles; expected at most 4"),
        (osc.encode("/" + "a" * MAX_ADDRESS), "the address"),
        (osc.encode("/a", *[1] * (MAX_ARGUMENTS + 1)), "the types"),
        (b"a\0\0\0,\0\0\0", "the address 'a'"),
        (b"/\0\0\0,\0\0\0", "the address '/'"),
        (b"/a//b\0\0\0,\0\0\0", "the address '/a//b'"),
        (b"/a b\0\0\0\0,\0\0\0", "the address '/a b'"),
        (b"/\xc3\xa9\0,\0\0\0", "the address '/é'"),
        (b"/a\0\0", "a string without an end"),
        (b"/a\0\0i\0\0\0", "the types 'i'"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\1", "the types"),
        (b"/a\0\0,i\0\0\0\0\0", "3 bytes; expected 4"),
        (b"/a\0\0,i\0\0\0\0\0\1\0\0\0\2", "4 bytes behind the arguments"),
        (b"/a\0x,\0\0\0", "padding that is not zero"),
        (b"/a\0\0,\0\0", "3 bytes; expected 4"),
        (b"/a\0\0,s\0\0\xff\xfe\0\0", "a string that is not text; expected UTF-8"),
        (b"/a\0\0,s\0\0\xed\xa0\x80\0", "a string that is not text; expected UTF-8"),
        (b"/a\0\0,s\0\0word", "a string without an end"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xff", "a blob of -1 bytes"),
        (b"/a\0\0,b\0\0\x7f\xff\xff\xff", "0 bytes; expected 2147483648"),
        (b"/a\0\0,b\0\0\0\0\0\5blob!", "5 bytes; expected 8"),
        (b"#bundle\0" + bytes(4), "a broken head of a bundle"),
        (b"#bungle\0" + bytes(8), "a broken head of a bundle"),
        (HEAD + b"\0\0", "2 bytes; expected the size of an element"),
        (HEAD + struct.pack(">i", 0), "an element of 0 bytes"),
        (HEAD + struct.pack(">i", -4) + PING, "an element of -4 bytes"),
        (HEAD + struct.pack(">i", 12) + PING, "an element of 12 bytes"),
        (HEAD + struct.pack(">i", 6) + PING, "an element of 6 bytes"),
    ],
)
def test_what_nobody_may_send_is_refused_with_its_reason(datagram: bytes, reason: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(datagram)
    assert reason in str(caught.value)


def test_one_bad_message_refuses_its_whole_bundle() -> None:
    with pytest.raises(WireError):
        decode(bundled(PING, b"/a\0\0,f\0\0\x7f\xc0", PING))
