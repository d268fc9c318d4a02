"""Controls over OSC: whatever senders have said since the last look, as messages."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.schema.errors import WireError
from engine.transport.udp import UdpReceiver
from engine.wire.decode import Value, decode

PORT = 9101

MAX_DATAGRAMS = 256
"""In one look; what is beyond waits in the kernel, or is dropped there."""

MAX_BYTES = 2**15
"""In one look, to within a datagram: the densest garbage of this size takes about 7 ms to read."""


class Message(NamedTuple):
    """A message and who sent it.

    Attributes:
        address: where it goes; may be a pattern.
        arguments: as `engine.wire.decode.Message` describes them.
        source: host and port.
    """

    address: str
    arguments: tuple[Value, ...]
    source: tuple[str, int]


class Counters(NamedTuple):
    """What became of the datagrams that came in since the start.

    Attributes:
        read: datagrams whose messages were handed on.
        bad: datagrams that are no OSC, or too much of it.
        foreign: datagrams from hosts that may not send.
        errors: failures of the socket.
    """

    read: int
    bad: int
    foreign: int
    errors: int


class Listener:
    """Hears OSC on one UDP port; by default from this machine only.

    Args:
        host: the local address to listen at. Away from loopback it names one interface, and `allow` is asked for.
        port: to listen at; 0 takes a free one.
        allow: addresses and networks that may send; held against a datagram before anybody looks into it.

    Attributes:
        port: that it listens at.

    Raises:
        TransportError: the port is taken, or one of these makes no sense.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = PORT, *, allow: Sequence[str] = ()) -> None:
        self._receiver = UdpReceiver(host, port, allow=allow)
        self._bad = 0
        self.port = self._receiver.port

    def drain(self) -> Sequence[Message]:
        """What was said since the last call, in order; never waits, never raises, and looks at a bounded amount."""
        messages: list[Message] = []
        for datagram in self._receiver.receive(MAX_DATAGRAMS, MAX_BYTES):
            try:
                found = decode(datagram.data)
            except WireError:
                self._bad += 1
            else:
                messages += [Message(*message, datagram.source) for message in found]
        return messages

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        taken, foreign, errors = self._receiver.counters
        return Counters(taken - self._bad, self._bad, foreign, sum(errors.values()))

    def close(self) -> None:
        """Close the socket; closing twice is harmless."""
        self._receiver.close()
