"""Packages that a kind of screen needs and that a show without it does without."""

import importlib
import sys
from types import ModuleType

from engine.schema.errors import ConfigError

SYSTEMS = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}


def bring(module: str, place: str, *, extra: str, system: str | None = None) -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: its name.
        place: the screen, for errors.
        extra: of our own package that installs it.
        system: as `sys.platform` has it, where it is for one alone.

    Raises:
        ConfigError: this is another system, or it is not installed.
    """
    if system not in (None, sys.platform):
        here = SYSTEMS.get(sys.platform, sys.platform)
        raise ConfigError(place, here, SYSTEMS[system], "mjpeg and shm work everywhere")
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:  # OSError: a library of the system that the package loads
        hint = f"pip install 'figurant[{extra}]'"
        raise ConfigError(place, f"no {module.partition('.')[0]} ({error})", "it to be installed", hint) from error
