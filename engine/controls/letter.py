"""What is asked of a show, whichever way it came: messages as OSC has them, and who sent them."""

from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple

from engine.wire.decode import Message

MOST = 256
"""Letters that wait in an inbox, and that are taken out of it in one look."""


class Source(NamedTuple):
    """Who asks.

    Attributes:
        kind: the way it came.
        host: the sender's address, where there is one.
        port: the sender's, to which an answer goes.
        trusted: whether it may ask for more than performance values: it is on this machine, or has logged in.
    """

    kind: Literal["osc", "oscquery", "mqtt", "midi", "sign"]
    host: str = ""
    port: int = 0
    trusted: bool = False


class Letter(NamedTuple):
    """What one datagram or the like says: all of it is done, in one frame, or none of it.

    Attributes:
        messages: in order; an address may be a pattern.
        source: who asks.
    """

    messages: tuple[Message, ...]
    source: Source


class Inbox:
    """Letters from other threads of this program to the frame thread; neither side ever waits.

    Attributes:
        refused: letters that were not taken because too many waited.
    """

    def __init__(self) -> None:
        self._waiting: deque[Letter] = deque()
        self.refused = 0

    def put(self, message: Message, source: Source) -> bool:
        """Ask for one thing; False where too much waits already."""
        return self.deliver(Letter((message,), source))

    def deliver(self, letter: Letter) -> bool:
        """Ask for several things at once; False where too much waits already."""
        if len(self._waiting) >= MOST:
            self.refused += 1
            return False
        self._waiting.append(letter)
        return True

    def drain(self) -> Sequence[Letter]:
        """What was asked since the last call, in order."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
