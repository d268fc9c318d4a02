"""How long one step of each reference model takes in a loop without a pause: both heads, and PyTorch eager.

One core, one thread, one performer. A show costs more, as its caches grow cold between two frames: see bench_tick.py.

    python tools/bench_step.py --json step.json
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benching import Eager, Times, machine, pin
from rich.console import Console
from rich.table import Table

from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.runtime.realtime import undisturbed
from engine.schema.model import HeadKind
from engine.bench import reference
from engine.bench.reference import R1, R2, R3, Reference

TURNS = 10

STEPS = 200
"""Steps of a turn."""

Step = Callable[[], object]


def onnx(shape: Reference, kind: HeadKind, folder: Path) -> Step:
    """A step of ONNX Runtime, the head lazy or full."""
    path = folder / f"{shape.name}_{kind}.onnx"
    reference.write(shape, path, kind=kind)
    model = OnnxModel(load(path), 1)
    x, half, one = np.zeros((1, shape.features), np.float32), np.full(1, 0.5, np.float32), np.ones(1, np.float32)
    return lambda: model.step(x, half, one, one)


def steps(shape: Reference, folder: Path) -> dict[str, Step]:
    """Everything that can step a shape."""
    found: dict[str, Step] = {"lazy head": onnx(shape, "mdn-lazy", folder), "full head": onnx(shape, "mdn", folder)}
    try:
        found["PyTorch eager"] = Eager(shape).step
    except ImportError:
        print("PyTorch is not installed and is left out", file=sys.stderr)
    return found


def measure(rivals: dict[str, Step]) -> dict[str, Times]:
    """Let them take turns; the first turn of each only warms up."""
    kept: dict[str, list[int]] = {name: [] for name in rivals}
    for turn in range(TURNS + 1):
        for name, step in rivals.items():
            for _ in range(STEPS):
                begin = time.perf_counter_ns()
                step()
                if turn:
                    kept[name].append(time.perf_counter_ns() - begin)
    return {name: Times.of(durations) for name, durations in kept.items()}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args()
    core = pin()
    with tempfile.TemporaryDirectory() as folder, undisturbed():
        found = {shape.name: measure(steps(shape, Path(folder))) for shape in (R1, R2, R3)}
    about = machine() | {"core": str(core)}
    shown = Table(title=f"microseconds per step, p50 (p99), hot; {about['processor']}, core {core}")
    shown.add_column("")
    for name in next(iter(found.values())):
        shown.add_column(name, justify="right")
    for name, rivals in found.items():
        shown.add_row(name, *(f"{times.p50:.1f} ({times.p99:.1f})" for times in rivals.values()))
    Console().print(shown)
    if options.json:
        figures = {name: {rival: times._asdict() for rival, times in rivals.items()} for name, rivals in found.items()}
        options.json.write_text(json.dumps({"machine": about, "unit": "us", "hot": figures}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
