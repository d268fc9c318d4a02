"""One WebSocket of OSCQuery: who it is, what it listens to, and what waits to go out."""

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from engine.controls.letter import Source
from engine.transport.access import is_loopback


class Talk:
    """What goes out over one WebSocket: for each address the newest alone, so that a slow reader gets no old values.

    Attributes:
        source: who it is; a page of a browser is nobody to trust, wherever it was loaded from.
        paths: addresses that it listens to.
    """

    def __init__(self, connection: ServerConnection) -> None:
        host, port = connection.remote_address[:2]
        page = connection.request is None or "Origin" in connection.request.headers
        self.source = Source("oscquery", host, port, trusted=is_loopback(host) and not page)
        self.paths: set[str] = set()
        self._connection = connection
        self._waiting: dict[str, bytes | str] = {}
        self._filled = asyncio.Event()

    def put(self, key: str, message: bytes | str) -> None:
        """Have a message go out; it takes the place of an older one with this key."""
        self._waiting.pop(key, None)
        self._waiting[key] = message
        self._filled.set()

    async def speak(self) -> None:
        """Send what waits, until the connection closes."""
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._waiting:
                    await self._connection.send(self._waiting.pop(next(iter(self._waiting))))
        except ConnectionClosed:
            return
