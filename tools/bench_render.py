"""How fast dances are rendered: one dancer to BVH, and 64 at once beside one PyTorch stream of the same network.

Everything runs on one thread of one core. The BVH is written by the command `engine-export render` as a person calls
it, start included. The 64 are rendered as recordings with rotations, all that has to be prepared included; `stepped`
are the same without rotations and arrays to keep, as a frame is computed in a show. PyTorch's stream is its eager step
of one dancer, full head, nothing sampled and nothing decoded: with nn.LSTM, as PyTorch comes, and written out with
nn.LSTMCell, which spares nn.LSTM's preparations. Turns take turns, and the medians of them are compared.

    python tools/bench_render.py --json render.json

Exits with 1 if 10 minutes take 20 s or more, or a dancer among 64 is not more than 20 times faster than nn.LSTM's
stream. The one of nn.LSTMCell is shown beside it: 20 times faster than that would be less time than the arithmetic of
the bundled dancer takes on a core.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from engine.bench.machine import machine, pinned
from engine.bench.reference import Reference
from engine.bench.rivals import torches
from engine.contracts import Loaded
from engine.inference.open_model import open_model
from engine.inference.recognise import recognise
from engine.open_act import make_act
from export.render import Dance, Rendering, checked, open_dance, render

MINUTES = 10.0
LIMIT = 20.0
"""Seconds that these may take."""

DANCERS = 64
TIMES = 20.0
"""How much faster each of them has to be."""

COMMAND = "from export.cli import main; main()"


STREAM = "torch-lstm"
"""The stream that the limit is about."""

Turn = Mapping[str, float]
"""Microseconds for a dancer's frame in one turn, by what was done."""

RENDERED, STEPPED = f"{DANCERS} rendered", f"{DANCERS} stepped"


def shape(loaded: Loaded) -> Reference:
    """The network of a model; what embeds its input is left out, which PyTorch is then spared.

    Raises:
        ValueError: its graph is not one of ours.
    """
    found = recognise(loaded.graph, loaded.spec)
    if found is None:
        raise ValueError("a graph that this project did not write")
    weights, head = found.weights, loaded.spec.head
    first = weights.layers[0]
    return Reference(
        name=loaded.spec.name,
        family=loaded.spec.family,
        features=first.input.shape[-1],
        hidden=first.recurrent.shape[-1],
        layers=len(weights.layers),
        components=head.components,
        dims=head.dims,
        dense=0 if weights.dense is None else len(weights.dense[1]),
    )


def to_bvh(model: str, minutes: float) -> float:
    """Seconds of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "render",
            model,
            "--seconds",
            str(60.0 * minutes),
            "--seed",
            "7",
            "-o",
            str(Path(folder) / "dance.bvh"),
        ]
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", COMMAND, *words], check=True, capture_output=True)
        return time.perf_counter() - begin


def rendered(dance: Dance, dancers: int, seconds: float) -> float:
    """Microseconds for a dancer's frame of whole recordings, all that has to be prepared included."""
    asked = checked(dance, Rendering(seconds=seconds))
    begin = time.perf_counter()
    render(dance, asked, range(dancers))
    return (time.perf_counter() - begin) / (dance.frames(asked) * dancers) * 1e6


def stepper(dance: Dance, dancers: int) -> Callable[[], object]:
    """What computes a frame of so many dancers."""
    model = open_model(dance.loaded, dancers)
    act = make_act(dance.loaded, model, seed=1, rows=dancers, performers=range(1, dancers + 1))
    return act.tick


def each(step: Callable[[], object], times: int) -> float:
    """Microseconds of a call."""
    begin = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - begin) / times * 1e6


def measure(dance: Dance, turns: int, seconds: float) -> list[Turn]:
    """Everything in turns."""
    steps, found = round(seconds * dance.loaded.spec.fps), list[Turn]()
    tick, streams = stepper(dance, DANCERS), torches(shape(dance.loaded), 1)
    for _ in range(turns):
        turn = {RENDERED: rendered(dance, DANCERS, seconds), STEPPED: each(tick, steps) / DANCERS}
        found.append(turn | {name: each(stream, steps) for name, stream in streams.items()})
    return found


def medians(turns: Sequence[Turn]) -> Turn:
    """Of each figure."""
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="dance", help="a model that dances: a file, or the name of a bundled one")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each dancer in a turn")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of the one dancer")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    with pinned() as core:
        dance = open_dance(options.model)
        rendered(dance, 1, 1.0)  # compiles what has to be, once
        commands = [to_bvh(options.model, options.minutes) for _ in range(min(3, options.turns))]
        turns = measure(dance, options.turns, options.seconds)
    middle, whole = medians(turns), statistics.median(commands)
    Console().print(table(middle))
    said = f"{options.minutes:g} minutes of one dancer to BVH, start included: {whole:.1f} s"
    print(f"{said} (median of {len(commands)}, best {min(commands):.1f}; limit {LIMIT:g})")
    print(f"{machine()['processor']}, one core ({core}), load {os.getloadavg()[0]:.1f}")
    if options.json:
        report = {"machine": machine(), "bvh_s": commands, "minutes": options.minutes, "us": turns}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if passed(whole, middle) else 1


def passed(whole: float, middle: Turn) -> bool:
    """Whether both limits are kept."""
    return whole < LIMIT and middle[STREAM] > TIMES * middle[RENDERED]


def table(middle: Turn) -> Table:
    """What a dancer's frame takes."""
    streams = [name for name in middle if name not in (RENDERED, STEPPED)]
    shown = Table(title=f"us for a dancer's frame; limit {TIMES:g} times {STREAM}")
    for column in ("", "us", *(f"{name} / this" for name in streams)):
        shown.add_column(column, justify="right" if column else "left")
    for name, took in middle.items():
        shown.add_row(name, f"{took:.1f}", *(f"{middle[stream] / took:.1f}" for stream in streams))
    return shown


if __name__ == "__main__":
    sys.exit(main())
