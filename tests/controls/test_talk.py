"""What goes out over a WebSocket whose reader is slow."""

import asyncio
from typing import Any, cast

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from engine.controls.letter import Source
from engine.controls.talk import Talk


class Slow:
    """A connection that takes a message only when it is let."""

    def __init__(self, host: str = "127.0.0.1", origin: str | None = None) -> None:
        self.remote_address = (host, 5000)
        self.request = Request("/", Headers() if origin is None else Headers(Origin=origin))
        self.taken: list[bytes | str] = []
        self.gate = asyncio.Semaphore(0)

    async def send(self, message: bytes | str) -> None:
        await self.gate.acquire()
        self.taken.append(message)


@pytest.mark.parametrize(
    ("host", "origin", "trusted"),
    [
        ("127.0.0.1", None, True),
        ("127.0.0.1", "http://localhost:3000", False),
        ("127.0.0.1", "", False),
        ("192.0.2.7", None, False),
    ],
)
def test_programs_of_this_machine_are_trusted_and_pages_are_not(host: str, origin: str | None, trusted: bool) -> None:  # noqa: FBT001
    assert Talk(cast("Any", Slow(host, origin))).source == Source("oscquery", host, 5000, trusted=trusted)


def test_a_slow_reader_gets_the_newest_of_each_and_nothing_piles_up() -> None:
    async def scene() -> None:
        connection = Slow()
        talk = Talk(cast("Any", connection))
        speaking = asyncio.create_task(talk.speak())
        for number in range(1000):
            talk.put("/a", b"a%d" % number)
            talk.put("/b", b"b%d" % number)
            await asyncio.sleep(0)
            assert len(talk._waiting) <= 2
        for _ in range(3):
            connection.gate.release()
            await asyncio.sleep(0.0)
        for _ in range(5):
            await asyncio.sleep(0)
        assert connection.taken == [b"a0", b"a999", b"b999"]
        speaking.cancel()

    asyncio.run(scene())
