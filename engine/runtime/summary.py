"""What is said about a show when it is over."""

from typing import NamedTuple

from engine.act import Counters
from engine.runtime.requests import Answered


class Percentiles(NamedTuple):
    """Median and 99th percentile, ms."""

    p50: float
    p99: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.3f} ms, p99 {self.p99:.3f} ms"


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
        datagrams: sent, announcements and state included.
        stalled: sends that were left out, as the link still held earlier ones.
        errors: datagrams that the system refused.
        requests: what the wire asked for.
        refused: commands and errands that asked for what cannot be, or came too many at a time.
        provider: what the model ran on.
        rights: what the frame thread was granted.
    """

    fps: float
    seconds: float
    frames: int
    late: int
    skipped: int
    step: Percentiles
    lateness: Percentiles
    act: Counters
    datagrams: int
    stalled: int
    errors: int
    requests: Answered
    refused: int
    provider: str
    rights: str

    def lines(self) -> list[str]:
        """For a person to read."""
        act, asked = self.act, self.requests
        return [
            f"{self.frames} frames in {self.seconds:.1f} s at {self.fps:g} fps",
            f"{self.late} late, {self.skipped} skipped; lateness {self.lateness}; step {self.step}",
            f"{act.guarded} guarded, {act.nudged} nudged, {act.primed} primed again",
            f"{self.datagrams} datagrams, {self.stalled} sends stalled, {self.errors} refused",
            f"{asked.taken} requests, {asked.unknown} unknown, {asked.bad} bad; {self.refused} commands refused",
            f"computed by {self.provider}; real-time rights: {self.rights}",
        ]
