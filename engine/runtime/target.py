"""Receivers of a show, and what goes to each of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.contracts import Datagrams, Output, Status
from engine.motion.one_euro import OneEuro
from engine.runtime.choice import Choice
from engine.schema.frame import Frame


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


class Target:
    """One receiver of the show.

    Args:
        output: the protocol that it understands.
        sender: the way there.
        performers: numbers of the performers that it gets; none: all of them.
        every: it gets the frames whose number this divides, and after a gap the first that there is; news all the same.
        smooth: filters what it gets, made for its own rate; None: no filter.
    """

    def __init__(
        self,
        output: Output,
        sender: Sender,
        *,
        performers: Sequence[int] = (),
        every: int = 1,
        smooth: OneEuro | None = None,
    ) -> None:
        self.sender = sender
        self._output, self._every, self._smooth = output, every, smooth
        self._choice = Choice(performers)
        self._due = 0
        self._ready: Datagrams = ()

    def load(self, frame: Frame) -> None:
        """Encode a frame and hold it, where it is this receiver's turn."""
        chosen = self._choice.of(frame)
        if self._smooth is not None:
            self._smooth.watch(chosen)
        if frame.sequence < self._due:
            self._ready = ()
            return
        self._due = frame.sequence - frame.sequence % self._every + self._every
        self._ready = self._output.datagrams(chosen if self._smooth is None else self._smooth.smooth(chosen))

    def announce(self, performers: Sequence[int]) -> None:
        """Hold what a receiver needs to know about these performers, as far as they are its own."""
        self._add(self._output.announce(tuple(filter(self._choice.has, performers))))

    def report(self, status: Status) -> None:
        """Hold the state."""
        self._add(self._output.report(status))

    def fire(self) -> None:
        """Send what is held; nothing is sent where nothing is held."""
        if self._ready:
            self.sender.send(self._ready)

    def part(self, status: Status) -> None:
        """Send the last word."""
        self._ready = ()
        self.report(status)
        self.fire()

    def close(self) -> None:
        """Close the way there; harmless twice."""
        self.sender.close()

    def _add(self, datagrams: Datagrams) -> None:
        """Hold something to go out behind the frame.

        It goes in the same send: a second one right after the frame would find the link still busy and be left out.
        """
        self._ready = [*self._ready, *datagrams]
