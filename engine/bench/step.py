"""How long a step takes, beside its rivals and against the floor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from engine.bench.candidates import FLOORS, rivals, subject
from engine.bench.results import Step
from engine.bench.turns import Measured, Rival, hot, paced
from engine.runtime.realtime import undisturbed

HOT = "hot"

Rivals = Callable[[str, Path, int, ExitStack], Sequence[Rival]]
"""Everybody who steps a model, the floors among them: its name, a folder for files, the batch, what closes them."""


def measure(models: Sequence[str], batches: Sequence[int], pace: str, seconds: float, folder: Path) -> Iterator[Step]:
    """Every candidate with each model in each batch, `seconds` for each.

    Raises:
        ModelError: a model cannot be stepped.
    """
    for name in models:
        measured = subject(name, folder)
        for batch in batches:
            with ExitStack() as opened:
                everybody = rivals(measured, batch, opened)
                yield from rows(everybody, measured.name, batch, pace, seconds)


def rows(everybody: Sequence[Rival], model: str, batch: int, pace: str, seconds: float) -> list[Step]:
    """Let them take turns; the higher of the floors is what the ratios are to."""
    with undisturbed():
        found = hot(everybody, seconds) if pace == HOT else paced(everybody, seconds, float(pace))
    floor = highest(found)
    return [
        Step(
            candidate=rival.name,
            model=model,
            batch=batch,
            pace=pace,
            median_us=found[rival.name].p50,
            p99_us=found[rival.name].p99,
            ratio_to_floor=round(found[rival.name].p50 / floor, 4),
            bytes=rival.reads,
            noise=found[rival.name].noise,
            steps=found[rival.name].steps,
        )
        for rival in everybody
    ]


def highest(found: Mapping[str, Measured]) -> float:
    """Microseconds of the higher floor."""
    return max(measured.p50 for name, measured in found.items() if name in FLOORS)
