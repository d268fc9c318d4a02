"""The little of HTTP/1.1 (RFC 9112) that a stream of pictures takes: one request, one answer, then the end."""

import re
from http import HTTPStatus
from typing import NamedTuple

LONGEST = 8192
"""Bytes of a request; a browser's with all its headers has about 1000."""

METHODS = ("GET", "HEAD")

_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")


class Request(NamedTuple):
    """What is asked for.

    Attributes:
        method: as it was sent.
        path: without what comes after a question mark.
        hosts: what the server is called, as the headers have it.
    """

    method: str
    path: str
    hosts: tuple[str, ...]


def parse(head: bytes) -> Request:
    """Read a request, up to and with its empty line.

    Raises:
        ValueError: it is none.
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    line, fields = _LINE.fullmatch(first), [_FIELD.fullmatch(each) for each in lines]
    if line is None or not all(fields):
        raise ValueError("no request of HTTP/1.1")
    method, target = (part.decode("ascii") for part in line.groups())
    named = [found.groups() for found in fields if found]
    hosts = tuple(value.decode("latin-1").strip() for name, value in named if name.lower() == b"host")
    return Request(method, target.partition("?")[0], hosts)


def head(status: HTTPStatus, kind: str, length: int | None = None, **more: str) -> bytes:
    """Status and headers of an answer after which the connection ends.

    Args:
        status: of it.
        kind: of what follows.
        length: of that; None where nobody knows.
        more: other headers, with _ for -.
    """
    fields = {
        "Content-Type": kind,
        **({} if length is None else {"Content-Length": str(length)}),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
