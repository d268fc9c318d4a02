"""The listener, against senders on loopback, strangers and a flood."""

import errno
import select
import socket
from collections.abc import Iterator

import pytest

from engine.controls.letter import Letter, Source
from engine.controls.osc import MAX_BYTES, MAX_DATAGRAMS, Counters, Listener
from engine.schema.errors import TransportError
from engine.transport.udp import Datagram, Received
from engine.wire import osc
from engine.wire.decode import Message


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


class Facing:
    """A receiver at an address that this machine need not have: what comes from where, and what is sent to whom."""

    def __init__(self, host: str, *datagrams: Datagram) -> None:
        self.host, self.port = host, 9101
        self.waiting, self.sent = list(datagrams), list[tuple[bytes, str, int]]()
        self.closed = False

    @property
    def counters(self) -> Received:
        return Received(0, 0, {})

    def receive(self, datagrams: int, _size: int) -> list[Datagram]:
        taken, self.waiting = self.waiting[:datagrams], self.waiting[datagrams:]
        return taken

    def send(self, datagram: bytes, host: str, port: int) -> bool:
        self.sent.append((datagram, host, port))
        return True

    def close(self) -> None:
        self.closed = True


def facing(*receivers: Facing) -> Listener:
    made = Listener(port=0)
    made.close()
    made._receivers = [*receivers]  # type: ignore[list-item]
    return made


def test_a_datagram_is_a_letter_with_its_source(listener: Listener, sender: socket.socket) -> None:
    sender.send(osc.encode("/engine/ctl/speed", 1.5))
    sender.send(osc.bundle([osc.encode("/engine/reset"), osc.encode("/engine/cue/go", "two")]))
    source = Source("osc", "127.0.0.1", sender.getsockname()[1], trusted=True)
    assert listener.drain() == [
        Letter((Message("/engine/ctl/speed", (1.5,)),), source),
        Letter((Message("/engine/reset", ()), Message("/engine/cue/go", ("two",))), source),
    ]
    assert listener.drain() == []
    assert listener.counters == Counters(2, 0, 0, 0)


def test_what_is_no_osc_is_counted_and_hides_nothing(listener: Listener, sender: socket.socket) -> None:
    for datagram in (b"", b"GET / HTTP/1.1\r\n", osc.encode("/a", 1), b"#bundle\0"):
        sender.send(datagram)
    assert addresses(listener) == ["/a"]
    assert listener.counters == Counters(1, 3, 0, 0)


def test_a_flood_is_read_in_portions(listener: Listener, sender: socket.socket) -> None:
    listener._receivers[0]._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**18)  # the kernel's own holds 256
    for number in range(MAX_DATAGRAMS + 10):
        sender.send(osc.encode("/n", number))
    numbers = [[letter.messages[0].arguments[0] for letter in listener.drain()] for _ in range(3)]
    assert numbers == [[*range(MAX_DATAGRAMS)], [*range(MAX_DATAGRAMS, MAX_DATAGRAMS + 10)], []]


