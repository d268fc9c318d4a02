"""What a whole show costs: many performers and four protocols on one core, paced and hot, part by part.

The bundled dancer plays on one thread of one core to sockets of this machine that another process empties every 5 ms,
on another core where there is one, so that no datagram meets a closed port and no receiver is woken at the sender's
cost. Paced is a show as `engine serve` plays it; the 300 us
that it spins before each deadline are part of the processor's share. Hot is the same show without a pause. Alone is one
call that is made again and again, with the caches to itself; a tick and a cadence cannot be had without what they call.
The One-Euro filter, which is off by default, is measured in a show of its own.

    python tools/bench_stage.py --performers 8 --fps 60 --seconds 20 --json stage.json

Exits with 1 if a frame was skipped, or if encoding and sending a performer's native datagrams, alone, takes more than
10 us at the median.
"""

import argparse
import json
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import msgspec
from benching import Meter
from rich.console import Console
from rich.table import Table

from engine import assemble, config, targets
from engine.act import Act
from engine.bench.machine import machine, pin
from engine.bench.receivers import receivers
from engine.bench.times import Times
from engine.inference.packed_model import PackedModel
from engine.motion.one_euro import OneEuro
from engine.motion.solve import Solver
from engine.outputs.aitoolbox import AiToolbox
from engine.outputs.native import Native
from engine.outputs.td import TouchDesigner
from engine.outputs.vmc import Vmc
from engine.runtime.cadence import Cadence
from engine.runtime.clock import Clock, MonotonicClock, VirtualClock
from engine.runtime.realtime import undisturbed
from engine.runtime.show import perform
from engine.runtime.steering import Steering
from engine.runtime.summary import Summary
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Output, Settings, Show
from engine.transport.udp import UdpSender

HOT = 2000
"""Frames without a pause, and calls of a part alone."""

LIMIT = 10.0
"""Microseconds per performer that native may take at the median."""

SHORT = 5.0
"""Seconds of the paced show with a filter."""

CUTOFF = 1.0
"""Hertz; what the filter does costs the same at any."""

PROFILES = ("native", "td", "vmc", "aitoolbox")

PARTS = {
    "steering": (Steering, "obey"),
    "model step": (PackedModel, "step"),
    "rest of the tick": (Act, "tick"),
    "cadence": (Cadence, "frame"),
    "solver": (Solver, "solve"),
    "One-Euro": (OneEuro, "smooth"),
    "native encode": (Native, "datagrams"),
    "td encode": (TouchDesigner, "datagrams"),
    "vmc encode": (Vmc, "datagrams"),
    "aitoolbox encode": (AiToolbox, "datagrams"),
}
"""What is timed: methods of the engine."""

CALLERS = ("rest of the tick", "cadence")
"""Parts that call others."""

COMBINED: dict[str, tuple[str, ...]] = {part: (part,) for part in PARTS if "encode" not in part}
"""What is shown, in order, and the parts that it is the sum of."""

for _profile in PROFILES:
    COMBINED[f"{_profile} encode"] = (f"{_profile} encode",)
    COMBINED[f"{_profile} encode + send"] = (f"{_profile} encode", f"{_profile} send")


class Turning:
    """A clock that tells a meter where frames end."""

    def __init__(self, clock: Clock, meter: Meter) -> None:
        self._clock, self._meter = clock, meter
        self.now_ns = clock.now_ns

    def sleep_until_ns(self, deadline: int) -> None:
        self._meter.turn()
        self._clock.sleep_until_ns(deadline)


class Played(NamedTuple):
    """One show: its summary, its parts, and the share of a core that it took."""

    summary: Summary
    meter: Meter
    share: float


@contextmanager
def watched(meter: Meter, kinds: Mapping[int, str]) -> Iterator[None]:
    """Time the parts of what is assembled meanwhile; `kinds` are the protocols by port."""

    def sender(host: str, port: int, *, backlog: Callable[[int], int] | None) -> UdpSender:
        made = UdpSender(host, port, backlog=backlog)
        vars(made)["send"] = meter.timed(f"{kinds[port]} send", made.send)
        return made

    with ExitStack() as patched:
        patched.enter_context(patch.object(targets, "UdpSender", sender))
        for part, (owner, method) in PARTS.items():
            patched.enter_context(patch.object(owner, method, meter.timed(part, getattr(owner, method))))
        yield


def play(show: Show, clock: Clock, seconds: float) -> Played:
    """Play a show to its end."""
    meter = Meter()
    kinds = {each.port: each.kind for each in targets.receivers(show, show.acts[0].performers)}
    with watched(meter, kinds):
        stage = assemble.assemble(show, clock=Turning(clock, meter), say=print, seconds=seconds).stage
        stage.prime()
        cpu, wall = time.process_time(), time.perf_counter()
        perform(stage, threading.Event())
        share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    return Played(stage.summary(), meter, share)


