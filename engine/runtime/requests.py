"""What the wire asks of a running show."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from engine.wire.decode import Value
from engine.wire.pattern import matches


class Message(Protocol):
    """A request as it came."""

    @property
    def address(self) -> str:
        """Where it goes; may be a pattern."""
        ...

    @property
    def arguments(self) -> Sequence[Value]:
        """What it carries."""
        ...


class Heard(Protocol):
    """What a listener has counted."""

    @property
    def bad(self) -> int:
        """Datagrams that could not be read."""
        ...


class Listener(Protocol):
    """Where requests come from; never waits, never raises for what the network does."""

    @property
    def counters(self) -> Heard:
        """What became of the datagrams."""
        ...

    def drain(self) -> Sequence[Message]:
        """What was said since the last call; a bounded amount."""
        ...


class Answered(NamedTuple):
    """What became of the requests since the start.

    Attributes:
        taken: that were understood.
        unknown: whose address nobody has.
        bad: whose arguments make no sense, and datagrams that could not be read.
    """

    taken: int = 0
    unknown: int = 0
    bad: int = 0


Action = Callable[[Sequence[Value]], None]
"""Does what is asked, in the frame thread.

Raises:
    ValueError: the arguments make no sense.
"""


class Requests:
    """Reads what a listener heard and has it done.

    Args:
        listener: hears.
        actions: what is done at each address.
    """

    def __init__(self, listener: Listener, actions: Mapping[str, Action]) -> None:
        self._listener, self._actions = listener, actions
        self._taken = self._unknown = self._bad = 0

    @property
    def counters(self) -> Answered:
        """What happened so far."""
        return Answered(self._taken, self._unknown, self._bad + self._listener.counters.bad)

    def serve(self) -> None:
        """Do what was asked since the last call."""
        for message in self._listener.drain():
            meant = [action for address, action in self._actions.items() if matches(message.address, address)]
            self._unknown += not meant
            for action in meant:
                try:
                    action(message.arguments)
                except ValueError:
                    self._bad += 1
                else:
                    self._taken += 1


def number(arguments: Sequence[Value], low: int, high: int) -> int:
    """The one number that a message carries, whole, brought into the range.

    Raises:
        ValueError: none, several, or no number.
    """
    if len(arguments) != 1 or isinstance(arguments[0], str | None) or not math.isfinite(arguments[0]):
        raise ValueError(f"{tuple(arguments)}; expected one number")
    return min(max(round(arguments[0]), low), high)
