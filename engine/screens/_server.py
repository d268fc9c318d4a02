"""The server of a stream: who comes in, what they ask for, and how long they may take."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from engine.schema.errors import EngineError
from engine.screens._http import LONGEST, METHODS, Request, head, parse
from engine.screens._newest import BOUNDARY, Newest
from engine.screens._page import POLICY
from engine.transport.access import Admits, is_loopback, is_near

MOST = 64
"""Connections at a time, so that a crowd from the network leaves this machine its own."""

OPENING = 5.0
"""Seconds in which a request has to be made."""

STALLED = 5.0
"""Seconds after which a client that reads nothing is dropped."""

ASLEEP = 2.0
"""Seconds after which it is looked whether a client is still there, when no pictures come."""

STREAM = f"multipart/x-mixed-replace;boundary={BOUNDARY}"


class Server:
    """Answers requests, in one thread; pictures come by `offer`.

    Args:
        page: what a browser is given.
        complain: takes one line for a person.
    """

    def __init__(self, page: bytes, complain: Callable[[str], object]) -> None:
        self._page, self._complain = page, complain
        self._tag = f'"{os.urandom(8).hex()}"'  # of this show, so that a page sees when it talks to another one
        self._newest: Newest | None = None
        self._number, self._changed = 0, asyncio.Event()
        self._inside = set[asyncio.Task[None]]()

    @property
    def inside(self) -> int:
        """Connections that are open."""
        return len(self._inside)

    def offer(self, newest: Newest) -> None:
        """Take a picture to send; the one before it must not be asked any more."""
        self._newest, self._number = newest, self._number + 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def meet(self, admits: Admits, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        task = asyncio.current_task()
        peer = writer.get_extra_info("peername")
        if task is None or not peer or len(self._inside) >= MOST or not admits(peer[0]):
            writer.transport.abort()
            return
        self._inside.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # it is gone, or too slow
        except asyncio.CancelledError:
            pass  # the show is over; asyncio before 3.12 complains of a connection that is cancelled
        except Exception as error:  # noqa: BLE001 (a defect costs this connection, not the show)
            text = str(error) if isinstance(error, EngineError) else repr(error)
            self._complain(f"a client of the pictures: {text}")
        finally:
            self._inside.discard(task)
            writer.transport.abort()

    async def close(self) -> None:
        """End all connections."""
        ending = [*self._inside]
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=OPENING)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=0)  # what waits here is old already
        status, request = HTTPStatus.OK, Request("GET", "", ())
        try:
            async with asyncio.timeout(OPENING):
                request = parse(await reader.readuntil(b"\r\n\r\n"))
        except ValueError:
            status = HTTPStatus.BAD_REQUEST
        except asyncio.LimitOverrunError:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if status == HTTPStatus.OK:
            status = _judge(request, writer.get_extra_info("sockname")[0])
        if status == HTTPStatus.OK and request.path == "/stream.mjpg":
            await self._stream(reader, writer, silent=request.method == "HEAD")
        else:
            await _finish(reader, writer, self._answer(status, request))

    def _answer(self, status: HTTPStatus, request: Request) -> bytes:
        """The answer to a request that is not for the stream."""
        kind, body, more = "text/plain", b"", dict[str, str]()
        if status == HTTPStatus.OK and request.path == "/":
            kind, body, more = (
                "text/html; charset=utf-8",
                self._page,
                {"Content_Security_Policy": POLICY, "ETag": self._tag},
            )
        elif status == HTTPStatus.OK and self._newest is None:
            status, more = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry_After": "1"}
        elif status == HTTPStatus.OK and self._newest is not None:
            png = request.path == "/frame.png"
            kind, body = ("image/png", self._newest.png) if png else ("image/jpeg", self._newest.jpeg)
        elif status == HTTPStatus.METHOD_NOT_ALLOWED:
            more = {"Allow": ", ".join(METHODS)}
        if status != HTTPStatus.OK:
            body = f"{status.value} {status.phrase}\n".encode()
        return head(status, kind, len(body), **more) + (b"" if request.method == "HEAD" else body)

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, silent: bool) -> None:
        """Send pictures until the client goes; those that come while it is slow are left out."""
        writer.write(head(HTTPStatus.OK, STREAM) + (b"" if silent else f"--{BOUNDARY}\r\n".encode()))
        seen = 0
        while not (silent or reader.at_eof() or writer.is_closing()):
            if self._newest is None or seen == self._number:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), ASLEEP)
                continue
            seen = self._number
            writer.write(self._newest.part)
            async with asyncio.timeout(STALLED):
                await writer.drain()
        if silent:
            await writer.drain()


def _judge(request: Request, local: str) -> HTTPStatus:
    """Whether a request that came in at the address `local` is answered."""
    if is_loopback(local) and not all(is_near(f"//{host}", local) for host in request.hosts):
        return HTTPStatus.FORBIDDEN
    if request.method not in METHODS:
        return HTTPStatus.METHOD_NOT_ALLOWED
    known = request.path in ("/", "/stream.mjpg", "/frame.png", "/frame.jpg")
    return HTTPStatus.OK if known else HTTPStatus.NOT_FOUND


async def _finish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
    """Send an answer and end; what else was sent is read, as closing would otherwise take the answer back (RST)."""
    async with asyncio.timeout(STALLED):
        writer.write(answer)
        await writer.drain()
        writer.write_eof()
        for _ in range(LONGEST // 1024):
            if not await reader.read(1024):
                return
