"""How long a step takes, beside its rivals and against the floor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from engine.bench.candidates import FLOORS, rivals, subject
from engine.bench.results import Step
from engine.bench.turns import Measured, Rival, hot, paced
from engine.runtime.realtime import undisturbed

HOT = "hot"

Floor = Callable[[Mapping[str, Measured]], float]
"""Microseconds that nobody can beat, from what was measured."""


def measure(name: str, batch: int, pace: str, seconds: float, folder: Path) -> Iterator[Step]:
    """Every candidate with a model in a batch, `seconds` for each; `folder` is for files of reference models.

    Raises:
        ModelError: a model cannot be stepped.
    """
    measured = subject(name, folder)
    with ExitStack() as opened:
        yield from rows(rivals(measured, batch, opened), measured.name, batch, pace, seconds)


def highest(found: Mapping[str, Measured]) -> float:
    """Microseconds of the higher floor."""
    return max(measured.p50 for name, measured in found.items() if name in FLOORS)


def rows(
    everybody: Sequence[Rival], model: str, batch: int, pace: str, seconds: float, *, floor: Floor = highest
) -> list[Step]:
    """Let them take turns; ratios are to the `floor`."""
    with undisturbed():
        found = hot(everybody, seconds) if pace == HOT else paced(everybody, seconds, float(pace))
    lowest = floor(found)
    return [
        Step(
            candidate=rival.name,
            model=model,
            batch=batch,
            pace=pace,
            median_us=found[rival.name].p50,
            p99_us=found[rival.name].p99,
            ratio_to_floor=round(found[rival.name].p50 / lowest, 4),
            bytes=rival.reads,
            noise=found[rival.name].noise,
            steps=found[rival.name].steps,
        )
        for rival in everybody
    ]
