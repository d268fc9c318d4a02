"""What other threads want done: queues that are bounded, and emptied a little at a time."""

from collections import deque
from collections.abc import Callable

from engine.schema.errors import EngineError

Command = Callable[[], object]


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
