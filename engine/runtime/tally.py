"""What is counted while a show runs; nothing in it grows."""

from engine.contracts import Counters, Status
from engine.runtime.broadcast import Sends
from engine.runtime.histogram import Histogram
from engine.runtime.recorder import Recorded
from engine.runtime.requests import Answered
from engine.runtime.summary import Percentiles, Refused, Summary
from engine.runtime.ticker import SECOND

LATE_NS = 1_000_000
"""Nanoseconds after its deadline from which on a frame is called late; less is what an idle system costs."""


class Tally:
    """Frames and times of one show.

    Args:
        fps: frames per second that were asked for.
        rights: what the frame thread was granted.
    """

    def __init__(self, fps: float, rights: str) -> None:
        self.rights = rights
        self._fps = fps
        self._step, self._lateness, self._lately = Histogram(), Histogram(), Histogram()
        self._frames = self._late = self._skipped = 0
        self._start = self._last = self._reported = self._frames_reported = 0

    def begin(self, now: int) -> None:
        """The show starts; what came before it does not count."""
        self._start = self._last = self._reported = now
        self._frames_reported = 1  # the frame that leaves now ends no period
        self._step.clear()

    def computed(self, duration: int) -> None:
        """A frame took `duration` ns to compute and encode."""
        self._step.add(duration)

    def left(self, now: int, lateness: int) -> None:
        """A frame went out, `lateness` ns after its deadline."""
        self._frames += 1
        self._late += lateness > LATE_NS
        self._lateness.add(lateness)
        self._lately.add(lateness)
        self._last = now

    def skipped(self, deadlines: int) -> None:
        """So many deadlines were let go."""
        self._skipped += deadlines

    def status(self, word: str, *, model: str, clients: int, cue: str, provider: str, recording: str) -> Status:
        """The state since the last one, as it was when the last frame left."""
        fps = (self._frames - self._frames_reported) * SECOND / max(self._last - self._reported, 1)
        p99 = self._lately.percentile(0.99)
        self._reported, self._frames_reported = self._last, self._frames
        self._lately.clear()
        return Status(fps, self._late, self._skipped, p99, model, word, clients, cue, provider, recording)

    def summary(
        self,
        *,
        act: Counters,
        sends: Sends,
        requests: Answered,
        refused: Refused,
        changes: int,
        provider: str,
        lead: float | None,
        recorded: Recorded,
    ) -> Summary:
        """The show up to now; the other half of it was counted elsewhere."""
        return Summary(
            fps=self._fps,
            seconds=(self._last - self._start) / SECOND,
            frames=self._frames,
            late=self._late,
            skipped=self._skipped,
            step=_percentiles(self._step),
            lateness=_percentiles(self._lateness),
            act=act,
            sends=sends,
            requests=requests,
            refused=refused,
            changes=changes,
            provider=provider,
            lead=lead,
            rights=self.rights,
            recorded=recorded,
        )


def _percentiles(durations: Histogram) -> Percentiles:
    return Percentiles(durations.percentile(0.5), durations.percentile(0.99))
