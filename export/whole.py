"""Files that are written whole or not at all."""

import contextlib
from pathlib import Path

import msgspec

from engine.schema.errors import ConfigError


def write(path: Path, contents: bytes) -> None:
    """Write a file beside its place and move it there; missing folders are made.

    Raises:
        ConfigError: the place cannot be written.
    """
    part = path.parent / f"{path.name}.partial"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(contents)
        part.replace(path)
    except OSError as error:
        raise ConfigError(str(path), error.strerror or "not writable", "a file that can be written") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that a person can read.

    Raises:
        ConfigError: the place cannot be written.
    """
    write(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
