"""The loop of a show: at each deadline send what is ready, then compute the next frame and hold it."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Protocol

from engine.act import Counters
from engine.runtime.clock import Clock
from engine.runtime.realtime import NONE
from engine.runtime.summary import Summary
from engine.runtime.tally import Tally
from engine.runtime.target import Target
from engine.runtime.ticker import SECOND, Ticker, wait
from engine.schema.controls import Controls
from engine.schema.frame import Frame

ANNOUNCE_NS = 2 * SECOND
"""Between two announcements: a receiver that comes late waits no longer for the joints' names."""

REPORT_NS = SECOND
"""Between two reports of the state."""

PARTING_NS = SECOND // 50
"""Between the last frame and the last word: a sender leaves out what comes while the link still holds a datagram."""


class Player(Protocol):
    """What a stage needs of an act."""

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        ...

    def tick(self, sequence: int, milliseconds: int, controls: Controls) -> Frame:
        """Compute the next frame."""
        ...


class Stage:
    """One act, its receivers and its time.

    The sequence numbers on the wire are those of the deadlines, so a skipped one leaves a gap. Nothing here grows with
    the length of the show.

    Args:
        act: computes the frames.
        targets: receive them.
        controls: of the performance.
        fps: frames per second on the wire.
        clock: the time.
        model: name of the model, for the state.
        provider: what the model runs on, for the summary.
        seconds: length of the show; None plays until it is ended.
        resources: what is closed with the stage: the senders, the model.
    """

    def __init__(
        self,
        act: Player,
        targets: Sequence[Target],
        controls: Controls,
        *,
        fps: float,
        clock: Clock,
        model: str = "",
        provider: str = "",
        seconds: float | None = None,
        resources: ExitStack,
    ) -> None:
        self._act, self._targets, self._controls, self._clock = act, tuple(targets), controls, clock
        self._resources = resources
        self._ticker = Ticker(fps)
        self._tally = Tally(fps, model, provider, NONE)
        self._end = None if seconds is None else self._ticker.frames(seconds)
        self._announcements = [0] * len(self._targets)
        self._report = REPORT_NS // 2
        self.sequence = 0

    def grant(self, rights: str) -> None:
        """Note for the summary what the frame thread was granted."""
        self._tally.rights = rights

    def prime(self) -> None:
        """Compute and hold the first frame, whatever it takes: the clock has not begun."""
        self._compute(0)

    def play(self, stop: threading.Event) -> None:
        """Run until the end, or until `stop` is set; `prime` comes first."""
        self._ticker.start = self._clock.now_ns()
        self._tally.begin(self._ticker.start)
        while self._end is None or self.sequence < self._end:
            deadline = self._ticker.deadline(self.sequence)
            if not wait(self._clock, deadline, stop):
                break
            self._tick(deadline)
        self._part()

    def close(self) -> None:
        """Close the sockets and what else is open; harmless twice."""
        self._resources.close()

    def summary(self) -> Summary:
        """The show up to now."""
        return self._tally.summary(self._act.counters, (target.sender.counters for target in self._targets))

    def _tick(self, deadline: int) -> None:
        """Send the frame that is due, then compute the one to send next."""
        now = self._clock.now_ns()
        for target in self._targets:
            target.fire()
        self._tally.left(now, now - deadline)
        following = self._ticker.following(self.sequence, now)
        self._tally.skipped(following - self.sequence - 1)
        self.sequence = following
        if self._end is None or following < self._end:
            self._compute(following)

    def _compute(self, sequence: int) -> None:
        began = self._clock.now_ns()
        frame = self._act.tick(sequence, self._ticker.milliseconds(sequence), self._controls)
        for target in self._targets:
            target.load(frame)
        self._tally.computed(self._clock.now_ns() - began)
        self._add_news(self._ticker.deadline(sequence) - self._ticker.start)

    def _add_news(self, at: int) -> None:
        """Put what is due `at` ns of the show behind the frame; the receivers' announcements are spread in time."""
        for number, target in enumerate(self._targets):
            if at >= self._announcements[number]:
                target.add(target.output.announce())
                self._announcements[number] = _next(at, ANNOUNCE_NS, ANNOUNCE_NS * number // len(self._targets))
        if at >= self._report:
            status = self._tally.status(self._clock.now_ns(), "playing")
            for target in self._targets:
                target.add(target.report(status))
            self._report = _next(at, REPORT_NS, REPORT_NS // 2)

    def _part(self) -> None:
        """Tell the receivers that it is over, once the link has had time for the last frame."""
        self._clock.sleep_until_ns(self._clock.now_ns() + PARTING_NS)
        status = self._tally.status(self._clock.now_ns(), "stopped")
        for target in self._targets:
            target.sender.send(target.report(status))


def _next(at: int, period: int, phase: int) -> int:
    """The first moment after `at` that lies `phase` before a multiple of `period`."""
    return at - (at + phase) % period + period
