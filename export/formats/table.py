"""Formats by suffix; a module is imported when its format is asked for, as some need libraries that are large."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

from engine.schema.errors import ConfigError
from export.formats.options import Options
from export.recording import Recording

NUMBER = re.compile(r"%(0[1-9])?d")
"""A place for numbers in a name."""

MODULES: Mapping[str, str] = {
    ".bvh": "bvh",
    ".glb": "glb",
    ".usda": "usd",
    ".usdc": "usd",
    ".c3d": "c3d",
    ".csv": "spreadsheet",
    ".npy": "numpy_files",
    ".npz": "numpy_files",
    ".chan": "chan",
    ".clip": "clip",
    ".mid": "midi",
    ".mp4": "video",
    ".png": "sheet",
    ".gif": "gif",
}
"""The module of `export.formats` for each suffix."""

NUMBERED = "sequence"
"""That of names such as `dance-%05d.png`: a file for each picture, with its number."""

INSTALL = "pip install 'figurant[export]'"
"""What brings every library that a format needs."""


class Writer(Protocol):
    """Writes a whole recording into one new file.

    A writer that takes a while has the keyword `progress` as well, called with shares from 0 to 1. A module whose
    format holds a certain number of bodies at most says how many as `BODIES`, and one that holds pictures of a model
    says `PICTURES = True`; one that can tell before the work that a recording does not fit has `refuse(outline, path)`,
    which raises an `EngineError` then. Where a file of that name is not written as one, a module has
    `move(beside, path)`, which puts what was written into its place.
    """

    def __call__(self, recording: Recording, path: Path, options: Options) -> None:
        """Write it.

        Raises:
            EngineError: the recording has nothing that the format can hold.
        """
        ...


class Format(Protocol):
    """A module of `export.formats` that writes files."""

    write: Writer


def suffix(path: Path) -> str:
    """The known suffix of a file name, in small letters.

    Raises:
        ConfigError: no format has it.
    """
    found = path.suffix.lower()
    if found not in MODULES:
        ending = f"a name that ends in '{path.suffix}'" if path.suffix else "a name without a suffix"
        raise ConfigError(str(path), ending, f"one of {' '.join(MODULES)}")
    return found


def numbered(path: Path) -> bool:
    """Whether a name has a place for numbers, such as `%05d`."""
    return NUMBER.search(path.name) is not None


def find(path: Path) -> Format:
    """The module that writes a file of this name.

    Raises:
        ConfigError: no format has its suffix, or a library that the format needs is not installed.
    """
    name = NUMBERED if suffix(path) == ".png" and numbered(path) else MODULES[suffix(path)]
    try:
        module: Format = import_module(f"export.formats.{name}")
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "export":
            raise
        expected = f"'{missing}' to be installed, which {suffix(path)} files need"
        raise ConfigError(str(path), "a library that is missing", expected, INSTALL) from error
    return module
