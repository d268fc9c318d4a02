"""What was measured of the path of a memory, beside others: a table for people, and JSON."""

from collections.abc import Sequence

import msgspec
from rich.table import Table

from export.metrics.judged import Judged, Target, table
from export.metrics.report import number

TRUSTED = 0.85
STEADY = 0.05
CLEAR = 0.02

COLUMNS = {
    "weights": "weights",
    "mse": "error",
    "mse_raw": "error, raw",
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "recognised": "signs told",
    "step": "step / span",
    "moved": "moved / span",
    "held": "moved, held",
}
"""Headings of the figures of a line."""


class PathLine(msgspec.Struct, frozen=True, kw_only=True):
    """One map, measured on held-out memories; None where there is nothing to measure.

    Attributes:
        who: made it.
        weights: of its encoder, biases too.
        mse: mean square of what is lost on the way there and back, of memories whose numbers have variance 1.
        mse_raw: the same in the memory's own units: a network's output lies between -1 and 1.
        trustworthiness: 0 to 1, see `export.metrics.neighbours`; so with `continuity`.
        continuity: likewise.
        recognised: share of signs that the places where they ended tell, by those that were learned from.
        step: mean length of a step, in spans of the map.
        moved: mean distance that a place moves where another seed teaches, once the maps are laid upon each other.
        held: the same where the other training is told of the first map.
        seconds: of processor time to teach it.
    """

    who: str
    weights: int
    mse: float
    mse_raw: float
    trustworthiness: float
    continuity: float
    recognised: float | None = None
    step: float
    moved: float | None = None
    held: float | None = None
    seconds: float | None = None


class PathReport(Judged, frozen=True, kw_only=True):
    """A path that was trained; `model` is the name of the model whose memory it is, `file` the model with the path.

    Attributes:
        of: the model's file before.
        dims: numbers of a place.
        view: in which steps and movements are measured.
        states: tensors that are looked at.
        steps: of each part.
        streams: recordings or runs of each part.
        bytes_added: to the model's file.
        lines: the map and others.
        targets: what the map has to reach, and did.
    """

    of: str
    dims: int
    view: str
    states: tuple[str, ...]
    steps: dict[str, int]
    streams: dict[str, int]
    bytes_added: int
    lines: tuple[PathLine, ...]
    targets: tuple[Target, ...]

    def tables(self) -> list[Table]:
        """The maps beside each other, and the targets, for a terminal."""
        held = f"{self.steps['test']} steps of {self.streams['test']} that were held out"
        found = Table(title=f"{self.model}: a path of {self.dims} numbers, {held}", title_justify="left")
        found.add_column("")
        shown = [name for name in COLUMNS if any(getattr(line, name) is not None for line in self.lines)]
        for name in shown:
            found.add_column(COLUMNS[name], justify="right")
        for line in self.lines:
            found.add_row(line.who, *(_cell(getattr(line, name)) for name in shown))
        return [found, table("targets", self.targets, number)]


def targets(line: PathLine) -> tuple[Target, ...]:
    """What a map has to reach; nearness and clearness of signs alone, as they were set for these."""
    steady = line.held if line.held is not None else line.moved
    found = [
        Target(
            what="moved by another training" + ("" if line.held is None else " told of this map") + ", spans",
            value=steady,
            limit=f"< {STEADY:g}",
            passed=steady is not None and steady < STEADY,
        )
    ]
    if line.recognised is not None:
        trusted, clear = line.trustworthiness >= TRUSTED, line.mse <= CLEAR
        found += [
            Target(what="trustworthiness", value=line.trustworthiness, limit=f">= {TRUSTED:g}", passed=trusted),
            Target(what="error", value=line.mse, limit=f"<= {CLEAR:g}", passed=clear),
        ]
    return tuple(found)


def notes(lines: Sequence[PathLine]) -> tuple[str, ...]:
    """What a person should know of the figures."""
    ours = lines[0]
    kept = f"this one keeps {100 * (1 - ours.mse):.0f} % of the variance of held-out memories."
    found = [f"An error of 1 is a map that says nothing, 0 one that loses nothing; {kept}"]
    if ours.held is not None and ours.moved is not None and ours.moved >= STEADY:
        found.append(f"A training that is not told of this map moves it by {100 * ours.moved:.0f} % of its span.")
    if ours.trustworthiness < TRUSTED:
        found.append(
            "The memory has more dimensions than the map: read the path as a trace, not as a map of neighbours."
        )
    return tuple(found)


def _cell(value: float | None) -> str:
    return str(value) if isinstance(value, int) else number(value)
