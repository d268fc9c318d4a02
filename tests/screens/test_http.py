"""The little of HTTP that a stream takes."""

from contextlib import suppress
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.screens._http import Request, head, parse


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", Request("GET", "/", ("a:1",))),
        (b"HEAD /frame.png?1234 HTTP/1.0\r\n\r\n", Request("HEAD", "/frame.png", ())),
        (b"GET /x HTTP/1.1\r\nhost:a\r\nAccept: */*\r\nHOST:  b \r\n\r\n", Request("GET", "/x", ("a", "b"))),
    ],
)
def test_a_request_is_read(sent: bytes, expected: Request) -> None:
    assert parse(sent) == expected


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1 \r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\n\r\n",
        b"GET /\x80 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    ],
)
def test_what_is_none_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match="no request"):
        parse(sent)


@given(st.binary(max_size=200))
def test_nothing_but_a_value_error_comes_of_anything(sent: bytes) -> None:
    with suppress(ValueError):
        parse(sent + b"\r\n\r\n")


def test_an_answer_has_a_line_and_fields() -> None:
    made = head(HTTPStatus.NOT_FOUND, "text/plain", 3, Retry_After="1").decode()
    assert made.startswith("HTTP/1.1 404 Not Found\r\n")
    assert made.endswith("\r\n\r\n")
    assert {"Content-Type: text/plain", "Content-Length: 3", "Retry-After: 1", "Connection: close"} <= {
        *made.split("\r\n")
    }
    assert "Content-Length" not in head(HTTPStatus.OK, "a/b").decode()
