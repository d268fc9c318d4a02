"""Where recordings lie: the folder that ENGINE_DATA names, else ../shared/data beside the checkout."""

import os
from pathlib import Path

from engine.schema.errors import DataError

VARIABLE = "ENGINE_DATA"


def folder() -> Path:
    """The data folder; it need not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"


def locate(path: str | Path) -> Path:
    """The path itself, or the one of that name in the data folder.

    Raises:
        DataError: neither exists.
    """
    asked = Path(path)
    for candidate in (asked, folder() / asked):
        if candidate.exists():
            return candidate
    hint = "" if asked.is_absolute() else f"also looked in {folder()}; {VARIABLE} names another folder"
    raise DataError(str(asked), "no such file or folder", "a recording", hint)
