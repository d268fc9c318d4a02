"""Datagrams to one receiver, sent without ever waiting."""

import errno
import socket
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from types import MappingProxyType
from typing import NamedTuple

from engine.contracts import MAX_DATAGRAM
from engine.schema.errors import TransportError

if sys.platform == "linux":
    import fcntl
    import termios

    def backlog(handle: int) -> int:
        """Bytes that the kernel has taken from this socket and not yet given to the link."""
        waiting = bytearray(4)
        fcntl.ioctl(handle, termios.TIOCOUTQ, waiting)
        return int.from_bytes(waiting, sys.byteorder)

else:

    def backlog(handle: int) -> int:  # noqa: ARG001 - one signature on every system
        """Always 0: only Linux tells how much of a socket's data waits for the link."""
        return 0


Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
"""What `socket.getaddrinfo` calls an address: IPv4, IPv6, and raw bytes where Python was built without IPv6."""


class Counters(NamedTuple):
    """What became of the datagrams since the start.

    Attributes:
        sent: datagrams handed to the kernel.
        skipped: calls of `send` that sent nothing because earlier datagrams still waited, or after `close`.
        errors: datagrams that were not sent, by the system's name for the reason: `ENETUNREACH`, `EAGAIN` (the
            socket's buffer is full), `EMSGSIZE` (over 1472 bytes; a defect of the output, refused here) and the like.
    """

    sent: int
    skipped: int
    errors: Mapping[str, int]


class UdpSender:
    """An unconnected, non-blocking UDP socket towards one receiver.

    Unconnected, because a connected one reports a receiver that is not there yet as an error on the next send.

    Args:
        host: an address, or a name that is resolved here and never again. Where a name has both, IPv4 is taken: few
            receivers in the studio listen on IPv6.
        port: of the receiver.
        bind: the local address to send from; by default loopback towards loopback, and otherwise the kernel's choice.
        backlog: tells how many bytes wait for the link.

    Raises:
        TransportError: the host does not resolve, the port is none, or the local address cannot be used.
    """

    def __init__(
        self, host: str, port: int, *, bind: str | None = None, backlog: Callable[[int], int] = backlog
    ) -> None:
        family, self._target = _resolve(host, port)
        self._backlog = backlog
        self._sent = 0
        self._skipped = 0
        self._errors: Counter[str] = Counter()
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        local = bind if bind is not None else _loopback(str(self._target[0]))
        try:
            if local is not None:
                self._socket.bind((local, 0))
        except OSError as error:
            self._socket.close()
            hint = f"the receiver is {self._target[0]}"
            raise TransportError(f"bind {local!r}", str(error), "an address of this machine", hint) from error

    def send(self, datagrams: Sequence[bytes | bytearray | memoryview]) -> int:
        """Send one frame's datagrams; what cannot be sent is counted, never raised.

        Returns:
            How many were sent.
        """
        # While bytes wait, the link is down or slow: the kernel would keep up to its buffer's worth of frames and
        # deliver them as one burst when the link comes back. A frame that is not sent cannot arrive late.
        if self._socket.fileno() < 0 or self._backlog(self._socket.fileno()) > 0:
            self._skipped += 1
            return 0
        before = self._sent
        for datagram in datagrams:
            self._send(datagram)
        return self._sent - before

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        return Counters(self._sent, self._skipped, MappingProxyType(dict(self._errors)))

    def close(self) -> None:
        """Close the socket; harmless when it is closed."""
        self._socket.close()

    def _send(self, datagram: bytes | bytearray | memoryview) -> None:
        if len(datagram) > MAX_DATAGRAM:
            self._errors["EMSGSIZE"] += 1
            return
        try:
            self._socket.sendto(datagram, self._target)
        except OSError as error:
            self._errors[_name(error)] += 1
        else:
            self._sent += 1


def _resolve(host: str, port: int) -> tuple[int, Address]:
    """Address family and address of a receiver.

    Raises:
        TransportError: it has none.
    """
    place = f"{host}:{port}"
    if not 0 < port < 2**16:
        raise TransportError(place, f"port {port}", "1 to 65535")
    try:
        found = socket.getaddrinfo(host or "?", port, type=socket.SOCK_DGRAM)
    except (OSError, ValueError) as error:  # ValueError: a name that DNS cannot carry
        raise TransportError(place, "a host that does not resolve", "an address or a known name") from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _loopback(address: str) -> str | None:
    """The address to send from towards loopback, so that no other machine can reach the socket; None elsewhere."""
    return address if ip_address(address.partition("%")[0]).is_loopback else None


def _name(error: OSError) -> str:
    """The system's name of an error."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
