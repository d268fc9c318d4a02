"""What an evaluation of moving pictures found: values that are printed as tables and stored as JSON."""

import msgspec
from rich.table import Table

from export.metrics import judged
from export.metrics.judged import Judged, Target
from export.metrics.report import number


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate; free runs are means over the seeds.

    Attributes:
        who: its name.
        encoder: learned numbers of what looks at pictures.
        decoder: of what draws them.
        motion: of what moves.
        rebuilt: for `train`, `validation` and `test` the `Likeness` of pictures and their reconstructions.
        run: `Freedom` of the whole free runs.
        short: of their first 16 seconds.
        guarded: frames in which the engine's own guard stood in or that it began anew, share of all.
        memory: how far the mean of the next change moves when the last inputs are shuffled, in recorded deviations.
    """

    who: str
    encoder: int
    decoder: int
    motion: int
    rebuilt: dict[str, dict[str, float]]
    run: dict[str, float]
    short: dict[str, float]
    guarded: float
    memory: float


class PictureReport(Judged, frozen=True, kw_only=True):
    """A whole evaluation; the first line is the model's own, and its means over the seeds have to reach the targets."""

    minutes: float
    seeds: tuple[int, ...]
    pictures: tuple[Line, ...]
    targets: tuple[Target, ...]

    def tables(self) -> list[Table]:
        """The candidates beside each other, then the targets."""
        return [self._candidates(), judged.table("targets", self.targets, number)]

    def _candidates(self) -> Table:
        table = Table(title=f"{self.model}: {self.minutes:g} minutes of free running", title_justify="left")
        table.add_column("", no_wrap=True)
        for line in self.pictures:
            table.add_column(line.who, justify="right")
        for name, values in zip(rows(self.pictures[0]), zip(*map(values_of, self.pictures), strict=True), strict=True):
            table.add_row(name, *values)
        return table


def rows(line: Line) -> list[str]:
    """What a candidate's values are."""
    rebuilt = [f"rebuilt, {part}: {name}" for part, found in line.rebuilt.items() for name in found]
    runs = [f"{name}, {which}" for which in ("16 s", "whole run") for name in line.run]
    return ["parameters: encoder", "decoder", "motion", *rebuilt, *runs, "guarded", "memory"]


def values_of(line: Line) -> list[str]:
    """Its values, in that order."""
    sizes = [f"{size:_}".replace("_", " ") for size in (line.encoder, line.decoder, line.motion)]
    rebuilt = [f"{value:.4f}" for found in line.rebuilt.values() for value in found.values()]
    runs = [f"{value:.3f}" for found in (line.short, line.run) for value in found.values()]
    return [*sizes, *rebuilt, *runs, f"{line.guarded:.4f}", f"{line.memory:.3f}"]
