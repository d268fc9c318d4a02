"""New take files of old ones: there whole or not at all, and never over another file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.schema.errors import DataError
from engine.takes.facts import gather
from engine.takes.names import SUFFIX
from engine.takes.values import Header
from engine.takes.writer import TakeWriter


def free(path: Path) -> Path:
    """The path, if a new take can have it.

    Raises:
        DataError: there is such a file, there is no such folder, or it is no name for a take.
    """
    if path.suffix != SUFFIX:
        raise DataError(str(path), f"the ending {path.suffix!r}", f"a file whose name ends in {SUFFIX}")
    if path.exists():
        raise DataError(str(path), "there is such a file", "a new one", "nothing is ever written over")
    if not path.parent.is_dir():
        raise DataError(str(path), f"no such folder '{path.parent}'", "a folder that is there")
    return path


@contextmanager
def fresh(path: Path, header: Header) -> Iterator[TakeWriter]:
    """A writer whose file gets its name when it was written and read again; until then it is named `.partial`.

    Raises:
        DataError: as `free`, or it cannot be written.
    """
    partial = free(path).with_name(f"{path.name}.partial")
    try:
        with partial.open("wb", buffering=0) as file:
            writer = TakeWriter(file, path, header)
            yield writer
            writer.close()
        damage = gather(partial).damage
        if damage:
            raise DataError(str(path), f"what would stand there is broken: {damage}", "a take that can be read")
        free(path)
        partial.replace(path)
    except OSError as error:
        raise DataError(str(path), error.strerror or str(error), "a place that can be written") from error
    finally:
        partial.unlink(missing_ok=True)
