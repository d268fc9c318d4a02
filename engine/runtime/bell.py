"""How one thread wakes another one that waits for sockets."""

import socket
from contextlib import suppress


class Bell:
    """Any thread rings, one waits; rung twice is rung once.

    Attributes:
        handle: what is waited for beside sockets.
    """

    def __init__(self) -> None:
        self._waits, self._rings = socket.socketpair()  # a pipe cannot be waited for beside sockets on Windows
        for each in (self._waits, self._rings):
            each.setblocking(False)
        self._rung = False

    @property
    def handle(self) -> int:
        """What is waited for beside sockets; -1 when it is closed."""
        return self._waits.fileno()

    def ring(self) -> None:
        """Wake whoever waits; never waits, never raises."""
        if not self._rung:
            self._rung = True
            with suppress(OSError):  # closed
                self._rings.send(b"\0")

    def answer(self) -> None:
        """Take the ring that was heard; before looking what there is, so that a later one is heard again."""
        with suppress(OSError):  # closed
            self._waits.recv(64)
        self._rung = False

    def close(self) -> None:
        """Close; harmless twice."""
        self._waits.close()
        self._rings.close()
