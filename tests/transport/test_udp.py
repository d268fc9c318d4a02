"""The sender, against a receiver on loopback and against a kernel that says no."""

import errno
import socket
import sys
from collections.abc import Iterator

import pytest

from engine.schema.errors import TransportError
from engine.transport.udp import Counters, Received, UdpReceiver, UdpSender


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """A UDP socket on loopback: what is sent to it has arrived when `sendto` returns."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5.0)
        yield bound


def refusing(number: int) -> UdpSender:
    """A sender whose every send fails."""
    sender = UdpSender("127.0.0.1", 9, backlog=lambda _: 0)
    sender.close()

    def refuse(_datagram: object) -> int:
        raise OSError(number, "refused")

    sender._emit, sender._handle = refuse, 3
    return sender


def test_datagrams_arrive_as_they_are(receiver: socket.socket) -> None:
    sender = UdpSender("127.0.0.1", receiver.getsockname()[1])
    assert sender.send([b"one", bytearray(b"two"), memoryview(b"three")]) == 3
    assert [receiver.recv(2000) for _ in range(3)] == [b"one", b"two", b"three"]
    assert sender.counters == Counters(3, 0, {})
    sender.close()


def test_towards_loopback_no_other_machine_can_reach_the_socket(receiver: socket.socket) -> None:
    sender = UdpSender("127.0.0.1", receiver.getsockname()[1])
    sender.send([b"x"])
    assert receiver.recvfrom(9)[1] == sender._socket.getsockname()
    assert sender._socket.getsockname()[0] == "127.0.0.1"
    sender.close()


def test_a_receiver_that_is_not_there_is_no_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    sender = UdpSender("127.0.0.1", port)
    assert [sender.send([b"x"]) for _ in range(3)] == [1, 1, 1]
    assert sender.counters.errors == {}
    sender.close()


def test_a_receiver_that_comes_and_goes_gets_every_datagram_that_it_is_there_for(receiver: socket.socket) -> None:
    """A refusal is told by the next send, which then is made again."""
    address = receiver.getsockname()
    sender = UdpSender(*address)
    receiver.close()
    sent = [sender.send([b"1", b"2"]) for _ in range(3)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(address)
        back.settimeout(5.0)
        sent += [sender.send([b"3", b"4"])]
        assert [back.recv(9), back.recv(9)] == [b"3", b"4"]
    assert sent == [2, 2, 2, 2]
    assert sender.counters == Counters(8, 0, {})
    sender.close()


@pytest.mark.parametrize(("bind", "connected"), [(None, True), ("0.0.0.0", False)])  # noqa: S104 - as a test
def test_only_on_this_machine_is_a_socket_connected(bind: str | None, connected: bool, receiver: socket.socket) -> None:  # noqa: FBT001
    sender = UdpSender(*receiver.getsockname(), bind=bind)
    try:
        sender._socket.getpeername()
        found = True
    except OSError:
        found = False
    assert found == connected
    assert sender.send([b"x"]) == 1
    sender.close()


def test_the_broadcast_address_of_a_subnet_may_be_the_receiver() -> None:
    sender = UdpSender("255.255.255.255", 9)
    assert sender._socket.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST)
    sender.send([b"x"])
    assert "EACCES" not in sender.counters.errors  # what the kernel says to a socket that did not ask for broadcast
    sender.close()


def test_ipv6_is_spoken() -> None:
    try:
        bound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        bound.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine: {error}")
    with bound:
        bound.settimeout(5.0)
        sender = UdpSender("::1", bound.getsockname()[1])
        assert sender.send([b"six"]) == 1
        assert bound.recv(9) == b"six"
        sender.close()


@pytest.mark.parametrize("name", ["ENETUNREACH", "ECONNREFUSED", "EAGAIN", "ENOBUFS", "EPERM"])
def test_what_the_kernel_refuses_is_counted_by_name(name: str) -> None:
    sender = refusing(getattr(errno, name))
    assert sender.send([b"a", b"b"]) == 0
    assert sender.counters == Counters(0, 0, {name: 2})


def test_a_datagram_over_1472_bytes_is_refused_and_counted(receiver: socket.socket) -> None:
    sender = UdpSender("127.0.0.1", receiver.getsockname()[1])
    assert sender.send([bytes(1473), bytes(1472)]) == 1
    assert len(receiver.recv(2000)) == 1472
    assert sender.counters == Counters(1, 0, {"EMSGSIZE": 1})
    sender.close()


def test_nothing_is_sent_while_earlier_bytes_wait(receiver: socket.socket) -> None:
    waiting = iter([0, 2304, 768, 0, 0])
    sender = UdpSender("127.0.0.1", receiver.getsockname()[1], backlog=lambda _: next(waiting))
    assert [sender.send([frame, frame]) for frame in (b"1", b"2", b"3", b"4", b"5")] == [2, 0, 0, 1, 2]
    assert [receiver.recv(9) for _ in range(5)] == [b"1", b"1", b"4", b"5", b"5"]
    assert sender.counters == Counters(5, 2, {})
    sender.close()


def test_nothing_is_sent_without_a_carrier_and_one_datagram_goes_ahead_afterwards(receiver: socket.socket) -> None:
    carrier = iter([True, False, False, True, True])
    sender = UdpSender("127.0.0.1", receiver.getsockname()[1], up=lambda _: next(carrier))
    assert [sender.send([frame] * 16) for frame in (b"1", b"2", b"3", b"4", b"5")] == [16, 0, 0, 1, 16]
    assert sender.counters == Counters(33, 2, {})
    sender.close()


def test_after_a_refusal_one_datagram_goes_ahead() -> None:
    sender = refusing(errno.ENETUNREACH)
    assert [sender.send([b"a", b"b"]), sender.send([b"a", b"b"])] == [0, 0]
    assert sender.counters.errors == {"ENETUNREACH": 3}
    sender.close()


def test_counters_are_a_snapshot() -> None:
    sender = refusing(errno.EPERM)
    before = sender.counters
    sender.send([b"x"])
    assert before.errors == {}
    with pytest.raises(TypeError):
        sender.counters.errors["EPERM"] = 0  # type: ignore[index]


def test_closing_twice_is_harmless_and_a_closed_sender_skips() -> None:
    sender = UdpSender("127.0.0.1", 9)
    sender.close()
    sender.close()
    assert sender.send([b"x"]) == 0
    assert sender.counters == Counters(0, 1, {})


@pytest.mark.parametrize("host", ["", "a" * 64 + ".test", "zero\0host"])
def test_a_host_that_cannot_be_one_is_refused(host: str) -> None:
    with pytest.raises(TransportError, match="a host that does not resolve; expected an address or a known name"):
        UdpSender(host, 9100)


def test_a_host_that_does_not_resolve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransportError, match=r"^nowhere\.test:9100: a host that does not resolve"):
        UdpSender("nowhere.test", 9100)


def test_ipv4_is_preferred_and_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def both(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        six = (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", port, 0, 0))
        return [six, (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    sender = UdpSender("studio", 9)
    sender.send([b"x"])
    sender.send([b"x"])
    assert asked == ["studio"]
    assert sender._target == ("127.0.0.1", 9)
    sender.close()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(TransportError, match=rf"port {port}; expected 1 to 65535"):
        UdpSender("127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_sent_from() -> None:
    with pytest.raises(TransportError, match=r"^bind '192\.0\.2\.1': .*; expected an address of this machine"):
        UdpSender("127.0.0.1", 9, bind="192.0.2.1")


@pytest.mark.parametrize(
    ("allow", "taken"), [(["10.0.0.7", "192.168.1.0/24"], 0), (["10.0.0.0/8", "127.0.0.1"], 1), ([], 1)]
)
def test_only_who_is_allowed_is_read(allow: list[str], taken: int) -> None:
    made = UdpReceiver("127.0.0.1", 0, allow=allow)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guest:
        guest.sendto(b"x", ("127.0.0.1", made.port))
        assert [datagram.data for datagram in made.receive(9, 99)] == [b"x"] * taken
    assert made.counters == Received(taken, 1 - taken, {})
    made.close()


def test_strangers_use_up_a_look_too() -> None:
    made = UdpReceiver("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        for _ in range(5):
            stranger.sendto(b"x", ("127.0.0.1", made.port))
    made.receive(3, 99)
    assert made.counters == Received(0, 3, {})
    made.close()


def test_a_receiver_answers_until_it_is_closed(receiver: socket.socket) -> None:
    made = UdpReceiver("127.0.0.1", 0)
    assert made.send(b"here", *receiver.getsockname())
    assert receiver.recvfrom(9) == (b"here", (made.host, made.port))
    made.close()
    assert not made.send(b"gone", *receiver.getsockname())
    assert made.counters.errors == {"EBADF": 1}


def test_a_receiver_tells_whether_more_may_wait() -> None:
    made = UdpReceiver("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(3):
            sender.sendto(b"x", ("127.0.0.1", made.port))
        found = [(len(made.receive(2, 2**16)), made.behind) for _ in range(3)]
    assert found == [(2, True), (1, False), (0, False)]
    made.close()
    made.receive(1, 1)
    assert (made.handle, made.behind) == (-1, False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what found no room")
def test_a_receiver_tells_what_found_no_room() -> None:
    made = UdpReceiver("127.0.0.1", 0, room=2048)  # the least that Linux gives
    assert made.lost == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(100):
            sender.sendto(bytes(64), ("127.0.0.1", made.port))
    taken = len(made.receive(200, 2**16))
    assert made.lost == 100 - taken > 0
    made.close()
    assert made.lost == 0
