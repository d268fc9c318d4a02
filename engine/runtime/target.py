"""Receivers of a show, and what goes to each of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.contracts import Datagrams, Output, Status
from engine.motion.one_euro import OneEuro
from engine.runtime.choice import Choice
from engine.schema.frame import Frame, Label

WAITING = 16
"""Labels that wait for the link, the last ones: a quarter of a minute of signing without a rest."""

TRIES = 3
"""Sends of which some datagrams left and some did not, after which labels are taken as told: after a gap the first send
lets one datagram go ahead, and a receiver that refuses one each time is not to be told for ever."""


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

    A frame that is left out is lost, as the next one is newer. A label happens once, so it waits for the next frame
    that leaves.

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
        self._labels: tuple[Label, ...] = ()
        self._carries, self._tries = False, 0

    def load(self, frame: Frame) -> None:
        """Encode a frame and hold it, where it is this receiver's turn."""
        chosen = self._choice.of(frame)
        if self._smooth is not None:
            self._smooth.watch(chosen)
        if chosen.labels:
            self._labels = (*self._labels, *chosen.labels)[-WAITING:]
        self._carries = bool(self._labels) and frame.sequence >= self._due
        if frame.sequence < self._due:
            self._ready = ()
            return
        if self._carries:
            chosen = chosen._replace(labels=self._labels)
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
            sent = self.sender.send(self._ready)
            if self._carries:
                self._told(sent)

    def part(self, status: Status) -> None:
        """Send the last word."""
        self._ready, self._carries = (), False
        self.report(status)
        self.fire()

    def close(self) -> None:
        """Close the way there; harmless twice."""
        self.sender.close()

    def _told(self, sent: int) -> None:
        """Forget the labels of the frame where they left; `sent` datagrams did."""
        self._tries += sent > 0
        if sent >= len(self._ready) or self._tries >= TRIES:
            self._labels, self._carries, self._tries = (), False, 0

    def _add(self, datagrams: Datagrams) -> None:
        """Hold something to go out behind the frame.

        It goes in the same send: a second one right after the frame would find the link still busy and be left out.
        """
        self._ready = [*self._ready, *datagrams]
