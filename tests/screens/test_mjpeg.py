"""A stream of pictures over HTTP, on loopback."""

import io
import re
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from engine.schema.errors import TransportError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen
from engine.screens import _server, mjpeg
from engine.screens._stream import Stream

SIZE = Size(height=12, width=20)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def stream(said: list[str]) -> Iterator[Stream]:
    made = mjpeg.create(Screen(kind="mjpeg"), SIZE, fps=30, name="a <show>", say=said.append)
    assert isinstance(made, Stream)
    with closing(made):
        yield made
    assert said == []


def show(stream: Stream, number: int, size: Size = SIZE) -> None:
    stream.show(Image(np.full((size.height, size.width), number % 256, np.uint8)), number, 40 * number)


def address(stream: Stream) -> tuple[str, int]:
    host, port = re.fullmatch(r"http://(.*):(\d+)/", stream.place).groups()  # type: ignore[union-attr]
    return host, int(port)


def ask(stream: Stream, path: str, **more: str) -> tuple[int, dict[str, str], bytes]:
    method = more.pop("method", "GET")
    request = urllib.request.Request(stream.place.rstrip("/") + path, method=method, headers=more)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def talk(stream: Stream, sent: bytes, source: str = "127.0.0.1") -> socket.socket:
    sock = socket.create_connection(address(stream), timeout=10, source_address=(source, 0))
    sock.sendall(sent)
    return sock


def all_of(sock: socket.socket) -> bytes:
    """What comes until the end; nothing where it is cut off."""
    heard = b""
    with sock:
        try:
            while part := sock.recv(65536):
                heard += part
        except ConnectionError:
            pass
    return heard


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it never came to be")


def parts(sock: socket.socket) -> Generator[tuple[int, float, bytes], None, None]:
    """Number, seconds and bytes of each picture of a stream."""
    with sock, sock.makefile("rb") as file:
        assert file.readline() == b"HTTP/1.1 200 OK\r\n"
        while file.readline() != b"\r\n":
            pass
        while file.readline() == b"--frame\r\n" and (first := file.readline()):
            lines = [first, *iter(file.readline, b"\r\n")]
            fields = dict(line.decode().strip().split(": ") for line in lines)
            assert fields["Content-Type"] == "image/jpeg"
            body = file.read(int(fields["Content-Length"]))
            yield int(fields["X-Sequence"]), float(fields["X-Timestamp"]), body
            assert file.readline() == b"\r\n"


