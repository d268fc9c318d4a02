"""What an evaluation of signs found: values that are printed as tables and stored as JSON."""

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from export.metrics import judged
from export.metrics.judged import Judged, Target
from export.metrics.report import number

CONFUSED = 8
"""Pairs of signs that a table names."""


class SignLine(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate.

    Attributes:
        who: a model.
        right: share of the signs that were recognised, by the share of a sign that had been heard, in percent.
        calibration: expected calibration error, likewise.
        f1: of the classes, their mean, at the end.
        parameters: learned numbers.
    """

    who: str
    right: dict[str, float]
    calibration: dict[str, float]
    f1: float
    parameters: int | None = None


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One session of the model's own.

    Attributes:
        session: its name.
        signs: how many.
        right: share that was recognised at their ends.
        staged: share that a stage told once and rightly, of the session streamed.
        missed: signs that it did not tell.
        doubled: signs that it told more than once.
    """

    session: str
    signs: int
    right: float
    staged: float
    missed: int
    doubled: int


class SignReport(Judged, frozen=True, kw_only=True):
    """A whole evaluation; the first line is the model's own.

    Attributes:
        data: the recordings.
        signs: how many were measured.
        unknown: words that the model does not know, each with how many signs of it were left out.
        false: signs a minute that were told, or nearly, of hands at rest.
        labels: the classes.
        confusion: how often each sign, by row, was taken for another, at its end.
    """

    data: str
    signs: int
    unknown: dict[str, int]
    lines: tuple[SignLine, ...]
    sessions: tuple[SessionLine, ...]
    false: float
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    targets: tuple[Target, ...]

    def tables(self) -> list[Table]:
        """The candidates, the sessions, what was taken for what, the targets."""
        title = f"{self.model}: {self.signs} signs of {self.data}"
        found = [_candidates(title, self.lines), _sessions(self.sessions)]
        pairs = confused(np.array(self.confusion), CONFUSED)
        if pairs:
            found.append(_confused(self.labels, pairs))
        return [*found, judged.table("targets", self.targets, number)]


def confused(matrix: NDArray[np.int64], most: int) -> list[tuple[int, int, int]]:
    """Sign, what it was taken for and how often, the most frequent mistakes first."""
    wrong = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, wrong.shape)
    return [
        (int(row), int(column), int(wrong[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if wrong[row, column]
    ]


def _candidates(title: str, lines: tuple[SignLine, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    ours = lines[0]
    shares = [f"right at {share} %" for share in ours.right]
    errors = [f"ECE at {share} %" for share in ours.calibration]
    for heading in (*shares, *errors, "F1", "parameters"):
        table.add_column(heading, justify="right")
    for line in lines:
        figures = (*line.right.values(), *line.calibration.values(), line.f1)
        size = "-" if line.parameters is None else f"{line.parameters:_}".replace("_", " ")
        table.add_row(Text(line.who), *(f"{figure:.3f}" for figure in figures), size)
    return table


def _sessions(lines: tuple[SessionLine, ...]) -> Table:
    table = Table(title="sessions, whole signs and as a stage tells them", title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("signs", "right", "told rightly", "missed", "told twice"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        told = (f"{line.right:.3f}", f"{line.staged:.3f}", f"{line.missed}", f"{line.doubled}")
        table.add_row(Text(line.session), f"{line.signs}", *told)
    return table


def _confused(labels: tuple[str, ...], pairs: list[tuple[int, int, int]]) -> Table:
    table = Table(title="most often mistaken", title_justify="left")
    for heading in ("sign", "taken for", "times"):
        table.add_column(heading, no_wrap=True)
    for sign, other, times in pairs:
        table.add_row(Text(labels[sign]), Text(labels[other]), f"{times}")
    return table