def test_long_datagrams_are_read_in_portions(listener: Listener, sender: socket.socket) -> None:
    half = osc.encode("/half", "x" * (MAX_BYTES // 2))
    for _ in range(3):
        sender.send(half)
    assert [len(listener.drain()) for _ in range(3)] == [2, 1, 0]


def test_trusted_is_who_comes_by_loopback_from_this_machine() -> None:
    hello = osc.encode("/hello")
    near = Facing("127.0.0.1", Datagram(hello, ("127.0.0.1", 5)), Datagram(hello, ("192.0.2.7", 6)))
    far = Facing("192.0.2.1", Datagram(hello, ("192.0.2.7", 7)), Datagram(hello, ("127.0.0.1", 8)))
    trusted = {letter.source.port: letter.source.trusted for letter in facing(near, far).drain()}
    assert trusted == {5: True, 6: False, 7: False, 8: False}


def test_a_flood_at_one_socket_leaves_the_other_its_share() -> None:
    flood = [Datagram(osc.encode("/flood"), ("192.0.2.7", 7))] * 1000
    near = Facing("127.0.0.1", Datagram(osc.encode("/stop"), ("127.0.0.1", 5)))
    for order in ((Facing("192.0.2.1", *flood), near), (near, Facing("192.0.2.1", *flood))):
        near.waiting = [Datagram(osc.encode("/stop"), ("127.0.0.1", 5))]
        heard = addresses(facing(*order))
        assert "/stop" in heard
        assert len(heard) <= MAX_DATAGRAMS


def test_an_answer_leaves_through_the_socket_that_faces_the_host() -> None:
    near, far = Facing("127.0.0.1"), Facing("192.0.2.1")
    listener = facing(near, far)
    assert [listener.send(b"a", "127.0.0.1", 5), listener.send(b"b", "192.0.2.7", 6)] == [True, True]
    assert (near.sent, far.sent) == ([(b"a", "127.0.0.1", 5)], [(b"b", "192.0.2.7", 6)])


def test_an_answer_comes_from_the_port_that_hears(listener: Listener, sender: socket.socket) -> None:
    sender.settimeout(5)
    assert listener.send(b"pong", *sender.getsockname())
    assert sender.recv(9) == b"pong"  # the socket is connected: from elsewhere nothing would come
    assert listener.counters == Counters(0, 0, 0, 0)


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_an_answer_that_cannot_be_sent_is_counted(listener: Listener, port: int) -> None:
    assert not listener.send(b"x", "127.0.0.1", port)
    assert listener.counters.errors == 1


def test_answers_to_somebody_who_is_gone_disturb_nothing(listener: Listener, sender: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        address = gone.getsockname()
    for _ in range(3):
        listener.send(b"anybody?", *address)
        sender.send(osc.encode("/a"))
        assert addresses(listener) == ["/a"]


def test_it_says_where_it_listens(listener: Listener) -> None:
    assert listener.addresses == [("127.0.0.1", listener.port)]
    assert listener.sockets == [f"udp 127.0.0.1:{listener.port}"]
    assert facing(Facing("::1")).sockets == ["udp [::1]:9101"]


def test_another_loopback_address_takes_the_place_of_the_usual_one() -> None:
    made = Listener("127.0.0.2", 0)
    assert made.addresses == [("127.0.0.2", made.port)]
    made.close()


def test_where_the_second_socket_cannot_be_the_first_is_given_back() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TransportError):
        Listener("192.0.2.1", port)
    Listener(port=port).close()


def addresses(listener: Listener) -> list[str]:
    return [message.address for letter in listener.drain() for message in letter.messages]


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
    listener._receivers[0]._socket = Unwilling(*[ConnectionResetError(errno.ECONNRESET, "gone")] * 2)  # type: ignore[assignment]
    assert listener.drain() == []
    assert listener.counters == Counters(0, 0, 0, 2)
    assert listener._receivers[0].counters.errors == {"ECONNRESET": 2}


def test_a_system_that_only_complains_does_not_hold_the_frame(listener: Listener) -> None:
    listener.close()
    listener._receivers[0]._socket = Unwilling(*[OSError(errno.ENOMEM, "no")] * 1000)  # type: ignore[assignment]
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
        ("192.0.2.1", ["studio"], "'studio' does not appear to be an IPv4 or IPv6 network"),
    ],
)
def test_opening_to_a_network_is_deliberate(host: str, allow: list[str], reason: str) -> None:
    with pytest.raises(TransportError, match=reason):
        Listener(host, 0, allow=allow)


def test_closing_twice_is_harmless_and_a_closed_listener_hears_nothing(listener: Listener) -> None:
    listener.close()
    listener.close()
    assert listener.drain() == []


def test_a_thread_can_wait_for_all_sockets_and_learns_whether_more_waits(
    listener: Listener, sender: socket.socket
) -> None:
    assert len(listener.handles) == len(listener.addresses)
    datagram = osc.encode("/a", "x" * 1000)
    for _ in range(MAX_BYTES // 1000 + 2):
        sender.send(datagram)
    assert select.select(listener.handles, (), (), 5.0)[0] == listener.handles
    found = [(len(listener.drain()), listener.behind) for _ in range(2)]
    assert found == [(17, True), (1, False)]
    assert listener.lost == 0
    listener.close()
    assert listener.handles == []
