"""To all receivers: each frame, and behind it what they need to know."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.contracts import Status
from engine.runtime.target import Target
from engine.runtime.ticker import SECOND
from engine.schema.frame import Frame

ANNOUNCE_NS = 2 * SECOND
"""Between two announcements: a receiver that comes late waits no longer for the joints' names."""

REPORT_NS = SECOND
"""Between two reports of the state."""


class Sends(NamedTuple):
    """What became of datagrams.

    Attributes:
        sent: datagrams, announcements and state included.
        stalled: sends that were left out, as the link still held earlier ones.
        errors: datagrams that the system refused.
    """

    sent: int = 0
    stalled: int = 0
    errors: int = 0


class Broadcast:
    """The receivers of a show, some of which come and go; in the frame thread, but for `announce`.

    Args:
        targets: that are there from the start.
        report: is told the state too, once a second.
    """

    def __init__(self, targets: Sequence[Target], report: Callable[[Status], object]) -> None:
        self._targets, self._tell = list(targets), report
        self._due = {id(target): 0 for target in targets}
        self._gone = Sends()
        self._announced: tuple[int, ...] = ()
        self._asked = False
        self._report = REPORT_NS // 2

    @property
    def counters(self) -> Sends:
        """What was sent to whom is here, and to who was."""
        return _sum([self._gone, *map(_sends, self._targets)])

    def add(self, target: Target) -> None:
        """Have a receiver get frames from the next one on, and with it what it needs to know."""
        self._targets.append(target)
        self._due[id(target)] = 0

    def drop(self, target: Target) -> None:
        """Have a receiver get nothing any more; harmless where it gets nothing."""
        if target in self._targets:
            self._targets.remove(target)
            del self._due[id(target)]
            self._gone = _sum([self._gone, _sends(target)])

    def announce(self) -> None:
        """Have the next frame tell all receivers what they need to know; from any thread."""
        self._asked = True

    def load(self, frame: Frame) -> None:
        """Have everybody hold a frame."""
        for target in self._targets:
            target.load(frame)

    def fire(self) -> None:
        """Send what is held."""
        for target in self._targets:
            target.fire()

    def add_news(self, at: int, performers: tuple[int, ...], status: Callable[[], Status]) -> None:
        """Put what is due `at` ns of the show behind the frame; the receivers' announcements are spread in time."""
        changed, self._announced = performers != self._announced, performers
        asked = self._asked
        if asked:  # put out before it is answered, so that whoever asks meanwhile is answered by the next frame
            self._asked = False
        for number, target in enumerate(self._targets):
            due = at >= self._due[id(target)]
            if asked or changed or due:
                target.announce(performers)
            if due:
                self._due[id(target)] = _next(at, ANNOUNCE_NS, ANNOUNCE_NS * number // len(self._targets))
        if at >= self._report:
            self._say(status())
            self._report = _next(at, REPORT_NS, REPORT_NS // 2)

    def part(self, status: Status) -> None:
        """Send the last word."""
        self._tell(status)
        for target in self._targets:
            target.part(status)

    def _say(self, status: Status) -> None:
        self._tell(status)
        for target in self._targets:
            target.report(status)


def _next(at: int, period: int, phase: int) -> int:
    """The first moment after `at` that lies `phase` before a multiple of `period`."""
    return at - (at + phase) % period + period


def _sends(target: Target) -> Sends:
    counted = target.sender.counters
    return Sends(counted.sent, counted.skipped, sum(counted.errors.values()))


def _sum(found: Sequence[Sends]) -> Sends:
    return Sends(*map(sum, zip(*found, strict=True)))
