"""What other threads want done: queues that are bounded, and emptied a little at a time."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from engine.schema.errors import EngineError

Command = Callable[[], object]

T = TypeVar("T")


class Commands:
    """Calls that wait for the one thread that may do them.

    Any thread adds, one thread runs; neither ever waits. A call that raises a `ValueError` or an `EngineError` asked
    for what cannot be, such as to steer a performer who has left: it is counted, and the show goes on.

    Args:
        most: calls that wait at a time; what is beyond is refused.

    Attributes:
        refused: calls that were not taken, or that asked for what cannot be.
    """

    def __init__(self, most: int) -> None:
        self._waiting: deque[Command] = deque()
        self._most = most
        self.refused = 0

    def add(self, command: Command) -> bool:
        """Let a call wait for its turn; False where too many do."""
        if len(self._waiting) >= self._most:
            self.refused += 1
            return False
        self._waiting.append(command)
        return True

    def run(self, most: int) -> None:
        """Do so many of the calls that wait, oldest first."""
        for _ in range(min(most, len(self._waiting))):
            try:
                self._waiting.popleft()()
            except (ValueError, EngineError):
                self.refused += 1


class Latest(Generic[T]):
    """An errand for the last thing that was asked for; what still waits then is passed over.

    One thread asks, another one does the errands. Each tells the other before it looks, so that nothing is lost.

    Args:
        do: does it; an errand.
        errands: done in a thread that may take its time.
    """

    def __init__(self, do: Callable[[T], object], errands: Commands) -> None:
        self._do, self._errands = do, errands
        self._asked: deque[T] = deque(maxlen=1)
        self._waits = False

    def ask(self, wish: T) -> bool:
        """Have this done; False where too many errands wait."""
        self._asked.append(wish)
        if self._waits:
            return True
        self._waits = True
        if self._errands.add(self._serve):
            return True
        self._waits = False
        self._asked.clear()
        return False

    def _serve(self) -> None:
        self._waits = False
        try:
            wish = self._asked.pop()
        except IndexError:  # an earlier errand has done it already
            return
        self._do(wish)
