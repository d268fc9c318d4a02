"""What an evaluation of foreseen pictures found: values that are printed as tables and stored as JSON."""

import msgspec
from rich.table import Table
from rich.text import Text

from export.metrics import judged
from export.metrics.judged import Judged, Target


class MovingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate.

    Attributes:
        who: a model, or a simple guess.
        mse: squared error of the pictures that are foreseen alone, summed over pixels, the mean over frames.
        frames: likewise, frame by frame.
        ssim: structural similarity of those pictures.
        trail: brightness where a digit was three frames ago, as a share of that where one is; None where all is black.
        next_mse: squared error of the next picture, where all before it were given.
        next_trail: as `trail`, of those.
        directions: error of the next picture by where digits move, as a share of the last picture's.
        parameters: learned numbers; None for a guess.
    """

    who: str
    mse: float
    frames: tuple[float, ...]
    ssim: float
    trail: float | None
    next_mse: float
    next_trail: float | None
    directions: dict[str, float]
    parameters: int | None = None

    @property
    def lopsided(self) -> float | None:
        """The worst direction over the best."""
        found = self.directions.values()
        return max(found) / min(found) if found and min(found) else None


class MovingReport(Judged, frozen=True, kw_only=True):
    """A whole evaluation; the first line is the model's own."""

    sequences: int
    seed: int
    lines: tuple[MovingLine, ...]
    targets: tuple[Target, ...]

    def tables(self) -> list[Table]:
        """The candidates, their errors frame by frame, the targets."""
        title = f"{self.model}: {self.sequences} sequences of digits that nobody has learned"
        return [_candidates(title, self.lines), _frames(self.lines), judged.table("targets", self.targets, _number)]


def _candidates(title: str, lines: tuple[MovingLine, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("MSE", "SSIM", "trail/hit", "next: MSE", "trail/hit", "worst/best direction", "parameters"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        figures = (line.mse, line.ssim, line.trail, line.next_mse, line.next_trail, line.lopsided)
        table.add_row(Text(line.who), *map(_number, figures), f"{line.parameters or '-'}")
    return table


def _frames(lines: tuple[MovingLine, ...]) -> Table:
    table = Table(title="MSE of each picture that is foreseen alone", title_justify="left")
    table.add_column("", no_wrap=True)
    for number in range(1, len(lines[0].frames) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for line in lines:
        table.add_row(Text(line.who), *(f"{error:.1f}" for error in line.frames))
    return table


def _number(value: float | None) -> str:
    """Tenths of errors, thousandths of shares; '-' for nothing."""
    return "-" if value is None else f"{value:.1f}" if abs(value) >= 5 else f"{value:.3f}"
