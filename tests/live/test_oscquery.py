"""OSCQuery over real sockets: a plain HTTP client, a WebSocket client, a zeroconf browser."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from zeroconf import ServiceBrowser, Zeroconf

from engine.contracts import Status
from engine.controls import oscquery
from engine.controls.announce import SERVICE, Announcement
from engine.controls.desk import Client, Desk, Mirror
from engine.controls.door import MOST, Connection
from engine.controls.letter import Inbox, Letter, Source
from engine.controls.news import News, Outlet
from engine.controls.oscquery import OPENING, OscQuery
from engine.controls.query import Namespace
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.wire import osc
from engine.wire.decode import Message, decode

pytestmark = pytest.mark.live

TEMPERATURE = "/e/ctl/temperature"

LABEL = "/e/sign/label"
TELLS = {"sign/label": ("sf", "the last sign")}

UPGRADE = (
    b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Serving(NamedTuple):
    outlet: Outlet
    inbox: Inbox
    port: int
    said: list[str]
    query: OscQuery

    def get(self, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        found = response.status, dict(response.getheaders()), response.read()
        connection.close()
        return found

    def talk(self, **settings: Any) -> ClientConnection:
        made: ClientConnection = connect(f"ws://127.0.0.1:{self.port}/", open_timeout=5, **settings)
        return made


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def until(truth: Callable[[], Any], seconds: float = 5) -> Any:
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


@contextmanager
def at_desk(mirror: Mirror, *clients: Client) -> Iterator[tuple[Outlet, list[str]]]:
    outlet, said = Outlet(), list[str]()
    desk = Desk(outlet, clients, mirror=mirror, say=said.append)
    desk.start()
    try:
        yield outlet, said
    finally:
        began = time.monotonic()
        desk.close()
        assert time.monotonic() - began < 1
        assert not desk._thread.is_alive()


@contextmanager
def serving(port: int = 0, allow: tuple[str, ...] = ()) -> Iterator[Serving]:
    mirror, inbox = Mirror("/e", {TEMPERATURE: (0.5,), "/e/ctl/performers": (2,)}), Inbox()
    space = Namespace(Tree("/e", expanded(PARAMETERS), cues=("one",), tells=TELLS), mirror, "/e")
    query = OscQuery(space, inbox, root="/e", name="show", port=port or free_port(), control=9101, allow=allow)
    with at_desk(mirror, query) as (outlet, said):
        until(lambda: query.addresses or said)
        yield Serving(outlet, inbox, query._port, said, query)


@pytest.fixture
def served() -> Iterator[Serving]:
    with serving() as made:
        yield made
        assert made.said == []


def heard(connection: ClientConnection) -> Message:
    (message,) = decode(connection.recv(5, decode=False))
    return message


def command(name: str, path: str) -> str:
    return json.dumps({"COMMAND": name, "DATA": path})


def test_a_plain_client_reads_the_tree(served: Serving) -> None:
    status, headers, body = served.get("/")
    assert (status, headers["Content-Type"], int(headers["Content-Length"])) == (200, "application/json", len(body))
    assert json.loads(body)["CONTENTS"]["e"]["CONTENTS"]["ctl"]["CONTENTS"]["temperature"]["VALUE"] == [0.5]
    assert json.loads(served.get(f"{TEMPERATURE}?RANGE")[2]) == {"RANGE": [{"MIN": 0.0, "MAX": 2.0}]}
    info = json.loads(served.get("/?HOST_INFO")[2])
    assert (info["OSC_PORT"], info["WS_PORT"], info["WS_IP"]) == (9101, served.port, "127.0.0.1")


@pytest.mark.parametrize(
    ("target", "method", "status"),
    [
        ("/e/ctl?VALUE", "GET", 204),
        ("/e?COLOUR", "GET", 400),
        ("/nowhere", "GET", 404),
        ("/", "POST", 405),
        ("/", "OPTIONS", 405),
        (TEMPERATURE, "HEAD", 200),
    ],
)
def test_errors_are_the_proposals(served: Serving, target: str, method: str, status: int) -> None:
    found, headers, body = served.get(target, method)
    assert (found, body) == (status, b"")
    assert "Access-Control-Allow-Origin" not in headers
    assert served.get("/")[0] == 200


@pytest.mark.parametrize(
    "garbage",
    [b"\r\n\r\n", b"\0" * 10, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 9000)],
)
def test_garbage_is_survived(served: Serving, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as raw:
        raw.sendall(garbage)
        raw.settimeout(2 * OPENING)  # a line that never ends is waited for until then
        assert b"200" not in raw.recv(100)
    assert served.get("/")[0] == 200


def test_values_go_both_ways(served: Serving) -> None:
    with served.talk() as talk:
        talk.send(command("LISTEN", TEMPERATURE))
        assert heard(talk) == (TEMPERATURE, (0.5,))
        served.outlet.post(News(TEMPERATURE, (0.75,)))
        assert heard(talk) == (TEMPERATURE, (0.75,))
        talk.send(osc.bundle([osc.encode(TEMPERATURE, 1.0), osc.encode("/e/panic")]))
        source = Source("oscquery", "127.0.0.1", talk.local_address[1], trusted=True)
        letter = Letter((Message(TEMPERATURE, (1.0,)), Message("/e/panic", ())), source)
        assert until(served.inbox.drain) == [letter]
        served.outlet.post(News("/e/ctl/sigma", (0.25,), source))  # not listened to, but asked for
        served.outlet.post(News("/e/pong", (1, 2), source, private=True))
        assert [heard(talk), heard(talk)] == [("/e/ctl/sigma", (0.25,)), ("/e/pong", (1, 2))]
        assert json.loads(served.get(f"{TEMPERATURE}?VALUE")[2]) == {"VALUE": [0.75]}


def test_each_thing_that_happens_is_told_however_fast_they_follow_each_other(served: Serving) -> None:
    signs = [("think", 0.5), ("all", 0.75), ("think", 0.5)]
    with served.talk() as talk:
        talk.send(command("LISTEN", LABEL))
        until(lambda: next(iter(served.query._talks)).paths == {LABEL})
        for sign in signs:
            served.outlet.post(News(LABEL, sign, event=True))
        assert [heard(talk) for _ in signs] == [(LABEL, sign) for sign in signs]
        assert json.loads(served.get(f"{LABEL}?VALUE")[2]) == {"VALUE": ["think", 0.5]}
        talk.send(command("LISTEN", LABEL))
        assert heard(talk) == (LABEL, ("think", 0.5))


def test_nothing_is_told_that_was_not_listened_to(served: Serving) -> None:
    with served.talk() as talk:
        talk.send(command("LISTEN", TEMPERATURE))
        heard(talk)
        talk.send(command("IGNORE", TEMPERATURE))
        talk.send(command("LISTEN", "/e/state/cue"))
        until(lambda: next(iter(served.query._talks)).paths == {"/e/state/cue"})
        served.outlet.post(News(TEMPERATURE, (0.75,)))
        served.outlet.report(Status(30.0, 0, 0, 0.1, "dance", "playing", 0, "one"))
        assert heard(talk) == ("/e/state/cue", ("one",))


def test_it_is_told_who_comes_and_who_goes(served: Serving) -> None:
    with served.talk() as talk:
        until(lambda: served.query._talks)
        served.outlet.post(News("/e/ctl/performers", (3,)))
        assert json.loads(talk.recv(5)) == {"COMMAND": "PATH_ADDED", "DATA": "/e/p3"}
        served.outlet.post(News("/e/ctl/performers", (1,)))
        assert [json.loads(talk.recv(5)) for _ in range(2)] == [
            {"COMMAND": "PATH_REMOVED", "DATA": "/e/p2"},
            {"COMMAND": "PATH_REMOVED", "DATA": "/e/p3"},
        ]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{}",
        "[" * 50_000,
        '{"COMMAND": "LISTEN", "DATA": "/", "MORE": ' + "[" * 50_000,
        command("LISTEN", "/nowhere"),
        command("DANCE", TEMPERATURE),
        b"",
        b"garbage",
        b"/a\0\0,f",
    ],
)
def test_what_makes_no_sense_is_counted_and_the_talk_goes_on(served: Serving, message: str | bytes) -> None:
    with served.talk() as talk:
        talk.send(message)
        talk.send(command("LISTEN", TEMPERATURE))
        assert heard(talk) == (TEMPERATURE, (0.5,))
    assert served.query.bad == 1
    assert served.inbox.drain() == []


def test_a_message_that_is_too_long_ends_only_this_talk(served: Serving) -> None:
    with served.talk() as other, served.talk() as talk:
        talk.send(bytes(2**16 + 1))
        with pytest.raises(ConnectionClosed):
            talk.recv(5)
        other.send(command("LISTEN", TEMPERATURE))
        assert heard(other) == (TEMPERATURE, (0.5,))


def test_a_strangers_page_may_not_steer(served: Serving) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        served.talk(origin="http://evil.example")
    with served.talk(origin="http://localhost:3000"):
        pass
    assert "Access-Control-Allow-Origin" not in served.get("/", Origin="http://evil.example")[1]
    near = "http://127.0.0.1:8000"
    assert served.get("/", Origin=near)[1]["Access-Control-Allow-Origin"] == near


@pytest.mark.parametrize("name", ["evil.example", "evil.example:9102", "stage.local", "127.0.0.1.evil.example"])
def test_a_name_that_was_made_to_lead_here_is_told_nothing(served: Serving, name: str) -> None:
    for target in ("/", "/?HOST_INFO"):
        assert served.get(target, Host=name)[::2] == (403, b"")
    with pytest.raises(InvalidStatus, match="403"):
        served.talk(additional_headers={"Host": name})
    assert served.get("/", Host=f"localhost:{served.port}")[0] == 200


def test_a_near_page_may_steer_but_is_not_trusted(served: Serving) -> None:
    with served.talk(origin="http://localhost:3000") as talk:
        talk.send(osc.encode("/e/stop"))
        (letter,) = until(served.inbox.drain)
        assert not letter.source.trusted


def test_who_reads_slowly_gets_all(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Connection.connection_made

    def narrow(connection: Connection, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", narrow)
    served.outlet.post(News("/e/ctl/performers", (64,)))
    until(lambda: served.get("/e/p64")[0] == 200)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1)
        slow.settimeout(5)
        head, body = b"".join(iter(lambda: slow.recv(65536), b"")).split(b"\r\n\r\n", 1)
    assert len(body) == int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]) > 100_000
    json.loads(body)


def test_who_asks_on_and_on_and_reads_nothing_is_gone(served: Serving) -> None:
    ping = bytes([0x89, 0x80 | 125, 0, 0, 0, 0]) + bytes(125)
    with socket.create_connection(("127.0.0.1", served.port), 5) as deaf:
        deaf.sendall(UPGRADE)
        until(lambda: served.query._talks)
        with pytest.raises(ConnectionError):
            deaf.sendall(ping * 320_000)
    until(lambda: not served.query.inside)


def test_a_defect_is_one_line_and_no_traceback(
    served: Serving, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(oscquery, "decode", lambda _: 1 / 0)
    with served.talk() as talk:
        talk.send(b"x")
        with pytest.raises(ConnectionClosed):
            talk.recv(5)
    assert [*served.said] == ["oscquery: ZeroDivisionError('division by zero')"]
    served.said.clear()
    assert capfd.readouterr().err == ""


def test_who_is_allowed_holds_on_loopback_too() -> None:
    with serving(allow=("127.0.0.7",)) as served:
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            served.get("/")
        with socket.create_connection(("127.0.0.1", served.port), 5, ("127.0.0.7", 0)) as allowed:
            allowed.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in allowed.recv(100)


def test_a_stranger_gets_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oscquery, "admit", lambda *_: lambda _host: False)
    with serving() as served:
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            served.get("/")
        with pytest.raises((ConnectionError, ConnectionClosed, InvalidMessage)):
            served.talk()


def test_so_many_connections_and_no_more(served: Serving) -> None:
    crowd = [socket.create_connection(("127.0.0.1", served.port), 5) for _ in range(MOST)]
    until(lambda: len(served.query.inside) == MOST)
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        served.get("/")
    crowd.pop().close()
    until(lambda: len(served.query.inside) < MOST)
    assert served.get("/")[0] == 200
    for each in crowd:
        each.close()


def test_a_flood_waits_where_it_comes_from_and_nothing_is_lost(served: Serving) -> None:
    taken: list[Letter] = []

    def taken_up() -> bool:
        taken.extend(served.inbox.drain())
        return len(taken) == 1000

    with served.talk() as talk:
        flood = threading.Thread(target=_count, args=(talk, 1000))
        flood.start()
        until(taken_up)
        flood.join()
    assert [letter.messages[0].arguments[0] for letter in taken] == [*range(1000)]


def _count(talk: ClientConnection, end: int) -> None:
    for number in range(end):
        talk.send(osc.encode("/n", number))


def test_a_taken_port_costs_one_line_and_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with serving(taken.getsockname()[1]) as served:
            (line,) = served.said
            assert line.startswith(f"tcp 127.0.0.1:{served.port}: a port that another program listens to; expected")
            taken.close()
            until(lambda: served.query.addresses)
            assert served.get("/")[0] == 200


def test_those_who_say_nothing_do_not_hold_the_end() -> None:
    with serving() as served:
        silent = socket.create_connection(("127.0.0.1", served.port), 5)
        deaf = socket.create_connection(("127.0.0.1", served.port), 5)
        deaf.sendall(UPGRADE)
        until(lambda: served.query._talks and len(served.query.inside) == 2)
    silent.close()
    deaf.close()


def test_the_network_is_told() -> None:
    found, left = threading.Event(), threading.Event()

    class Ears:
        def add_service(self, zeroconf: Zeroconf, kind: str, name: str) -> None:
            info = zeroconf.get_service_info(kind, name)
            if name == f"show.{SERVICE}" and info and info.parsed_addresses() == ["127.0.0.1"] and info.port == 9102:
                found.set()

        def update_service(self, *_: object) -> None:
            pass

        def remove_service(self, *_: object) -> None:
            left.set()

    browsing = Zeroconf(interfaces=["127.0.0.1"])
    ServiceBrowser(browsing, SERVICE, listener=Ears())  # type: ignore[arg-type]
    with at_desk(Mirror("/e", {}), Announcement(name="show", listen="127.0.0.1", port=9102)) as (_, said):
        assert found.wait(10), said
    assert left.wait(5)
    browsing.close()
    assert said == []
