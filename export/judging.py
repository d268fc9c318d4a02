"""Evaluations of models that do not dance: what measures each family, and how what was found is shown."""

from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from engine.schema.errors import ConfigError
from export import convlstm_evaluate, latent_evaluate, sign_evaluate, velocity_evaluate
from export.bar import bar
from export.metrics.moving_report import MovingReport
from export.metrics.picture_report import PictureReport
from export.metrics.sign_report import SignReport
from export.metrics.touch_report import TouchReport

FAMILIES = ("velocity", "latents", "frames", "signs")

MINUTES = 5.0
"""Of a free run of latent numbers."""

WIDE = 170
"""Columns of a table that goes to a file or a pipe."""

SEQUENCES = 500
"""Of moving digits."""

IDLE = {
    "velocity": ("minutes", "sequences"),
    "latents": ("data", "sequences"),
    "frames": ("data", "minutes"),
    "signs": ("minutes", "sequences"),
}
"""What families make nothing of: one that dances makes nothing of `sequences`."""

Report = TouchReport | PictureReport | MovingReport | SignReport


class Asked(NamedTuple):
    """What to measure a model on, as the command line says it; None where it does not say."""

    data: Path | None
    minutes: float | None
    seeds: tuple[int, ...]
    sequences: int | None
    beside: tuple[Path, ...]
    plot: Path | None


def check(family: str, asked: Asked) -> None:
    """Refuse what a family makes nothing of, before the work.

    Raises:
        ConfigError: it names the option.
    """
    for name in IDLE.get(family, ("sequences",)):
        if getattr(asked, name) is not None:
            raise ConfigError(f"--{name}", f"a model of the family {family}", "one that is measured with it")


def measured(family: str, model: Path, asked: Asked) -> Report:
    """Measure a model of one of `FAMILIES`.

    Raises:
        EngineError: as the family's own evaluation.
    """
    data, minutes, seeds, sequences, beside, plot = asked
    if family == "velocity":
        return velocity_evaluate.evaluate(model, data=data, seeds=seeds, beside=beside, plot=plot)
    if family == "signs":
        with bar() as told:
            return sign_evaluate.evaluate(model, data=data, beside=beside, plot=plot, progress=told)
    if family == "latents":
        length = MINUTES if minutes is None else minutes
        with bar() as told:
            return latent_evaluate.evaluate(model, minutes=length, seeds=seeds, beside=beside, plot=plot, progress=told)
    with bar() as told:
        return convlstm_evaluate.evaluate(
            model,
            sequences=SEQUENCES if sequences is None else sequences,
            seed=seeds[0],
            beside=beside,
            plot=plot,
            progress=told,
        )


def show(report: Report, console: Console) -> None:
    """Print tables and notes."""
    wide = console if console.is_terminal else Console(width=WIDE)
    for table in report.tables():
        wide.print(table)
    for note in report.notes:
        wide.print(note, style="dim", markup=False)
