"""Who comes in over TCP: from where, how many, and from which pages of a browser."""

import asyncio
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Response

from engine.controls.query import Answer
from engine.transport.access import Admits

MOST = 32
"""Connections at a time at one address, so that a crowd from the network leaves this machine its own."""

UNREAD = 2**22
"""Bytes that wait for a reader at most, some times the largest tree; each ping is answered, whether or not he reads."""


class Door:
    """Who comes in at one address; whoever may not is gone before anything is answered.

    Args:
        admits: tells who may.

    Attributes:
        inside: who is there.
    """

    def __init__(self, admits: Admits) -> None:
        self._admits, self.inside = admits, set[Connection]()

    def opens(self, host: str) -> bool:
        """Whether one more may come in from there."""
        return len(self.inside) < MOST and self._admits(host)


class Connection(ServerConnection):
    """A connection that has come through a door."""

    def __init__(self, door: Door, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - as its parent says
        super().__init__(*args, **settings)
        self._door = door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Come in, or be gone."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        if peer and self._door.opens(peer[0]):
            self._door.inside.add(self)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hear; who goes on asking and takes no answer is gone."""
        super().data_received(data)
        if self.transport.get_write_buffer_size() > UNREAD:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Go."""
        self._door.inside.discard(self)
        super().connection_lost(exc)


def answered(answer: Answer, headers: dict[str, str], *, silent: bool) -> Response:
    """An answer as HTTP has it; `silent`: its head alone."""
    if answer.status != HTTPStatus.NO_CONTENT:
        headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **headers}
    return response(HTTPStatus(answer.status), b"" if silent else answer.body, headers)


def response(status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> Response:
    """An HTTP response after which the connection ends."""
    length = {} if status == HTTPStatus.NO_CONTENT else {"Content-Length": str(len(body))}
    return Response(status.value, status.phrase, Headers({"Connection": "close", **length, **(headers or {})}), body)
