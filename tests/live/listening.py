"""Ports that are listened to while a show plays, and what came to them, read by python-osc."""

import selectors
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, Self

from outputs.reference import read

BUFFER = 2**23
"""Bytes that wait in the kernel for a busy machine to read them."""


class Heard(NamedTuple):
    """A message.

    Attributes:
        time: of its datagram's arrival, seconds of the system's clock.
        address: where it went.
        values: what it carried.
    """

    time: float
    address: str
    values: list[object]


class Ears:
    """Sockets that a thread reads until the block ends; nothing is looked into before that.

    Args:
        sockets: bound; closed with the block.
    """

    def __init__(self, sockets: Iterable[socket.socket]) -> None:
        self._opened, self._over = ExitStack(), threading.Event()
        self._selector = self._opened.enter_context(selectors.DefaultSelector())
        self._taken: dict[int, list[tuple[float, bytes]]] = {}
        for each in sockets:
            self._opened.enter_context(each)
            each.setblocking(False)
            self._selector.register(each, selectors.EVENT_READ)
            self._taken[each.getsockname()[1]] = []
        self._reader = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._reader.join()
        self._opened.close()

    def wait(self, port: int, seconds: float) -> None:
        """Return when something has come to a port."""
        end = time.monotonic() + seconds
        while not self._taken[port]:
            assert time.monotonic() < end, f"nothing came to port {port}"
            time.sleep(0.02)

    def messages(self, port: int) -> Iterator[Heard]:
        """What has come to a port so far, in order."""
        for time_, datagram in self._taken[port]:
            for message in read(datagram):
                yield Heard(time_, message.address, list(message.params))

    def _read(self) -> None:
        quiet = False
        while not (quiet and self._over.is_set()):
            ready = self._selector.select(0.1)
            quiet = not ready
            for key, _ in ready:
                _drain(key.fileobj, self._taken)


def bound(ports: int = 1) -> list[socket.socket]:
    """Sockets at so many ports that follow each other."""
    while True:
        with ExitStack() as opened:
            first = opened.enter_context(_socket(0))
            port = first.getsockname()[1]
            try:
                others = [opened.enter_context(_socket(port + index)) for index in range(1, ports)]
            except (OSError, OverflowError):  # one is taken, or beyond the last port
                continue
            opened.pop_all()
            return [first, *others]


def _socket(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    try:
        made.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        made.close()
        raise
    return made


def _drain(listener: object, taken: dict[int, list[tuple[float, bytes]]]) -> None:
    assert isinstance(listener, socket.socket)
    into = taken[listener.getsockname()[1]]
    while True:
        try:
            datagram = listener.recv(65536)
        except BlockingIOError:
            return
        into.append((time.monotonic(), datagram))
