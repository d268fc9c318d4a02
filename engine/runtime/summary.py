"""What is said about a show when it is over."""

from typing import NamedTuple

from engine.contracts import Counters
from engine.runtime.broadcast import Sends
from engine.runtime.recorder import Recorded
from engine.runtime.requests import Answered


class Percentiles(NamedTuple):
    """Median and 99th percentile, ms."""

    p50: float
    p99: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.3f} ms, p99 {self.p99:.3f} ms"


class Refused(NamedTuple):
    """What could not be done.

    Attributes:
        commands: commands and errands that asked for what cannot be, or came too many at a time.
        models: that were to take over and are not fit to.
        cues: that were called too soon after the last one, or where there was no further one.
    """

    commands: int = 0
    models: int = 0
    cues: int = 0


class Summary(NamedTuple):
    """A show in numbers.

    Attributes:
        fps: frames per second that were asked for.
        seconds: from the first deadline to the last frame.
        frames: sent.
        late: of these, sent more than `tally.LATE_NS` after their deadline.
        skipped: deadlines that were let go.
        step: from controls to encoded datagrams; the first frame, computed before the show, is not counted.
        lateness: from the deadline to the first datagram.
        act: what the guard and the freeze detector did.
        sends: what became of the datagrams.
        requests: what was asked of the show.
        refused: what could not be done.
        changes: streams that took over.
        provider: what the model ran on.
        lead: ms before its deadline at which the next frame would be begun; None where it is after the last was sent.
        rights: what the frame thread was granted.
        recorded: what was recorded.
    """

    fps: float
    seconds: float
    frames: int
    late: int
    skipped: int
    step: Percentiles
    lateness: Percentiles
    act: Counters
    sends: Sends
    requests: Answered
    refused: Refused
    changes: int
    provider: str
    lead: float | None
    rights: str
    recorded: Recorded = Recorded()

    def sent(self) -> list[str]:
        """What left, and when; for a person to read."""
        sends, latch = self.sends, "" if self.lead is None else f"; begun {self.lead:.1f} ms ahead"
        return [
            f"{self.frames} frames in {self.seconds:.1f} s at {self.fps:g} fps",
            f"{self.late} late, {self.skipped} skipped; lateness {self.lateness}; step {self.step}{latch}",
            f"{sends.sent} datagrams, {sends.stalled} sends stalled, {sends.errors} refused",
        ]

    def lines(self) -> list[str]:
        """Everything, for a person to read."""
        act, asked, refused = self.act, self.requests, self.refused
        return [
            *self.sent(),
            f"{act.guarded} guarded, {act.nudged} nudged, {act.primed} primed again",
            f"{asked.taken} requests, {asked.unknown} unknown, {asked.bad} bad, {asked.denied} denied",
            f"{self.changes} changes of what plays",
            f"refused: {refused.models} models, {refused.cues} cues, {refused.commands} commands",
            f"computed by {self.provider}; real-time rights: {self.rights}",
            *([] if self.recorded == Recorded() else [self.recorded.line()]),
        ]
