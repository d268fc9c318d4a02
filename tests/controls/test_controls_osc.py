"""The listener, against senders on loopback, strangers and a flood."""

import errno
import socket
from collections.abc import Iterator

import pytest

from engine.controls.osc import MAX_BYTES, MAX_DATAGRAMS, Counters, Listener, Message
from engine.schema.errors import TransportError
from engine.wire import osc


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener(port=0)
    yield made
    made.close()


@pytest.fixture
def sender(listener: Listener) -> Iterator[socket.socket]:
    """A socket towards the listener: what it sends has arrived when `send` returns."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(("127.0.0.1", listener.port))
        yield made


def test_what_was_said_comes_in_order_with_its_source(listener: Listener, sender: socket.socket) -> None:
    sender.send(osc.encode("/engine/ctl/speed", 1.5))
    sender.send(osc.bundle([osc.encode("/engine/reset"), osc.encode("/engine/cue/go", "two")]))
    source = sender.getsockname()
    assert listener.drain() == [
        Message("/engine/ctl/speed", (1.5,), source),
        Message("/engine/reset", (), source),
        Message("/engine/cue/go", ("two",), source),
    ]
    assert listener.drain() == []
    assert listener.counters == Counters(2, 0, 0, 0)


def test_what_is_no_osc_is_counted_and_hides_nothing(listener: Listener, sender: socket.socket) -> None:
    for datagram in (b"", b"GET / HTTP/1.1\r\n", osc.encode("/a", 1), b"#bundle\0"):
        sender.send(datagram)
    assert [message.address for message in listener.drain()] == ["/a"]
    assert listener.counters == Counters(1, 3, 0, 0)


def test_a_flood_is_read_in_portions(listener: Listener, sender: socket.socket) -> None:
    listener._receiver._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**18)  # the kernel's own holds 256
    for number in range(MAX_DATAGRAMS + 10):
        sender.send(osc.encode("/n", number))
    numbers = [[message.arguments[0] for message in listener.drain()] for _ in range(3)]
    assert numbers == [[*range(MAX_DATAGRAMS)], [*range(MAX_DATAGRAMS, MAX_DATAGRAMS + 10)], []]


def test_long_datagrams_are_read_in_portions(listener: Listener, sender: socket.socket) -> None:
    half = osc.encode("/half", "x" * (MAX_BYTES // 2))
    for _ in range(3):
        sender.send(half)
    assert [len(listener.drain()) for _ in range(3)] == [2, 1, 0]


def test_a_stranger_is_not_even_read() -> None:
    listener = Listener(port=0, allow=["10.0.0.7", "192.168.1.0/24"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(osc.encode("/a", 1), ("127.0.0.1", listener.port))
        stranger.sendto(b"garbage", ("127.0.0.1", listener.port))
        assert listener.drain() == []
    assert listener.counters == Counters(0, 0, 2, 0)
    listener.close()


def test_whoever_is_allowed_is_heard() -> None:
    listener = Listener(port=0, allow=["10.0.0.0/8", "127.0.0.1"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guest:
        guest.sendto(osc.encode("/a", 1), ("127.0.0.1", listener.port))
        assert [message.address for message in listener.drain()] == ["/a"]
    listener.close()


class Unwilling:
    """A socket that reports, as Windows does, that somebody is gone; then one that has nothing more."""

    def __init__(self, *errors: OSError) -> None:
        self.errors = list(errors)

    def fileno(self) -> int:
        return 3

    def recvfrom_into(self, _buffer: memoryview) -> tuple[int, tuple[str, int]]:
        raise self.errors.pop(0) if self.errors else BlockingIOError

    def close(self) -> None:
        pass


def test_what_the_system_complains_about_is_counted(listener: Listener) -> None:
    listener.close()
    listener._receiver._socket = Unwilling(*[ConnectionResetError(errno.ECONNRESET, "gone")] * 2)  # type: ignore[assignment]
    assert listener.drain() == []
    assert listener.counters == Counters(0, 0, 0, 2)
    assert listener._receiver.counters.errors == {"ECONNRESET": 2}


def test_a_system_that_only_complains_does_not_hold_the_frame(listener: Listener) -> None:
    listener.close()
    listener._receiver._socket = Unwilling(*[OSError(errno.ENOMEM, "no")] * 1000)  # type: ignore[assignment]
    assert listener.drain() == []
    assert listener.counters.errors == MAX_DATAGRAMS


def test_a_taken_port_is_told_with_a_way_out(listener: Listener) -> None:
    with pytest.raises(TransportError) as caught:
        Listener(port=listener.port)
    assert str(caught.value) == (
        f"127.0.0.1:{listener.port}: a port that another program listens to; expected a free one "
        "(is another engine running? end it, or choose another port)"
    )


@pytest.mark.parametrize(
    ("host", "allow", "reason"),
    [
        ("0.0.0.0", ["10.0.0.7"], "every interface; expected the address of one"),  # noqa: S104 - is refused
        ("192.0.2.1", [], "nobody who may send; expected some addresses or networks"),
        ("192.0.2.1", ["10.0.0.7"], "expected an address of this machine"),
        ("127.0.0.1", ["studio"], "'studio' does not appear to be an IPv4 or IPv6 network"),
    ],
)
def test_opening_to_a_network_is_deliberate(host: str, allow: list[str], reason: str) -> None:
    with pytest.raises(TransportError, match=reason):
        Listener(host, 0, allow=allow)


def test_closing_twice_is_harmless_and_a_closed_listener_hears_nothing(listener: Listener) -> None:
    listener.close()
    listener.close()
    assert listener.drain() == []
