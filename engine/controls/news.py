"""What the frame thread tells those who steer: values after clamping, answers, the state once a second."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from engine.contracts import Status
from engine.controls.letter import Source
from engine.wire.decode import Value

MOST = 8192
"""Pieces of news that wait, every address of a show once; whoever reads them looks fifty times a second."""


class News(NamedTuple):
    """A value that was set, or an answer.

    Attributes:
        address: of the value.
        arguments: what it is now.
        asker: who set it or asked; None: the show itself.
        private: whether it is for the asker alone.
        event: whether it is something that happened, such as a sign that was recognised: each is told, no later one
            takes its place, no broker keeps it, and who gets frames is told by these.
    """

    address: str
    arguments: tuple[Value, ...]
    asker: Source | None = None
    private: bool = False
    event: bool = False


class Outlet:
    """News from the frame thread to one other thread; neither ever waits.

    Attributes:
        dropped: news that were not told because too many waited.
    """

    def __init__(self) -> None:
        self._news: deque[News] = deque()
        self._status: deque[Status] = deque(maxlen=1)
        self.dropped = 0

    def post(self, news: News) -> None:
        """Tell something; in the frame thread."""
        if len(self._news) >= MOST:
            self.dropped += 1
        else:
            self._news.append(news)

    def report(self, status: Status) -> None:
        """Tell the state; in the frame thread. Only the last one counts."""
        self._status.append(status)

    def take(self) -> tuple[Sequence[News], Status | None]:
        """What was told since the last call, in order, and the state if there is a new one."""
        news = [self._news.popleft() for _ in range(len(self._news))]
        return news, self._status.pop() if self._status else None
