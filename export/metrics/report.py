"""What an evaluation found: values that are printed as a table and stored as JSON."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from export.metrics.targets import NAMES
from export.whole import write_json


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        name: of the metric.
        unit: of its values.
        value: mean over the seeds; None where it could not be measured.
        spread: greatest less smallest over the seeds.
        seeds: one value per seed.
        target: the range that the value has to lie in, as text; '' where none is asked.
        low: lower end of that range, where it has one.
        high: upper end.
        reason: why the target stands there.
        baseline: what the recordings, the simplest models and the models beside measure; None where it says nothing.
        passed: whether the value lies in the range; None where none is asked.
    """

    name: str
    unit: str
    value: float | None
    spread: float | None = None
    seeds: tuple[float | None, ...] = ()
    target: str = ""
    low: float | None = None
    high: float | None = None
    reason: str = ""
    baseline: dict[str, float | None] = {}
    passed: bool | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole evaluation.

    Attributes:
        model: name of the model.
        file: where it lies.
        data: the set of targets, 'cmu' or 'seed55'.
        held_out: names of the held-out clips.
        minutes: length of each free run.
        frames: that length in frames.
        seeds: of the runs.
        temperature: of the runs.
        metrics: the table.
        notes: what a reader has to know about the figures.
        passed: whether every target is reached.
    """

    model: str
    file: str
    data: str
    held_out: tuple[str, ...]
    minutes: float
    frames: int
    seeds: tuple[int, ...]
    temperature: float
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...]
    passed: bool

    def save(self, path: Path) -> None:
        """Write JSON, whole or not at all.

        Raises:
            ConfigError: the place cannot be written.
        """
        write_json(path, self)

    def table(self) -> Table:
        """The metrics beside their targets and baselines, for a terminal."""
        runs = f"{self.frames} frames x seeds {', '.join(map(str, self.seeds))}, temperature {self.temperature:g}"
        caption = "\n".join(self.notes)
        title = f"{self.model} ({self.data}): {runs}"
        table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
        columns = baselines(self.metrics)
        table.add_column("metric", no_wrap=True)
        for heading in ("value", "spread"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("target")
        table.add_column("")
        for name in columns:
            table.add_column(NAMES.get(name, name), justify="right", style="dim")
        for metric in self.metrics:
            known = (number(metric.baseline.get(name)) for name in columns)
            mark = Text("-") if metric.passed is None else PASSED if metric.passed else FAILED
            label = f"{metric.name} [{metric.unit}]" if metric.unit else metric.name
            table.add_row(Text(label), number(metric.value), number(metric.spread), metric.target, mark, *known)
        return table


PASSED = Text("passed", style="green")
FAILED = Text("failed", style="bold red")


def baselines(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Every baseline that a metric has a value of, in the order of first mention."""
    return tuple(
        dict.fromkeys(name for metric in metrics for name, value in metric.baseline.items() if value is not None)
    )


def number(value: float | None) -> str:
    """Three digits, '-' for nothing."""
    if value is None or value == 0:
        return "-" if value is None else "0"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"
