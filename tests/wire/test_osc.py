"""The encoder, against python-osc and against what the specification forbids."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.contracts import MAX_DATAGRAM
from engine.schema.errors import EngineError, WireError
from engine.wire import osc

INTS = st.integers(-(2**31), 2**31 - 1)
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
STRINGS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ADDRESSES = st.from_regex(r"(/[A-Za-z0-9_:.+-]+)+", fullmatch=True)
ARGUMENTS = st.lists(INTS | FLOATS | STRINGS | st.booleans() | st.binary(min_size=1))  # python-osc knows no empty blob
TAGS = {bool: "TF", int: "i", float: "f", str: "s", bytes: "b"}


def reference(address: str, arguments: list[int | float | str | bytes]) -> OscMessage:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        tag = TAGS[type(argument)]
        builder.add_arg(argument, tag[not argument] if tag == "TF" else tag)
    return builder.build()


@given(ADDRESSES, ARGUMENTS)
def test_a_message_is_byte_equal_to_python_osc(address: str, arguments: list[int | float | str | bytes]) -> None:
    assert osc.encode(address, *arguments, tags="ifsbTF") == reference(address, arguments).dgram


@given(st.lists(st.tuples(ADDRESSES, st.lists(INTS | FLOATS | STRINGS))))
def test_a_bundle_is_byte_equal_to_python_osc(messages: list[tuple[str, list[int | float | str | bytes]]]) -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    for address, arguments in messages:
        builder.add_content(reference(address, arguments))
    assert osc.bundle([osc.encode(address, *arguments) for address, arguments in messages]) == builder.build().dgram


@given(st.lists(INTS, min_size=1, max_size=40), st.lists(FLOATS, min_size=1, max_size=200))
def test_a_patched_datagram_is_byte_equal_to_one_built_anew(ints: list[int], floats: list[float]) -> None:
    blank = [
        osc.encode("/a/frame", *[0] * len(ints)),
        osc.encode("/word", "x"),
        osc.encode("/pos", *[0.0] * len(floats)),
    ]
    prepared = osc.PreparedDatagram(blank)
    prepared.ints("/a/frame")[:] = ints
    prepared.floats("/pos")[:] = floats
    assert prepared.data == osc.bundle(
        [osc.encode("/a/frame", *ints), osc.encode("/word", "x"), osc.encode("/pos", *floats)]
    )


WORDS = STRINGS.filter(str.isprintable)


@given(st.lists(st.lists(INTS | FLOATS | WORDS, max_size=9), min_size=1, max_size=9), st.integers(0, 2**32 - 1))
def test_all_floats_are_patched_at_once_wherever_they_stand(given: list[list[int | float | str]], seed: int) -> None:
    prepared = osc.PreparedDatagram([osc.encode("/bone", *arguments) for arguments in given])
    kept = [[value for value in arguments if isinstance(value, float)] for arguments in given]
    assert prepared.words[prepared.places].tolist() == [value for values in kept for value in values]
    draw = np.random.default_rng(seed).standard_normal(len(prepared.places), np.float32)
    prepared.words[prepared.places] = draw
    numbers = iter(draw.tolist())
    anew = [[next(numbers) if isinstance(value, float) else value for value in arguments] for arguments in given]
    assert prepared.data == osc.bundle([osc.encode("/bone", *arguments) for arguments in anew])


@given(st.lists(INTS | FLOATS | WORDS, max_size=9))
def test_a_message_can_be_prepared_without_a_bundle(arguments: list[int | float | str]) -> None:
    message = osc.encode("/mocap/0", *arguments)
    prepared = osc.PreparedDatagram(message)
    assert prepared.data == message
    assert prepared.words[prepared.places].tolist() == [value for value in arguments if isinstance(value, float)]


def test_a_message_without_a_bundle_is_patched_by_its_address() -> None:
    prepared = osc.PreparedDatagram(osc.encode("/pos", 0.0, 0.0))
    prepared.floats("/pos")[:] = (1, 2)
    assert prepared.data == osc.encode("/pos", 1.0, 2.0)


@pytest.mark.parametrize(
    ("scalar", "plain"),
    [(np.int8(-3), -3), (np.uint16(9), 9), (np.int64(7), 7), (np.float32(0.5), 0.5), (np.float64(2), 2.0)],
)
def test_numpy_scalars_are_sent_as_what_they_are(scalar: np.integer | np.floating, plain: float) -> None:
    assert osc.encode("/x", scalar) == osc.encode("/x", plain)


def test_int_float_and_bool_are_told_apart() -> None:
    assert osc.encode("/x", 1, 1.0, True, np.False_, tags="ifTF") == (
        b"/x\0\0,ifTF\0\0\0" + b"\0\0\0\1" + b"\x3f\x80\0\0"
    )


def test_a_blob_is_its_length_and_its_padded_bytes() -> None:
    assert osc.encode("/x", b"", bytearray(b"abcde"), tags="b") == b"/x\0\0,bb\0\0\0\0\0\0\0\0\5abcde\0\0\0"


@pytest.mark.parametrize("value", [True, np.False_, b"blob"])
def test_bools_and_blobs_leave_only_where_they_are_asked_for(value: bool | bytes) -> None:  # noqa: FBT001 - a value
    with pytest.raises(WireError, match=r"^/x: an argument of type '[TFb]'; expected one of the types 'ifs'$"):
        osc.encode("/x", value)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, np.int64(2**40), np.uint32(2**32 - 1)])
def test_an_int_over_31_bits_is_refused(value: int) -> None:
    with pytest.raises(WireError, match=rf"^/x: the int {value}; expected 31 bits and a sign"):
        osc.encode("/x", value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e39, -3.5e38, np.float32("nan")])
def test_a_float_that_is_not_a_finite_float32_is_refused(value: float) -> None:
    with pytest.raises(WireError, match=r"^/x: the float .*; expected a finite number of 32 bits$"):
        osc.encode("/x", value)


@pytest.mark.parametrize(
    ("value", "found"),
    [("a\0b", "zero character"), ("\ud800", "surrogate"), (None, "NoneType"), ([1], "list"), (1j, "complex")],
)
def test_what_is_no_argument_is_refused(value: object, found: str) -> None:
    with pytest.raises(WireError, match=rf"^/x: .*{found}.*; expected "):
        osc.encode("/x", value)  # type: ignore[arg-type]


@pytest.mark.parametrize("mark", " #*,?[]{}\0\n\x7fé")
def test_an_address_holds_no_pattern_and_no_separator(mark: str) -> None:
    assert not osc.is_address(f"/a{mark}b")
    with pytest.raises(WireError, match="no OSC address"):
        osc.encode(f"/a{mark}b")


@pytest.mark.parametrize("address", ["", "/", "a", "a/b", "//a", "/a/", "/a//b"])
def test_an_address_is_a_slash_and_a_name_again_and_again(address: str) -> None:
    assert not osc.is_address(address)
    assert osc.is_address("/p1/l.wrist:tx-ABC_09~")


def test_an_error_is_the_engines() -> None:
    with pytest.raises(EngineError) as caught:
        osc.encode("/x", 2**31)
    assert (caught.value.place, caught.value.found) == ("/x", "the int 2147483648")


@given(st.lists(st.integers(0, 300), max_size=30))
def test_messages_are_shared_out_in_order_and_every_bundle_fits(sizes: list[int]) -> None:
    first = osc.encode("/frame", 1, 2)
    messages = [osc.encode(f"/m{number}", *[0.5] * size) for number, size in enumerate(sizes[:9])]
    messages = [message for message in messages if osc.size([first, message]) <= MAX_DATAGRAM]
    groups = osc.split(messages, first=first)
    assert all(group[0] == first and len(osc.bundle(group)) <= MAX_DATAGRAM for group in groups)
    assert [message for group in groups for message in group[1:]] == messages
    fuller = pairwise(groups)
    assert all(osc.size([*group, following[1]]) > MAX_DATAGRAM for group, following in fuller)


def test_a_message_that_just_fits_is_sent_and_a_longer_one_refused() -> None:
    fits = osc.encode("/x", "y" * 1443)
    assert [len(osc.bundle(group)) for group in osc.split([fits])] == [MAX_DATAGRAM]
    with pytest.raises(WireError, match=r"^/x: a datagram of 1476 bytes; expected at most 1472$"):
        osc.split([osc.encode("/x", "y" * 1444)])


@pytest.mark.parametrize("address", ["/pos", "/mixed", "/none"])
def test_only_a_prepared_message_of_one_type_can_be_patched(address: str) -> None:
    prepared = osc.PreparedDatagram([osc.encode("/pos", 0.0), osc.encode("/mixed", 0, 0.0)])
    with pytest.raises(WireError, match=rf"^{address}: arguments of types"):
        prepared.ints(address)