STREAM = b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_the_page_shows_the_stream(stream: Stream) -> None:
    status, fields, body = ask(stream, "/")
    assert (status, fields["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>a &lt;show&gt;</title>" in body
    assert b'src="/stream.mjpg"' in body
    assert "default-src 'none'" in fields["Content-Security-Policy"]


def test_the_newest_picture_can_be_had(stream: Stream) -> None:
    assert ask(stream, "/frame.png")[0] == 503
    for number in (3, 200):
        show(stream, number)
        wait_for(lambda: stream.counters.shown > 0)
    wait_for(lambda: int(np.asarray(Pictures.open(io.BytesIO(ask(stream, "/frame.png")[2]))).min()) == 200)
    for kind in ("png", "jpg"):
        status, fields, body = ask(stream, f"/frame.{kind}?{time.time()}")
        picture = Pictures.open(io.BytesIO(body))
        assert (status, picture.size, fields["Content-Length"]) == (200, (20, 12), str(len(body)))
        assert fields["Content-Type"] == f"image/{'png' if kind == 'png' else 'jpeg'}"


def test_head_has_no_body_and_other_methods_and_paths_are_refused(stream: Stream) -> None:
    show(stream, 1)
    wait_for(lambda: ask(stream, "/frame.png")[0] == 200)
    for path in ("/", "/frame.png", "/frame.jpg", "/stream.mjpg"):
        status, _, body = ask(stream, path, method="HEAD")
        assert (status, body) == (200, b"")
    assert ask(stream, "/favicon.ico")[0] == 404
    status, fields, _ = ask(stream, "/", method="POST")
    assert (status, fields["Allow"]) == (405, "GET, HEAD")


def test_a_late_client_gets_the_current_picture_at_once_and_then_those_that_come(stream: Stream) -> None:
    show(stream, 7)
    wait_for(lambda: stream.counters.shown == 1)
    heard = parts(talk(stream, STREAM))
    number, seconds, body = next(heard)
    assert (number, seconds) == (7, 0.28)
    assert abs(int(np.asarray(Pictures.open(io.BytesIO(body))).mean()) - 7) <= 1
    for number in range(8, 20):
        show(stream, number)
        assert next(heard)[:2] == (number, 0.04 * number)
    heard.close()


def test_all_clients_share_one_compression(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    encode = stream._jpeg.encode

    def count(picture: Pictures.Image) -> bytes:
        calls.append(1)
        return encode(picture)

    monkeypatch.setattr(stream._jpeg, "encode", count)
    heard = [parts(talk(stream, STREAM)) for _ in range(5)]
    wait_for(lambda: stream.clients == 5)
    for number in range(4):
        show(stream, number)
        assert [next(each)[0] for each in heard] == [number] * 5
    assert len(calls) == 4
    for each in heard:
        each.close()


def test_one_who_does_not_read_is_dropped_and_nobody_else_waits(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "STALLED", 0.3)
    size, rng = Size(height=200, width=300), np.random.default_rng(1)
    noise = rng.integers(0, 256, (200, 300), dtype=np.uint8)
    made = mjpeg.create(Screen(kind="mjpeg"), size, fps=30, name="a", say=said.append)
    assert isinstance(made, Stream)
    with closing(made), socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(address(made))
        lazy.sendall(STREAM)
        heard = parts(talk(made, STREAM))
        wait_for(lambda: made.clients == 2)
        for number in range(300):
            made.show(Image(noise), number, 0)
            assert next(heard)[0] == number
            if made.clients == 1:
                break
        wait_for(lambda: made.clients == 1)
        heard.close()
    assert said == []


def test_pictures_that_come_faster_than_they_can_be_sent_are_left_out(stream: Stream) -> None:
    for number in range(500):
        show(stream, number)
    wait_for(lambda: sum(stream.counters) == 500)
    assert stream.counters.shown >= 1
    assert next(parts(talk(stream, STREAM)))[0] == 499


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts file descriptors in /proc")
def test_a_hundred_that_come_and_vanish_leave_nothing(stream: Stream) -> None:
    show(stream, 1)
    wait_for(lambda: ask(stream, "/frame.jpg")[0] == 200)
    wait_for(lambda: stream.clients == 0)
    before = descriptors()
    for number in range(100):
        sock = talk(stream, [STREAM, b"GET /frame.jpg HTTP/1.1\r\n\r\n", b"GET", b""][number % 4])
        if number % 3 == 0:
            sock.recv(10) if number % 4 < 2 else None
        if number % 2:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # gone without a goodbye
        sock.close()
        show(stream, number)
    wait_for(lambda: stream.clients == 0)
    wait_for(lambda: descriptors() <= before)
    assert ask(stream, "/frame.jpg")[0] == 200


def test_no_more_come_in_than_there_is_room_for(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server, "MOST", 3)
    monkeypatch.setattr(_server, "ASLEEP", 0.05)
    inside = [talk(stream, STREAM) for _ in range(3)]
    wait_for(lambda: stream.clients == 3)
    assert all_of(talk(stream, STREAM)) == b""
    inside.pop().close()
    wait_for(lambda: stream.clients == 2)
    show(stream, 1)
    assert next(parts(talk(stream, STREAM)))[0] == 1
    for sock in inside:
        sock.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\0\1\2\3\r\n\r\n", b"400"),
        (b"GET / HTTP/9\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nCookie: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"403"),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b"404"),
    ],
)
def test_a_bad_request_gets_a_short_answer(stream: Stream, sent: bytes, status: bytes) -> None:
    heard = all_of(talk(stream, sent))
    assert heard.startswith(b"HTTP/1.1 " + status)
    assert len(heard) < 300
    wait_for(lambda: stream.clients == 0)


def test_megabytes_of_headers_are_cut_off(stream: Stream) -> None:
    sock = talk(stream, b"GET / HTTP/1.1\r\n")
    line = b"X: " + b"a" * 1000 + b"\r\n"
    with sock, pytest.raises(ConnectionError):
        sock.sendall(line * 10_000)
    wait_for(lambda: stream.clients == 0)


def test_one_who_never_ends_his_request_is_dropped(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server, "OPENING", 0.2)
    slow = [talk(stream, b"GET / HT") for _ in range(5)]
    assert [all_of(sock) for sock in slow] == [b""] * 5


def test_strangers_are_not_answered(stream: Stream) -> None:
    assert all_of(talk(stream, STREAM, source="127.0.0.9")) == b""


def test_those_who_are_named_may_come_and_nobody_else(said: list[str]) -> None:
    screen = Screen(kind="mjpeg", host="127.0.0.2", options=mjpeg.Options(allow=("127.0.0.8/31",)))
    made = mjpeg.create(screen, SIZE, fps=30, name="a", say=said.append)
    assert isinstance(made, Stream)
    with closing(made):
        show(made, 1)
        assert next(parts(talk(made, STREAM, source="127.0.0.9")))[0] == 1
        for stranger in ("127.0.0.1", "127.0.0.10"):
            assert all_of(talk(made, STREAM, source=stranger)) == b""


def test_a_port_that_is_taken_is_one_line(stream: Stream, said: list[str]) -> None:
    taken = Screen(kind="mjpeg", port=address(stream)[1])
    with pytest.raises(TransportError, match="a port that another program listens to; expected a free one"):
        mjpeg.create(taken, SIZE, fps=30, name="a", say=said.append)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])  # noqa: S104
