"""How soon a control is seen: from its arrival to the frame that carries it, in both modes of `--latency`.

The bundled dancer plays at 30 fps. At random moments its place is sent to the other side of the stage; it goes there
with 4 m/s, so the first frame that knows turns its way by 13 or 27 cm, more than any dance does. Counted is whether
that was the next frame to leave, among those controls that came 5 ms before it or earlier.

    python tools/bench_latency.py --trials 2000 --json latency.json

Exits with 1 unless `latch` answers in that very frame in 99 of 100, and `steady` in that or the next one always.
"""

import argparse
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from engine.bench.machine import machine
from engine.bench.receivers import row
from engine.wire import osc
from engine.wire.decode import decode

FPS = 30
MODES = ("steady", "latch")

FAR = 5.0
"""Metres from the middle of the stage to where the dancer is sent; it is called back long before."""

TURN = 0.09
"""Metres by which the step from one frame to the next changes: 13 cm or more by a control, 4 or less by a dance."""

AHEAD = 0.005
"""Seconds before a frame leaves at which a control has to have come for it to count."""

PAUSE = (5, 9)
"""Frames between two controls: they come at any moment of a frame."""

WARM = 5.0
"""Seconds that the show plays before: `latch` learns how long a frame takes."""

PATIENCE = 120.0
"""Seconds until a first start must have sent something."""


class Arrival(NamedTuple):
    """A frame: its number, when it came, seconds, and where along x the dancer was, metres."""

    sequence: int
    at: float
    x: float


class Trial(NamedTuple):
    """A control.

    Attributes:
        rest: seconds from its arrival to the next frame that left.
        latency: seconds to the one that carries it.
        frames: that left between these two.
    """

    rest: float
    latency: float
    frames: int


class Figures(NamedTuple):
    """What became of the controls of a mode: latency, ms, and the share of those that came in time, by frame."""

    p50: float
    p99: float
    counted: int
    first: float
    second: float


def answer(frames: Sequence[Arrival], sent: float, way: float) -> Trial | None:
    """What became of a control that sent the dancer along x; None where no frame carries it, or one is missing.

    Args:
        frames: in order, at least two of them before the control.
        sent: when it was sent, seconds.
        way: where to, +1 or -1.
    """
    steps = np.diff([frame.x for frame in frames])
    turns = np.diff(steps) * way
    after = [number for number, frame in enumerate(frames) if frame.at >= sent]
    whole = len(frames) > 0 and frames[-1].sequence - frames[0].sequence == len(frames) - 1
    carrying = [number for number in after if number >= 2 and turns[number - 2] > TURN]
    if not carrying or not whole:
        return None
    return Trial(frames[after[0]].at - sent, frames[carrying[0]].at - sent, carrying[0] - after[0])


def figures(trials: Sequence[Trial]) -> Figures:
    """All controls of a mode together."""
    p50, p99 = np.percentile([1000 * trial.latency for trial in trials], [50, 99])
    in_time = [trial.frames for trial in trials if trial.rest >= AHEAD]
    first, second = (sum(frames <= most for frames in in_time) / max(len(in_time), 1) for most in (0, 1))
    return Figures(round(float(p50), 2), round(float(p99), 2), len(in_time), round(first, 4), round(second, 4))


class Ear(threading.Thread):
    """Keeps every frame that comes to a socket."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(daemon=True)
        self.frames: list[Arrival] = []
        self._listener = listener

    def run(self) -> None:
        while True:
            datagram = self._listener.recv(65536)
            at = time.perf_counter()
            heard = {message.address: message.arguments for message in decode(datagram)}
            if "/engine/p1/root" in heard:
                (sequence, _), (x, *_) = heard["/engine/p1/frame"], heard["/engine/p1/root"]
                self.frames.append(Arrival(int(sequence), at, float(x)))  # type: ignore[arg-type]


@contextmanager
def playing(mode: str) -> Iterator[tuple[Ear, int]]:
    """A show in a mode that has played for a while: who hears it, and the port of its controls."""
    (listener,), (spare,) = row(1), row(1)
    port = spare.getsockname()[1]
    spare.close()
    ear = Ear(listener)
    ear.start()
    command = [str(Path(sys.executable).with_name("engine")), "serve", "--fps", str(FPS), "--latency", mode]
    command += ["--out", f"native://127.0.0.1:{listener.getsockname()[1]}", "--control", str(port), "--oscquery", "0"]
    engine = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        begin = time.monotonic()
        while len(ear.frames) < WARM * FPS:
            if engine.poll() is not None or time.monotonic() > begin + PATIENCE:
                raise SystemExit("the engine sends nothing")
            time.sleep(0.1)
        yield ear, port
    finally:
        engine.terminate()
        engine.wait()


def measure(mode: str, trials: int) -> list[Trial]:
    """Send controls at random moments and see what becomes of them."""
    moments, found = random.Random(1), []  # noqa: S311 (moments, not secrets)
    with playing(mode) as (ear, port), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(trials):
            way = 1.0 if number % 2 == 0 else -1.0
            before = len(ear.frames) - 3
            sent = time.perf_counter()
            sender.sendto(osc.encode("/engine/p1/ctl/x", way * FAR), ("127.0.0.1", port))
            time.sleep(moments.uniform(*PAUSE) / FPS)
            trial = answer(ear.frames[before:], sent, way)
            if trial is not None:
                found.append(trial)
    return found


def fine(found: dict[str, Figures]) -> bool:
    """Whether both modes keep what they promise."""
    return found["latch"].first >= 0.99 and found["steady"].second == 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if controls come too late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200, help="controls in each mode")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    measured = {mode: measure(mode, options.trials) for mode in MODES}
    found = {mode: figures(trials) for mode, trials in measured.items()}
    shown = Table(title=f"{options.trials} controls in each mode at {FPS} fps; {machine()['processor']}")
    for column in ("", "p50, ms", "p99, ms", "answered", "in time", "in that frame, %", "or the next, %"):
        shown.add_column(column, justify="right" if column else "left")
    for mode, each in found.items():
        shares = (f"{100 * each.first:.2f}", f"{100 * each.second:.2f}")
        shown.add_row(mode, f"{each.p50:.1f}", f"{each.p99:.1f}", str(len(measured[mode])), str(each.counted), *shares)
    Console().print(shown)
    if options.json:
        report = {"machine": machine(), "fps": FPS, "modes": {mode: each._asdict() for mode, each in found.items()}}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if fine(found) else 1


if __name__ == "__main__":
    sys.exit(main())
