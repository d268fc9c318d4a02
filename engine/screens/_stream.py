"""The thread of a stream over HTTP: its sockets, its loop, its mailbox."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial

from engine.imagery import Shown
from engine.images.jpeg import Jpeg
from engine.images.look import Look
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen
from engine.screens._http import LONGEST
from engine.screens._mailbox import Mailbox, Picture
from engine.screens._newest import Newest
from engine.screens._server import Server
from engine.transport.access import Admits, admit, places, resolve, unbindable

UNREAD = 2**17
"""Bytes that the system keeps for a client that is slow; more would be seconds of old pictures."""

WAITING = 64
"""Connections that wait to be accepted."""

PATIENCE = 1.0
"""Seconds that closing takes at most."""

COMPLAINTS = 8
"""Lines about defects that are told at most; none of them twice."""


class Stream:
    """A screen that browsers look at.

    Args:
        screen: as it is written; port 0 takes a free one.
        size: of the pictures.
        look: what is made of them.
        page: what a browser is given.
        allow: addresses and networks that may come in away from loopback.
        say: takes one line for a person.

    Raises:
        TransportError: the port is taken, or the address cannot be listened at.
    """

    def __init__(
        self,
        screen: Screen,
        size: Size,
        *,
        look: Look,
        page: bytes,
        allow: Sequence[str],
        say: Callable[[str], object],
    ) -> None:
        self._look, self._say, self._complaints = look, say, set[str]()
        self._mailbox, self._rung = Mailbox(size), False
        self._server, self._over = Server(page, self._complain), asyncio.Event()
        with ExitStack() as opened:
            self._sockets = _listen(screen, allow, opened)
            self._jpeg = opened.enter_context(closing(Jpeg()))
            self._addresses = tuple(_url(sock) for sock, _ in self._sockets)
            self._rehearse(size)
            self._opened = opened.pop_all()
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._work, name=f"screen {screen}", daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        """Where the pictures can be seen; for a person to read."""
        return " and ".join(self._addresses)

    @property
    def addresses(self) -> Sequence[str]:
        """URL of each page."""
        return self._addresses

    @property
    def clients(self) -> int:
        """Connections that are open."""
        return self._server.inside

    @property
    def counters(self) -> Shown:
        """What became of the pictures so far; one that nobody asked for counts as shown."""
        return Shown(self._mailbox.taken, self._mailbox.left_out)

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Leave a copy for the thread."""
        self._mailbox.put(image.pixels, sequence, milliseconds)
        if not self._rung:
            self._rung = True
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._turn)

    def close(self) -> None:
        """End all connections and stop listening; harmless twice."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def _rehearse(self, size: Size) -> None:
        """Make a picture that nobody sees, as Pillow loads its formats with the first one."""
        newest = self._made(Picture(size))
        newest.part, newest.png  # noqa: B018 (each is made when it is asked for)

    def _turn(self) -> None:
        """Offer the newest picture."""
        self._rung = False
        picture = self._mailbox.take()
        if picture is not None:
            self._server.offer(self._made(picture))

    def _made(self, picture: Picture) -> Newest:
        return Newest(picture.pixels, picture.sequence, picture.milliseconds, look=self._look, compressor=self._jpeg)

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner, self._opened:
            runner.run(self._serve())

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self._complain(str(context["message"])))
        servers = [
            await asyncio.start_server(partial(self._server.meet, admits), sock=sock, limit=LONGEST, backlog=WAITING)
            for sock, admits in self._sockets
        ]
        await self._over.wait()
        for server in servers:
            server.close()
        await self._server.close()

    def _complain(self, line: str) -> None:
        if line not in self._complaints and len(self._complaints) < COMPLAINTS:
            self._complaints.add(line)
            self._say(line)


def _listen(screen: Screen, allow: Sequence[str], opened: ExitStack) -> list[tuple[socket.socket, Admits]]:
    """Sockets that listen, each with who may come in; `opened` closes them."""
    found: list[tuple[socket.socket, Admits]] = []
    port = screen.port
    for place in places(screen.host, allow):
        name = f"tcp {place.host}:{port}"
        family, address = resolve(place.host, port, lowest=0)
        admits = admit(name, str(address[0]), place.allow)
        sock = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
        try:
            if os.name != "nt":  # where it would let two programs listen at one port
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its own old connections may linger
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD)
            sock.bind(address)
            sock.listen(WAITING)
        except OSError as error:
            raise unbindable(name, error) from error
        port = sock.getsockname()[1]
        found.append((sock, admits))
    return found


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
