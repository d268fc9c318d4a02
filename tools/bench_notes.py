"""How soon a note leaves: from a note-on sent to the engine over UDP to the note-on that it sends, and a step alone.

Notes come at random moments, each is lifted at once; chords are ten keys in one bundle, and their last note counts.
They are played by a process of its own, alone and beside a dancer at 60 frames per second, whose thread spins before
each frame.

    python tools/bench_notes.py --notes 2000 --json notes.json

Exits with 1 unless 99 of 100 notes leave within 3 ms, chords of ten included.
"""

import argparse
import json
import multiprocessing
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from engine import plugins
from engine.bench.machine import machine
from engine.bench.times import Times
from engine.bundled import find_model
from engine.controls.osc import Listener
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.open_act import make_act
from engine.open_pianist import open_pianist
from engine.runtime.bell import Bell
from engine.runtime.clock import MonotonicClock
from engine.runtime.hands import Hands
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget, no_backlog
from engine.runtime.realtime import claim, undisturbed
from engine.runtime.ticker import Ticker, wait
from engine.schema.note import HIGHEST, LOWEST
from engine.transport.udp import UdpSender
from engine.wire import osc
from engine.wire.decode import decode

HOST = "127.0.0.1"
FPS = 60.0
TARGET_MS = 3.0
CHORD = 10
GAPS = (0.002, 0.04)
"""Seconds between two notes: they come at any moment of a frame."""

LOST = 1.0
"""Seconds after which a note counts as lost."""

WARM = 50
"""Notes before those that count."""

STEPS = 5000


class Figures(NamedTuple):
    """What became of the notes, ms."""

    p50: float
    p99: float
    most: float
    counted: int
    lost: int


def figures(latencies: Sequence[float], lost: int) -> Figures:
    p50, p99 = np.percentile(latencies, [50, 99])
    return Figures(round(float(p50), 3), round(float(p99), 3), round(max(latencies), 3), len(latencies), lost)


def dance(begun: threading.Event, stop: threading.Event) -> None:
    """What a frame thread does: compute, wait, spin."""
    loaded = load(find_model("dance", Path(), "model"))
    act = make_act(loaded, open_model(loaded, 1), seed=1)
    act.tick()
    claim()
    begun.set()
    clock = MonotonicClock()
    ticker, frame = Ticker(FPS, clock.now_ns()), 0
    while wait(clock, ticker.deadline(frame), stop):
        act.tick()
        frame = ticker.following(frame, clock.now_ns())
    act.close()


def serve(model: str, out: int, *, beside: bool, pipe: Connection) -> None:
    """Play what is heard until the other side says that it is enough; tell the port, and at the end the counters."""
    clock, bell, begun, stop = MonotonicClock(), Bell(), threading.Event(), threading.Event()
    loaded = load(model)
    listener, sender = Listener(port=0), UdpSender(HOST, out, backlog=no_backlog)
    options = plugins.options()["native"]()
    target = NoteTarget(plugins.output("native")(loaded.spec, (), "/engine", options), sender)
    keyboard = Keyboard(
        open_pianist(loaded, seed=1), [target], clock=clock, seed=1, root="/engine", ear=listener, wake=bell.ring
    )
    hands = Hands(keyboard, bell, clock, handles=lambda: listener.handles)
    frames = threading.Thread(target=dance, args=(begun, stop), daemon=True)
    if beside:
        frames.start()
        begun.wait()
    with undisturbed():
        hands.start()
        pipe.send(listener.port)
        pipe.recv()
        stop.set()
        hands.close()
        pipe.send((keyboard.counters, hands.granted))
    hands.check()
    keyboard.close()


@contextmanager
def playing(model: str, *, beside: bool) -> Iterator[tuple[socket.socket, int, Connection]]:
    """A keyboard in a process of its own: who hears it, the port of its controls, and the way to ask it to end."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HOST, 0))
        ear.settimeout(LOST)
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(model, ear.getsockname()[1]), kwargs={"beside": beside, "pipe": theirs}, daemon=True
        )
        process.start()
        try:
            yield ear, ours.recv(), ours
        finally:
            process.terminate()
            process.join()


def struck(datagram: bytes) -> int:
    """How many keys go down in a datagram."""
    return sum(message.address.endswith("/note") and message.arguments[1] != 0 for message in decode(datagram))


def strike(ear: socket.socket, mouth: socket.socket, keys: Sequence[int]) -> float | None:
    """Press keys in one datagram and wait until all are struck; ms, None where that did not happen. Then lift them."""
    pressed, lifted = (
        osc.bundle([osc.encode("/engine/in/note", key, velocity, 1) for key in keys]) for velocity in (64, 0)
    )
    begin = time.perf_counter_ns()
    mouth.send(pressed)
    heard = 0
    try:
        while heard < len(keys):
            heard += struck(ear.recv(2**16))
    except TimeoutError:
        return None
    took = (time.perf_counter_ns() - begin) * 1e-6
    mouth.send(lifted)
    return took


def measure(model: str, notes: int, chord: int, *, beside: bool) -> tuple[Figures, dict[str, object]]:
    """Press keys at random moments and see when they are struck; what the engine itself counted, too."""
    chance, found = random.Random(1), []  # noqa: S311 (moments, not secrets)
    lost = 0
    claim()  # who measures must not be what is late
    with playing(model, beside=beside) as (ear, port, pipe), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect((HOST, port))
        for number in range(-WARM, notes):
            took = strike(ear, mouth, chance.sample(range(LOWEST, HIGHEST + 1), chord))
            if number >= 0 and took is not None:
                found.append(took)
            lost += took is None
            time.sleep(chance.uniform(*GAPS))
        pipe.send(None)
        counters, granted = pipe.recv()
    return figures(found, lost), {"counters": counters._asdict(), "granted": granted}


def step(model: str) -> Times:
    """How long the model and all around it take for a note, hot."""
    pianist, taken = open_pianist(load(model), seed=1), []
    for number in range(STEPS):
        key = LOWEST + 7 * number % 88
        begin = time.perf_counter_ns()
        pianist.press(begin, key, 64)
        taken.append(time.perf_counter_ns() - begin)
        pianist.release(begin, key)
    pianist.close()
    return Times.of(taken[STEPS // 10 :])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if notes leave too late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=2000, help="notes, and chords a quarter of that")
    parser.add_argument("--model", default="piano", help="a model of touch: a file, or the name of a bundled one")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    model = str(find_model(options.model, Path(), "--model"))
    kinds = {"a note": (options.notes, 1), f"a chord of {CHORD}": (options.notes // 4, CHORD)}
    alone = step(model)
    found = {
        f"{name}, {'beside a dancer' if beside else 'alone'}": measure(model, *kind, beside=beside)
        for beside in (False, True)
        for name, kind in kinds.items()
    }
    shown = Table(title=f"ms from note-on in to note-on out; {machine()['processor']}")
    for column in ("", "p50", "p99", "longest", "counted", "lost"):
        shown.add_column(column, justify="right" if column else "left")
    for name, (each, _) in found.items():
        shown.add_row(name, f"{each.p50:.2f}", f"{each.p99:.2f}", f"{each.most:.2f}", str(each.counted), str(each.lost))
    Console().print(shown)
    print(f"the model and all around it, hot: {alone.p50:.0f} us, p99 {alone.p99:.0f} us")
    if options.json:
        report = {
            "machine": machine(),
            "press_us": alone._asdict(),
            "notes": {name: {**each._asdict(), **more} for name, (each, more) in found.items()},
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(each.p99 <= TARGET_MS and each.lost == 0 for each, _ in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
