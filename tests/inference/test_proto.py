import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.proto import Budget, Malformed, Message, fields, varint


def encode(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


@given(st.integers(0, 2**64 - 1))
def test_a_varint_reads_back(number: int) -> None:
    data = encode(number)
    assert varint(memoryview(data), 0) == (number, len(data))


def test_fields_of_every_kind() -> None:
    data = b"\x08\x96\x01" + b"\x11" + bytes(8) + b"\x1a\x02ab" + b"\x25" + bytes(4)
    found = [(number, value if isinstance(value, int) else bytes(value)) for number, value in read(data)]
    assert found == [(1, 150), (2, bytes(8)), (3, b"ab"), (4, bytes(4))]


def read(data: bytes) -> list[tuple[int, int | memoryview]]:
    return list(fields(memoryview(data), Budget()))


@pytest.mark.parametrize("data", [b"\x08", b"\x08\x80", b"\x1a\x05ab", b"\x11\x00", b"\x1a\xff\xff\xff\xff\x0fab"])
def test_bytes_that_end_too_early(data: bytes) -> None:
    with pytest.raises(Malformed, match="truncated"):
        read(data)


@pytest.mark.parametrize("data", [b"\x00\x01", b"\x0b", b"\x0f\x00", b"\x08" + b"\xff" * 10 + b"\x01"])
def test_bytes_that_are_no_protobuf(data: bytes) -> None:
    with pytest.raises(Malformed, match="not protobuf"):
        read(data)


def test_fields_are_bounded() -> None:
    with pytest.raises(Malformed, match="too many"):
        list(fields(memoryview(b"\x08\x01" * 11), Budget(10)))


def test_a_repeated_field_is_given_as_often_as_it_stands() -> None:
    message = Message(memoryview(b"\x1a\x01a\x1a\x01b\x08\x01\x08\x02"), Budget())
    assert message.texts(3) == ["a", "b"]
    assert message.numbers(1) == [1, 2]
    assert 3 in message
    assert 4 not in message


def test_a_text_that_is_not_utf8() -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        Message(memoryview(b"\x1a\x01\xff"), Budget()).texts(3)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert all(number > 0 for number, _ in read(data))