def test_a_network_takes_an_address_and_who_may_come(host: str, said: list[str]) -> None:
    with pytest.raises(TransportError, match=r"every interface|nobody who may send"):
        mjpeg.create(Screen(kind="mjpeg", host=host), SIZE, fps=30, name="a", say=said.append)


def test_closing_ends_everything_and_frees_the_port(said: list[str]) -> None:
    with ExitStack() as opened:
        made = mjpeg.create(Screen(kind="mjpeg"), SIZE, fps=30, name="a", say=said.append)
        assert isinstance(made, Stream)
        opened.callback(made.close)
        show(made, 1)
        heard = parts(talk(made, STREAM))
        assert next(heard)[0] == 1
        made.close()
        assert list(heard) == []
        show(made, 2)
        made.close()
        again = Screen(kind="mjpeg", port=address(made)[1])
        mjpeg.create(again, SIZE, fps=30, name="a", say=said.append).close()
    assert said == []


def test_what_goes_wrong_inside_costs_a_client_and_is_said_once(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mjpeg.create(Screen(kind="mjpeg"), SIZE, fps=30, name="a", say=said.append)
    assert isinstance(made, Stream)

    def fail(_: object) -> bytes:
        raise OverflowError("no")

    with closing(made):
        monkeypatch.setattr(made._jpeg, "encode", fail)
        show(made, 1)
        wait_for(lambda: made.counters.shown == 1)
        for _ in range(3):
            assert all_of(talk(made, b"GET /frame.jpg HTTP/1.1\r\n\r\n")) == b""
        assert ask(made, "/frame.png")[0] == 200
    assert said == ["a client of the pictures: OverflowError('no')"]


def test_the_script_of_the_page_is_all_its_own() -> None:
    page = Path(mjpeg.__file__).with_name("_page.py").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
