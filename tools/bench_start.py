"""How long a start takes: from the command to the first datagram, and `import engine`, each as a process of its own.

The first start is not counted: it compiles the kernels and fills the caches.

    python tools/bench_start.py --json start.json

Exits with 1 unless the medians stay within 3 s and 0.6 s.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benching import machine
from rich.console import Console
from rich.table import Table

LIMITS = {"first datagram": 3.0, "import engine": 0.6}
"""Seconds."""

PATIENCE = 120.0
"""Seconds until a first start must have sent something."""


def first_datagram(model: Sequence[str]) -> float:
    """Seconds from the start of the command to the arrival of its first datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(PATIENCE)
        out = f"native://127.0.0.1:{listener.getsockname()[1]}"
        command = [str(Path(sys.executable).with_name("engine")), "serve", *model, "--out", out, "--for", "1s"]
        begin = time.perf_counter()
        engine = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            listener.recv(65536)
            return time.perf_counter() - begin
        finally:
            engine.terminate()
            engine.wait()


def importing() -> float:
    """Seconds that Python takes to import the engine and end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import engine"], check=True)
    return time.perf_counter() - begin


def measure(model: Sequence[str], runs: int) -> dict[str, list[float]]:
    """Seconds of each run, by what was measured."""
    first_datagram(model)
    found: dict[str, list[float]] = {name: [] for name in LIMITS}
    for _ in range(runs):
        found["first datagram"].append(first_datagram(model))
        found["import engine"].append(importing())
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a start is too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="what to serve; else the bundled dance")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    found = measure([options.model] if options.model else [], options.runs)
    shown = Table(title=f"seconds, {options.runs} runs; {machine()['processor']}")
    for column in ("", "median", "best", "worst", "limit"):
        shown.add_column(column, justify="right" if column else "left")
    for name, seconds in found.items():
        figures = (statistics.median(seconds), min(seconds), max(seconds), LIMITS[name])
        shown.add_row(name, *(f"{figure:.2f}" for figure in figures))
    Console().print(shown)
    if options.json:
        report = {"machine": machine(), "unit": "s", "limits": LIMITS, "runs": found}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(statistics.median(found[name]) < limit for name, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
