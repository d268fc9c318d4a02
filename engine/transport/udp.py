"""Datagrams to one receiver and from whoever may send, without ever waiting."""

import errno
import socket
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from engine.contracts import MAX_DATAGRAM
from engine.schema.errors import TransportError
from engine.transport import link
from engine.transport.access import admit, is_loopback, resolve, unbindable

Bytes = bytes | bytearray | memoryview


class Counters(NamedTuple):
    """What became of the datagrams since the start.

    Attributes:
        sent: datagrams handed to the kernel.
        skipped: calls of `send` that sent nothing because the link was down or earlier datagrams still waited, or
            after `close`.
        errors: datagrams that were not sent, by the system's name for the reason: `ENETUNREACH`, `EAGAIN` (the
            socket's buffer is full), `EMSGSIZE` (over 1472 bytes; a defect of the output, refused here) and the like.
    """

    sent: int
    skipped: int
    errors: Mapping[str, int]


class UdpSender:
    """A non-blocking UDP socket towards one receiver.

    It is connected where the receiver is on this machine, which spares the kernel looking up the way each time. Towards
    others it is not: a connected one keeps the address that this machine had at first. A connected one also reports, on
    the next send, that the receiver is not there yet; that send is made again.

    A link that is down or slow must not lead to a burst when it comes back: the kernel would keep up to its buffer's
    worth of frames, and a frame that is not sent cannot arrive late. So nothing is sent while earlier bytes wait or the
    carrier is missing, and after such a gap one datagram goes ahead of all others: the receiver's hardware address is
    asked for anew then, and the kernel keeps for seconds whatever was sent before the answer came.

    Args:
        host: an address, or a name that is resolved here and never again. Where a name has both, IPv4 is taken: few
            receivers in the studio listen on IPv6.
        port: of the receiver.
        bind: the local address to send from; by default loopback towards loopback, and otherwise the kernel's choice.
        backlog: tells how many bytes wait for the link; by default what the system says.
        up: tells whether the link has a carrier; by default that of the interface which faces the receiver now.
            Towards this machine neither is asked unless it is given: what is sent is there when `send` returns.

    Raises:
        TransportError: the host does not resolve, the port is none, or the local address cannot be used.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        bind: str | None = None,
        backlog: Callable[[int], int] | None = None,
        up: Callable[[int], bool] | None = None,
    ) -> None:
        family, self._target = resolve(host, port)
        self._doubtful = False
        self._sent = 0
        self._skipped = 0
        self._errors: Counter[str] = Counter()
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # a subnet's broadcast address is a receiver
        local = bind if bind is not None else _loopback(str(self._target[0]))
        near = local is not None and is_loopback(local)
        self._backlog = backlog or (None if near else link.backlog)
        self._up = up or (None if near else link.carrier(link.departure(family, self._target)))
        try:
            if local is not None:
                self._socket.bind((local, 0))
        except OSError as error:
            self._socket.close()
            hint = f"the receiver is {self._target[0]}"
            raise TransportError(f"bind {local!r}", str(error), "an address of this machine", hint) from error
        self._handle = self._socket.fileno()
        self._emit = self._way(near=near)

    def _way(self, *, near: bool) -> Callable[[Bytes], int]:
        """What sends one datagram."""
        sendto, target = self._socket.sendto, self._target
        if near:
            with suppress(OSError):  # no way there yet: each send will find out anew, and count
                self._socket.connect(target)
                return self._socket.send
        return lambda datagram: sendto(datagram, target)

    def send(self, datagrams: Sequence[Bytes]) -> int:
        """Send one frame's datagrams; what cannot be sent is counted, never raised.

        Returns:
            How many were sent.
        """
        if not self._clear():
            self._skipped += 1
            self._doubtful = True
            return 0
        sent, emit = 0, self._emit
        for datagram in datagrams[:1] if self._doubtful else datagrams:
            if len(datagram) > MAX_DATAGRAM:
                self._errors["EMSGSIZE"] += 1
                continue
            try:
                emit(datagram)
            except OSError as error:
                sent += self._again(datagram, error)
            else:
                sent += 1
        self._sent += sent
        self._doubtful = not sent and len(datagrams) > 0
        return sent

    def _again(self, datagram: Bytes, error: OSError) -> bool:
        """Send once more what failed only because of an earlier datagram; whether that was it. Count what it was."""
        try:
            if not isinstance(error, ConnectionRefusedError):
                raise error
            self._emit(datagram)
        except OSError as again:
            self._errors[_name(again)] += 1
            return False
        return True

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        return Counters(self._sent, self._skipped, MappingProxyType(dict(self._errors)))

    def close(self) -> None:
        """Close the socket; harmless when it is closed."""
        self._handle = -1
        self._socket.close()

    def _clear(self) -> bool:
        """Whether what is sent now would leave at once, as far as the system tells."""
        handle, waits, up = self._handle, self._backlog, self._up
        return handle >= 0 and (waits is None or waits(handle) == 0) and (up is None or up(handle))


class Datagram(NamedTuple):
    """What came, and the host and port that it came from."""

    data: bytes
    source: tuple[str, int]


class Received(NamedTuple):
    """What became of the datagrams that came in since the start.

    Attributes:
        taken: datagrams from those who may send.
        foreign: datagrams from others; nobody has looked into them.
        errors: failures of the socket, answers that could not be sent among them, by the system's name for the reason:
            `ECONNRESET` (Windows tells a socket so that somebody it answered is gone) and the like.
    """

    taken: int
    foreign: int
    errors: Mapping[str, int]


class UdpReceiver:
    """A non-blocking UDP socket that hears only those who may send, and can answer them.

    One thread receives; any one may send.

    Args:
        host: the local address to listen at. Away from loopback it names one interface, never all of them.
        port: to listen at; 0 takes a free one.
        allow: addresses and networks (`10.0.0.7`, `192.168.1.0/24`) that may send. On loopback none means this machine.
        room: bytes that the system is asked to keep until they are received; 0: what it finds right.

    Raises:
        TransportError: the port is taken, the host is not this machine's or all of its interfaces, an entry of `allow`
            is no network, or nobody is allowed away from loopback.

    Attributes:
        host: the address that it listens at.
        port: that it listens at.
        behind: whether more may wait than the last call of `receive` looked at.
    """

    def __init__(self, host: str, port: int, *, allow: Sequence[str] = (), room: int = 0) -> None:
        family, address = resolve(host, port, lowest=0)
        place = f"{host}:{port}"
        self._admits = admit(place, str(address[0]), allow)
        self._buffer = memoryview(bytearray(2**16))  # no datagram is longer
        self._taken = 0
        self._foreign = 0
        self._errors: Counter[str] = Counter()
        self._unsent: Counter[str] = Counter()  # apart, as another thread may be the one that sends
        self.behind = False
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            if sys.platform == "win32":  # where two programs may otherwise share a port
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            if room:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            raise unbindable(place, error) from error
        self.host: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]

    def receive(self, datagrams: int, size: int) -> Sequence[Datagram]:
        """What has come in meanwhile; never waits, never raises.

        Args:
            datagrams: at most so many are looked at, those of strangers among them.
            size: bytes after which no further one is.
        """
        found: list[Datagram] = []
        self.behind = self._socket.fileno() >= 0
        for _ in range(datagrams if self.behind else 0):
            try:
                length, source = self._socket.recvfrom_into(self._buffer)
            except BlockingIOError:
                self.behind = False
                break
            except OSError as error:
                self._errors[_name(error)] += 1
                continue
            if not self._admits(source[0]):
                self._foreign += 1
                continue
            found.append(Datagram(bytes(self._buffer[:length]), source[:2]))
            size -= length
            if size <= 0:
                break
        self._taken += len(found)
        return found

    def send(self, datagram: bytes, host: str, port: int) -> bool:
        """Send from the port that is listened at; never waits, never raises.

        Args:
            datagram: what is sent; at most `MAX_DATAGRAM` bytes.
            host: an address; a name would have to be looked up.
            port: of the receiver.

        Returns:
            Whether the system took it; what it refuses is counted.
        """
        try:
            self._socket.sendto(datagram, (host, port))
        except (OSError, OverflowError) as error:  # OverflowError: no port
            self._unsent[_name(error)] += 1
            return False
        return True

    @property
    def handle(self) -> int:
        """What a thread can wait for; -1 when it is closed."""
        return self._socket.fileno()

    @property
    def lost(self) -> int:
        """Datagrams that came in since the start and found no room; 0 where the system does not tell."""
        return link.dropped(self._socket)

    @property
    def counters(self) -> Received:
        """A snapshot."""
        errors = Counter(self._errors)
        errors.update(dict(self._unsent))
        return Received(self._taken, self._foreign, MappingProxyType(dict(errors)))

    def close(self) -> None:
        """Close the socket; harmless when it is closed."""
        self._socket.close()


def _loopback(address: str) -> str | None:
    """The address to send from towards loopback, so that no other machine can reach the socket; None elsewhere."""
    return address if is_loopback(address) else None


def _name(error: OSError | OverflowError) -> str:
    """The system's name of an error."""
    return errno.errorcode.get(getattr(error, "errno", None) or 0, type(error).__name__)
