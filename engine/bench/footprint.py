"""What a show costs the machine: `engine serve` as a process of its own, watched from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.bench.results import Footprint
from engine.bench.start import hear, serving
from engine.wire.decode import decode

FPS = 30.0

SETTLING = 2.0
"""Seconds after the first datagram that are not watched."""

MEGABYTE = 1e6


class Sight(NamedTuple):
    """A process at a moment: seconds of processor that it took since it began, and bytes resident."""

    cpu: float
    rss: float


def measure(seconds: float, fps: float = FPS) -> Footprint:
    """Watch a show of one dancer for so long.

    Raises:
        TransportError: it sends nothing.
    """
    with serving(("--fps", f"{fps:g}")) as (listener, engine):
        hear(listener)
        end = time.perf_counter() + SETTLING
        while time.perf_counter() < end:
            hear(listener)
        before, begin = look(engine.pid), time.perf_counter()
        frames = set()
        while time.perf_counter() < begin + seconds:
            frames.add(sequence(hear(listener)))
        after, took = look(engine.pid), time.perf_counter() - begin
    found = Footprint(fps=fps, fps_sent=round(len(frames - {None}) / took, 2), seconds=round(took, 2))
    if before is None or after is None:
        return found
    return msgspec.structs.replace(
        found,
        cpu_share=round((after.cpu - before.cpu) / took, 4),
        rss_mb=round(after.rss / MEGABYTE, 1),
        growth_mb=round((after.rss - before.rss) / MEGABYTE, 2),
    )


def sequence(datagram: bytes) -> int | None:
    """The number of the frame that a datagram belongs to; None where it belongs to none."""
    for message in decode(datagram):
        if message.address.endswith("/frame") and isinstance(message.arguments[0], int):
            return message.arguments[0]
    return None


def _linux(process: int) -> Sight:
    """From /proc/PID/stat: fields 14, 15 and 24 of proc(5), behind a name in brackets that may hold anything."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
    return Sight(ticks / os.sysconf("SC_CLK_TCK"), float(pages * os.sysconf("SC_PAGE_SIZE")))


def _by_ps(process: int) -> Sight:
    """From `ps`, whose time is [[dd-]hh:]mm:ss.ss and whose size is in KiB."""
    command = ["/bin/ps", "-o", "time=,rss=", "-p", str(process)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 (a fixed command)
    spent, size = shown.stdout.split()
    return Sight(clock_time(spent), float(size) * 1024)


def clock_time(text: str) -> float:
    """Seconds of a time as `ps` writes it."""
    days, _, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return 86400 * int(days or 0) + seconds


LOOKS: Mapping[str, Callable[[int], Sight]] = {"linux": _linux, "darwin": _by_ps}
"""How a running process is seen, by the system; others do not tell."""


def look(process: int) -> Sight | None:
    """See a running process; None where the system does not tell."""
    see = LOOKS.get(sys.platform)
    return None if see is None else see(process)
