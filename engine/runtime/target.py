"""Receivers of a show, and what goes to each of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.contracts import Output
from engine.outputs.native import Status
from engine.schema.frame import Frame

Datagrams = Sequence[bytes | bytearray | memoryview]


class Sent(Protocol):
    """What a sender has counted."""

    @property
    def sent(self) -> int:
        """Datagrams."""
        ...

    @property
    def skipped(self) -> int:
        """Sends that the link was not ready for."""
        ...

    @property
    def errors(self) -> Mapping[str, int]:
        """Refused datagrams by reason."""
        ...


class Sender(Protocol):
    """Where datagrams leave; never waits, never raises for what the network does."""

    @property
    def counters(self) -> Sent:
        """What became of the datagrams."""
        ...

    def send(self, datagrams: Datagrams) -> int:
        """Send and tell how many went out."""
        ...

    def close(self) -> None:
        """Close; harmless twice."""
        ...


class Report(Protocol):
    """How a protocol tells the state of the show."""

    def __call__(self, status: Status, /) -> Datagrams:
        """The datagrams; none where the protocol has no words for it."""
        ...


class Target:
    """One receiver of the show.

    Args:
        output: the protocol that it understands.
        report: how that protocol tells the state.
        sender: the way there.
    """

    def __init__(self, output: Output, report: Report, sender: Sender) -> None:
        self.output = output
        self.report = report
        self.sender = sender
        self._ready: Datagrams = ()

    def load(self, frame: Frame) -> None:
        """Encode a frame and hold it."""
        self._ready = self.output.datagrams(frame)

    def add(self, datagrams: Datagrams) -> None:
        """Hold something to go out behind the frame.

        It goes in the same send: a second one right after the frame would find the link still busy and be left out.
        """
        self._ready = [*self._ready, *datagrams]

    def fire(self) -> None:
        """Send what is held."""
        self.sender.send(self._ready)
