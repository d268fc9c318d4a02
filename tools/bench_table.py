"""The table of BENCHMARKS in the README, from the figures that `engine bench` kept.

engine bench --plot docs/bench.png --json bench.json
python tools/bench_table.py bench.json            print it
python tools/bench_table.py bench.json --write    put it into the README, between its marks
"""

import argparse
import sys
from pathlib import Path

import msgspec
from readme_table import README, fill, table

from engine.bench.candidates import FLOORS
from engine.bench.crowd import PACES, most
from engine.bench.results import Report, Step
from engine.bench.step import HOT
from engine.bench.tables import number

NAME = "benchmarks"
"""Of the marks."""

WAYS = ((HOT, 1), ("60", 1), (HOT, 64))
"""Pace and batch of the columns, as far as they were measured."""


def steps(rows: tuple[Step, ...]) -> str:
    """Microseconds and times the floor: a row for each model and candidate."""
    found = {(row.model, row.candidate, row.pace, row.batch): row for row in rows}
    ways = [way for way in WAYS if any((row.pace, row.batch) == way for row in rows)]
    lines = []
    for model, candidate in dict.fromkeys((row.model, row.candidate) for row in rows):
        cells = [_cell(found.get((model, candidate, *way)), candidate) for way in ways]
        lines.append((model, f"`{candidate}`", *cells))
    heads = [f"{'hot' if pace == HOT else pace + ' fps'}, {batch} at a time" for pace, batch in ways]
    return table(("", "who", *heads), lines)


def _cell(row: Step | None, candidate: str) -> str:
    if row is None:
        return ""
    ratio = "" if candidate in FLOORS else f" ({number(row.ratio_to_floor)}x)"
    return f"{number(row.median_us)}{ratio}"


def rest(report: Report) -> str:
    """Everything else in a line each."""
    lines = []
    if report.crowd:
        sizes = " and ".join(f"{most(report.crowd, pace)} at {pace} fps" for pace in PACES)
        lines.append(f"Dancers on one core without a late frame: {sizes}.")
    lines += [
        f"Lateness at {row.fps:g} fps, {row.load}, {row.clock}, rights {row.rights}: "
        f"p50 {number(row.p50_us)}, p99 {number(row.p99_us)} us."
        for row in report.clock or ()
    ]
    if report.start:
        lines.append(f"From the command to the first datagram: {report.start.first_datagram_s:.2f} s.")
    found = report.footprint
    if found and found.cpu_share is not None and found.rss_mb is not None:
        lines.append(
            f"`engine serve --fps {found.fps:g}`: {100 * found.cpu_share:.1f} % of a core, {found.rss_mb:g} MB."
        )
    return "\n".join(f"- {line}" for line in lines)


def text(report: Report) -> str:
    """What stands between the marks."""
    machine = report.machine
    on = f"On an {machine['processor']}, {machine['cores']} cores, Python {machine['python']}."
    noise = max((row.noise for row in report.step or ()), default=0.0)
    parts = [f"{on} Noise of the medians: up to {100 * noise:.0f} %."]
    if report.step:
        parts.append(steps(report.step))
    return "\n\n".join([*parts, rest(report)]).rstrip()


def main() -> int:
    """Print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, help="what engine bench --json wrote")
    parser.add_argument("--write", action="store_true", help="put it into the README")
    options = parser.parse_args()
    made = text(msgspec.json.decode(options.figures.read_bytes(), type=Report))
    if options.write:
        README.write_text(fill(README.read_text(encoding="utf-8"), {NAME: made}), encoding="utf-8")
    else:
        print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
