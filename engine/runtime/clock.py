"""The only file that reads a clock; everybody else is told the time."""

import time
from typing import Protocol

SPIN_NS = 300_000
"""Nanoseconds before a deadline at which sleeping ends and spinning begins: Linux wakes a sleeper 50-100 us late."""


def epoch_ns() -> int:
    """Nanoseconds since 1970, as a label: it may jump, and nothing waits for it."""
    return time.time_ns()


class Clock(Protocol):
    """A time that only moves forward, and a way to wait for it."""

    def now_ns(self) -> int:
        """Nanoseconds since a moment that is not told."""
        ...

    def sleep_until_ns(self, deadline: int) -> None:
        """Return at `deadline`, or at once where it has passed."""
        ...


class MonotonicClock:
    """Real time.

    `perf_counter` is CLOCK_MONOTONIC on Linux and the performance counter on Windows, where `monotonic` steps by
    15.6 ms before Python 3.13. `sleep` takes a high-resolution timer there, so the system's timer needs no raising.
    """

    def now_ns(self) -> int:
        """Nanoseconds since the machine started or so."""
        return time.perf_counter_ns()

    def sleep_until_ns(self, deadline: int) -> None:
        """Sleep until `SPIN_NS` before `deadline` and spin the rest."""
        rest = deadline - SPIN_NS - time.perf_counter_ns()
        if rest > 0:
            time.sleep(rest * 1e-9)
        while time.perf_counter_ns() < deadline:
            pass


class VirtualClock:
    """A time that moves only when it is slept: shows run as fast as they compute, and the same twice."""

    def __init__(self, now: int = 0) -> None:
        self._now = now

    def now_ns(self) -> int:
        """Nanoseconds slept so far."""
        return self._now

    def sleep_until_ns(self, deadline: int) -> None:
        """Be there."""
        self._now = max(self._now, deadline)
