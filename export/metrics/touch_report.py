"""What an evaluation of touch found: values that are printed as tables and stored as JSON."""

import msgspec
from rich.table import Table
from rich.text import Text

from export.metrics import judged
from export.metrics.judged import Judged, Target
from export.metrics.velocity import Errors, Spread


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate on one set; `nll` in nats per note, where it gives a density."""

    who: str
    errors: Errors
    nll: float | None = None


class SetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on one set, whose velocities were heard or not; the first line is the model's own."""

    name: str
    heard: bool
    pieces: int
    notes: int
    lines: tuple[Line, ...]
    spread: Spread
    targets: tuple[Target, ...]


class TouchReport(Judged, frozen=True, kw_only=True):
    """A whole evaluation of a model of touch."""

    seeds: tuple[int, ...]
    sets: tuple[SetReport, ...]

    def tables(self) -> list[Table]:
        """For each set the candidates, then the targets."""
        return [table for one in self.sets for table in (_candidates(one), _targets(one))]


def _candidates(one: SetReport) -> Table:
    title = f"{_titled(one)}: {one.pieces} pieces, {one.notes} notes"
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("MAE", "RMSE", "MAE level", "RMSE level", "r", "std", "least std", "NLL", "spread", "KL"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in one.lines:
        e = line.errors
        figures = (e.mae, e.rmse, e.mae_level, e.rmse_level, e.r, e.std, e.least_std, line.nll)
        drawn = (one.spread.ratio, one.spread.kl) if line is one.lines[0] else (None, None)
        table.add_row(Text(line.who), *map(_number, (*figures, *drawn)))
    return table


def _targets(one: SetReport) -> Table:
    return judged.table(f"{_titled(one)}: targets", one.targets, _number)


def _titled(one: SetReport) -> str:
    return f"{one.name}, {'heard' if one.heard else 'flat'}"


def _number(value: float | None) -> str:
    """Hundredths of a velocity, thousandths of what is near 1 or below; '-' for nothing."""
    return "-" if value is None else f"{value:.2f}" if abs(value) >= 2 else f"{value:.3f}"
