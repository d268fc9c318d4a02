"""Whether frames leave on time here: what the frame thread may do, and how late it really is."""

import sys
import time
from typing import NamedTuple

import numpy as np

from engine.checks.finding import Finding
from engine.runtime.clock import Clock
from engine.runtime.pace import Pace, keep
from engine.runtime.realtime import NONE, claim

RATE = 120.0
"""Frames per second of the trial."""

SECONDS = 0.5
"""Of the trial: 60 frames."""

LATE_MS = 1.0
"""Milliseconds from which on a frame counts as late, as in a show's summary."""

COARSE = 1e-6
"""Seconds from which on a clock's steps are seen in frames."""

HINTS = {
    "linux": "a line '@audio - rtprio 95' in /etc/security/limits.d/audio.conf, 'sudo usermod -aG audio NAME' and a "
    "new login allow it; in a unit of systemd 'LimitRTPRIO=95', in a container '--cap-add=SYS_NICE'",
    "darwin": "macOS grants it to every program: end what else needs all cores",
    "win32": "start the service 'Multimedia Class Scheduler' (MMCSS)",
}


class Trial(NamedTuple):
    """What a frame thread got, and how late it was."""

    rights: str
    pace: Pace


def attempt(clock: Clock) -> Trial:
    """Wait for some frames with the rights of a frame thread; for `realtime.apart`."""
    return Trial(claim(), keep(clock, RATE, SECONDS))


def rights(granted: str, platform: str = sys.platform) -> Finding:
    """What the frame thread gets; niceness alone leaves it waiting for milliseconds where a core is busy."""
    hint = HINTS.get(platform, "this system is not known to grant any")
    if granted == NONE:
        return Finding("real-time rights", good=False, text="none: frames may wait for other work", hint=hint)
    if granted.startswith("nice"):
        text = f"{granted}: frames still wait for other work at times"
        return Finding("real-time rights", good=False, text=text, hint=hint)
    return Finding("real-time rights", good=True, text=granted)


def timer(pace: Pace, resolution: float | None = None) -> Finding:
    """How late frames were; `resolution` is that of the clock, seconds."""
    resolution = time.get_clock_info("perf_counter").resolution if resolution is None else resolution
    if resolution > COARSE:
        text = f"the clock counts in steps of {resolution * 1e3:g} ms"
        return Finding("timer", good=False, text=text, hint="high-resolution timers are switched off, or missing here")
    p50, worst = (float(each) * 1e-6 for each in np.percentile(pace.late, [50, 100]))
    text = f"of {len(pace.late)} frames at {RATE:g} fps half were {p50:.3f} ms late, the worst {worst:.3f} ms"
    if worst > LATE_MS or pace.skipped:
        hint = "end what else is busy, and look again; in a virtual machine its host decides"
        return Finding("timer", good=False, text=text, hint=hint)
    return Finding("timer", good=True, text=text)
