"""What is counted while a show runs; nothing in it grows."""

from collections.abc import Iterable

from engine.act import Counters
from engine.contracts import Status
from engine.runtime.histogram import Histogram
from engine.runtime.requests import Answered
from engine.runtime.summary import Percentiles, Summary
from engine.runtime.target import Sent
from engine.runtime.ticker import SECOND

LATE_NS = 1_000_000
"""Nanoseconds after its deadline from which on a frame is called late; less is what an idle system costs."""


class Tally:
    """Frames and times of one show.

    Args:
        fps: frames per second that were asked for.
        model: name of the model.
        provider: what the model runs on.
        rights: what the frame thread was granted.
    """

    def __init__(self, fps: float, model: str, provider: str, rights: str) -> None:
        self.rights = rights
        self._fps, self._model, self._provider = fps, model, provider
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

    def status(self, now: int, word: str) -> Status:
        """The state since the last one."""
        fps = (self._frames - self._frames_reported) * SECOND / max(now - self._reported, 1)
        p99 = self._lately.percentile(0.99)
        self._reported, self._frames_reported = now, self._frames
        self._lately.clear()
        return Status(fps, self._late, self._skipped, p99, self._model, word)

    def summary(self, act: Counters, senders: Iterable[Sent], requests: Answered, refused: int) -> Summary:
        """The show up to now; the other half of it was counted elsewhere."""
        counted = list(senders)
        return Summary(
            fps=self._fps,
            seconds=(self._last - self._start) / SECOND,
            frames=self._frames,
            late=self._late,
            skipped=self._skipped,
            step=_percentiles(self._step),
            lateness=_percentiles(self._lateness),
            act=act,
            datagrams=sum(sender.sent for sender in counted),
            stalled=sum(sender.skipped for sender in counted),
            errors=sum(sum(sender.errors.values()) for sender in counted),
            requests=requests,
            refused=refused,
            provider=self._provider,
            rights=self.rights,
        )


def _percentiles(durations: Histogram) -> Percentiles:
    return Percentiles(durations.percentile(0.5), durations.percentile(0.99))
