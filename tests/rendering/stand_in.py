"""A format of the tests' own, which can fail in every way that a real one does."""

import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.schema.errors import DataError
from export.formats import table
from export.formats.options import Options
from export.formats.table import Format
from export.recording import Recording

SUFFIX = ".npy"
"""Whose place it takes."""

Failure = Callable[[Path], object]


def full(_: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def stopped(_: Path) -> None:
    raise KeyboardInterrupt


def unfit(path: Path) -> None:
    raise DataError(str(path), "no bodies", "somebody who dances")


def broken(_: Path) -> None:
    raise RuntimeError("a library's own words")


def install(patch: pytest.MonkeyPatch, *, bodies: int | None = None, failure: Failure | None = None) -> None:
    """Let the format write who is in a file, and fail halfway if it is told to."""

    def write(recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object]) -> None:
        progress(0.5)
        path.write_text(" ".join([options.unit, *(str(one.number) for one in recording.performers)]))
        if failure is not None:
            failure(path)

    module = SimpleNamespace(write=write) if bodies is None else SimpleNamespace(write=write, BODIES=bodies)
    find = table.find
    patch.setattr(table, "find", lambda path: cast("Format", module) if path.suffix == SUFFIX else find(path))
