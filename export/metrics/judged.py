"""What a model has to reach and what it reached: the base of every report, a value of it, and a table for people."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from export.metrics.report import FAILED, PASSED
from export.whole import write_json


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What every evaluation says.

    Attributes:
        model: its name.
        file: that was measured.
        notes: what whoever reads the figures has to know.
        passed: whether all targets were reached.
    """

    model: str
    file: str
    notes: tuple[str, ...]
    passed: bool

    def save(self, path: Path) -> None:
        """Write JSON, whole or not at all.

        Raises:
            ConfigError: the place cannot be written.
        """
        write_json(path, self)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a model has to reach, what it reached (None: nothing to measure), and the end of the range."""

    what: str
    value: float | None
    limit: str
    passed: bool


def table(title: str, targets: Sequence[Target], number: Callable[[float | None], str]) -> Table:
    """Targets below each other; `number` writes values."""
    found = Table(title=title, title_justify="left")
    for heading in ("", "value", "target", ""):
        found.add_column(heading, no_wrap=True)
    for target in targets:
        found.add_row(target.what, number(target.value), target.limit, PASSED if target.passed else FAILED)
    return found
