"""Controls over OSC: whatever senders have said since the last look, and the way back to them."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.controls.letter import MOST, Letter, Source
from engine.schema.errors import TransportError, WireError
from engine.schema.show import CONTROL_PORT
from engine.transport.access import LOOPBACK, is_loopback, places
from engine.transport.udp import Datagram, UdpReceiver
from engine.wire.decode import decode

MAX_DATAGRAMS = MOST
"""In one look; what is beyond waits in the kernel, or is dropped there."""

MAX_BYTES = 2**14
"""In one look, to within a datagram of each socket: the densest garbage of this size takes about 4 ms to read."""


class Counters(NamedTuple):
    """What became of the datagrams that came in since the start.

    Attributes:
        read: datagrams whose messages were handed on.
        bad: datagrams that are no OSC, or too much of it.
        foreign: datagrams from hosts that may not send.
        errors: failures of the sockets, answers that could not be sent among them.
    """

    read: int
    bad: int
    foreign: int
    errors: int


class Listener:
    """Hears OSC on one UDP port of this machine's loopback, and of one more address where a show names one.

    One thread drains; any one may send.

    Args:
        host: the address to listen at beside loopback; one of loopback takes its place.
        port: to listen at; 0 takes a free one.
        allow: addresses and networks that may send to `host`; away from loopback somebody must be named. They are held
            against a datagram before anybody looks into it.
        room: bytes that the system is asked to keep for each socket until they are drained; 0: what it finds right.

    Attributes:
        port: that it listens at.

    Raises:
        TransportError: the port is taken, or one of these makes no sense.
    """

    def __init__(
        self, host: str = LOOPBACK, port: int = CONTROL_PORT, *, allow: Sequence[str] = (), room: int = 0
    ) -> None:
        first, *others = places(host, allow)
        self._receivers = [UdpReceiver(first.host, port, allow=first.allow, room=room)]
        self.port = self._receivers[0].port
        try:
            self._receivers += [UdpReceiver(each.host, self.port, allow=each.allow, room=room) for each in others]
        except TransportError:
            self.close()
            raise
        self._bad = 0

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Host and port of each socket."""
        return [(receiver.host, receiver.port) for receiver in self._receivers]

    @property
    def sockets(self) -> Sequence[str]:
        """What it listens at, for people."""
        return [f"udp {f'[{host}]' if ':' in host else host}:{port}" for host, port in self.addresses]

    @property
    def handles(self) -> Sequence[int]:
        """What a thread can wait for: one of each socket that is open."""
        return [receiver.handle for receiver in self._receivers if receiver.handle >= 0]

    @property
    def behind(self) -> bool:
        """Whether more may wait than the last look took."""
        return any(receiver.behind for receiver in self._receivers)

    @property
    def lost(self) -> int:
        """Datagrams that found no room since the start; 0 where the system does not tell."""
        return sum(receiver.lost for receiver in self._receivers)

    def drain(self) -> Sequence[Letter]:
        """What was said since the last call, in order; never waits, never raises, and looks at a bounded amount.

        Each socket has its share of the look, so that a flood at one leaves the other its voice.
        """
        share, letters = len(self._receivers), list[Letter]()
        for receiver in self._receivers:
            here = is_loopback(receiver.host)
            for datagram in receiver.receive(MAX_DATAGRAMS // share, MAX_BYTES // share):
                try:
                    letters.append(_letter(datagram, here=here))
                except WireError:
                    self._bad += 1
        return letters

    def send(self, datagram: bytes, host: str, port: int) -> bool:
        """Send through the socket that faces a host; never waits, never raises. `UdpReceiver.send` says more."""
        near = is_loopback(host)
        facing = (each for each in self._receivers if is_loopback(each.host) is near)
        return next(facing, self._receivers[0]).send(datagram, host, port)

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        counted = [receiver.counters for receiver in self._receivers]
        taken, foreign = sum(each.taken for each in counted), sum(each.foreign for each in counted)
        return Counters(taken - self._bad, self._bad, foreign, sum(sum(each.errors.values()) for each in counted))

    def close(self) -> None:
        """Close the sockets; closing twice is harmless."""
        for receiver in self._receivers:
            receiver.close()


def _letter(datagram: Datagram, *, here: bool) -> Letter:
    """What a datagram says; `here`: it came by loopback.

    Raises:
        WireError: it is no OSC.
    """
    host, port = datagram.source
    return Letter(tuple(decode(datagram.data)), Source("osc", host, port, here and is_loopback(host)))
