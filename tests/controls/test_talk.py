"""What goes out over a WebSocket whose reader is slow."""

import asyncio
from typing import Any, cast

from engine.controls.letter import Source
from engine.controls.talk import Talk


class Slow:
    """A connection that takes a message only when it is let."""

    remote_address = ("127.0.0.1", 5000)

    def __init__(self) -> None:
        self.taken: list[bytes | str] = []
        self.gate = asyncio.Semaphore(0)

    async def send(self, message: bytes | str) -> None:
        await self.gate.acquire()
        self.taken.append(message)


def test_a_slow_reader_gets_the_newest_of_each_and_nothing_piles_up() -> None:
    async def scene() -> None:
        connection = Slow()
        talk = Talk(cast("Any", connection))
        assert talk.source == Source("oscquery", "127.0.0.1", 5000, trusted=True)
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