def repeat(show: Show) -> dict[str, Times]:
    """Each part alone, as it is called in a show of one second; without those that call others."""
    meter = Meter(keep=True)
    with (
        watched(meter, {each.port: each.kind for each in targets.receivers(show, show.acts[0].performers)}),
        undisturbed(),
    ):
        stage = assemble.assemble(show, clock=Turning(VirtualClock(), meter), say=print, seconds=1.0).stage
        stage.prime()
        stage.play(threading.Event())
    known = {name: parts for name, parts in COMBINED.items() if name not in CALLERS and meter.knows(parts)}
    try:
        return {name: meter.again(parts, HOT) for name, parts in known.items()}
    finally:
        stage.close()


def parts_table(measured: Mapping[str, Mapping[str, Times]], performers: int) -> Table:
    """All measurements beside each other, per frame and per performer, microseconds."""
    shown = Table(title=f"microseconds per frame of {performers}, and per performer", title_justify="left")
    shown.add_column("p50", no_wrap=True)
    for way in measured:
        shown.add_column(way, justify="right")
        shown.add_column("each", justify="right", style="bold")
    for name in COMBINED:
        medians = [each[name].p50 if name in each else math.nan for each in measured.values()]
        row = [f"{value:.1f}" for median in medians for value in (median, median / performers)]
        shown.add_row(name, *(value.replace("nan", "") for value in row))
    return shown


def figures(plain: Played, filtered: Played) -> dict[str, Times]:
    """Microseconds per frame, by what is shown."""
    shows = {name: filtered if name == "One-Euro" else plain for name in COMBINED}
    return {name: shows[name].meter.times(*parts) for name, parts in COMBINED.items()}


def show_table(played: Played) -> Table:
    """The paced show as a whole."""
    shown = Table(title=f"paced, rights: {played.summary.rights}", title_justify="left", show_header=False)
    for name, value in overview(played).items():
        shown.add_row(name, f"{value:g}")
    return shown


def overview(played: Played) -> dict[str, float]:
    """The paced show in numbers."""
    summary = played.summary
    return {
        "frames": summary.frames,
        "skipped": summary.skipped,
        "late": summary.late,
        "lateness p50, ms": round(summary.lateness.p50, 3),
        "lateness p99, ms": round(summary.lateness.p99, 3),
        "compute p50, ms": round(summary.step.p50, 3),
        "compute p99, ms": round(summary.step.p99, 3),
        "datagrams per second": round(summary.sends.sent / summary.seconds, 1),
        "datagrams not sent": summary.sends.stalled + summary.sends.errors,
        "share of the core, %": round(100 * played.share, 1),
    }


def written(ports: Sequence[int], performers: int, fps: float, smooth: float) -> Show:
    """A show of all protocols."""
    act = msgspec.structs.replace(config.default().acts[0], performers=performers, device="cpu")
    outputs = [Output(kind=kind, port=port, smooth=smooth) for kind, port in zip(PROFILES, ports, strict=True)]
    return Show(
        settings=Settings(fps=fps, control=0),
        acts=(act,),
        outputs=tuple(outputs[:1] if smooth else outputs),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if it is too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the paced show")
    parser.add_argument("--performers", type=int, default=8, choices=range(1, MAX_PERFORMERS + 1), metavar="N")
    parser.add_argument("--fps", type=float, default=60.0, help="frames per second on the wire")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    performers, fps = options.performers, options.fps
    counts = [performers if kind == "vmc" else 1 for kind in PROFILES]
    with receivers(counts) as ports:
        core = pin()
        shows = [written(ports, performers, fps, smooth) for smooth in (0.0, CUTOFF)]
        alone = repeat(shows[1]) | repeat(shows[0])
        hot = [play(each, VirtualClock(), HOT / fps) for each in shows]
        paced = [play(shows[0], MonotonicClock(), options.seconds), play(shows[1], MonotonicClock(), SHORT)]
    found = machine() | {"core": str(core), "real-time rights": paced[0].summary.rights}
    measured = {"alone": alone, "hot": figures(*hot), "paced": figures(*paced)}
    print(f"{performers} performers, {fps:g} fps, {', '.join(PROFILES)}; {found['processor']}, core {core}")
    for table in (show_table(paced[0]), parts_table(measured, performers)):
        Console().print(table)
    if options.json:
        plain = {name: {part: times._asdict() for part, times in each.items()} for name, each in measured.items()}
        report = {"machine": found, "performers": performers, "fps": fps, "show": overview(paced[0]), "us": plain}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    each = alone["native encode + send"].p50 / performers
    return 0 if each <= LIMIT and paced[0].summary.skipped == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
