"""Recorded signs of every known kind, told by their suffix: a file, a folder of them, or an archive (.tar.gz)."""

import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from engine.gestures import stack, table, tsd
from engine.gestures.recording import LARGEST, MOST_FILES, MOST_NUMBERS, Recording, check_rate, joined, natural
from engine.schema.errors import DataError

READERS: dict[str, Callable[..., Recording]] = {".tsd": tsd.read, ".csv": table.read, ".npz": stack.read}
"""What reads a file, by the end of its name."""

ARCHIVES = (".tar.gz", ".tgz", ".tar")

MOST_BYTES = 16 * MOST_NUMBERS
"""Of all files together: as text a number takes up to sixteen."""

BROKEN = (tarfile.TarError, OSError, EOFError, zlib.error)
"""What archives raise that are damaged or foreign."""


class _File(NamedTuple):
    """One file: its name in its folder or archive, and what is in it."""

    name: PurePosixPath
    raw: bytes


def read(path: Path, *, rate: float | None = None) -> Recording:
    """All signs of a file, of a folder and the folders within, or of an archive; other files in these are passed over.

    The session of a sign is what its file says, else the name of its folder, or of its file where that has many signs.

    Args:
        path: .tsd, .csv or .npz, a folder, or an archive (.tar.gz, .tgz, .tar).
        rate: the true number of samples per second; None: as the files say, else 100.

    Raises:
        DataError: nothing there, a foreign or broken file, too large a one, anything that a reader refuses.
    """
    if rate is not None:
        check_rate(rate, str(path))
    if path.is_dir():
        return joined(_parts(_folder(path), path, rate), str(path))
    if path.name.lower().endswith(ARCHIVES):
        return joined(_parts(_members(path), path, rate), str(path))
    if path.suffix.lower() not in READERS:
        expected = f"a folder, or a name that ends in {', '.join((*READERS, *ARCHIVES))}"
        found = f"a file named '{path.name}'" if path.exists() else "no such file or folder"
        raise DataError(str(path), found, expected)
    return _read(_File(PurePosixPath(path.resolve().parent.name, path.name), _bytes(path)), str(path), rate)


def _parts(files: Iterator[_File], path: Path, rate: float | None) -> Iterator[Recording]:
    """What is in each file; the first that is too much ends it."""
    size = 0
    for count, file in enumerate(files, 1):
        size += len(file.raw)
        if count > MOST_FILES or size > MOST_BYTES:
            found = f"at least {count} files of {size} bytes"
            raise DataError(str(path), found, f"at most {MOST_FILES} files of {MOST_BYTES} bytes together")
        yield _read(file, f"{path}/{file.name}", rate)


def _read(file: _File, place: str, rate: float | None) -> Recording:
    reader = READERS[file.name.suffix.lower()]
    return reader(file.raw, file.name.stem, file.name.parent.name, place, rate=rate)


def _folder(path: Path) -> Iterator[_File]:
    try:
        found = sorted(path.rglob("*"), key=lambda file: natural(file.relative_to(path).as_posix()))
        files = [file for file in found if _is_recording(file.name) and file.is_file()]
    except OSError as error:
        raise DataError(str(path), str(error.strerror), "a readable folder") from error
    for file in files:
        name = PurePosixPath(path.resolve().name, file.relative_to(path).as_posix())
        yield _File(name.relative_to(name.parts[0]) if len(name.parts) > 2 else name, _bytes(file))


def _members(path: Path) -> Iterator[_File]:
    """Those of an archive, read in order: it is never unpacked."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if member.isdir():
                    continue
                _check(member, path)
                name = PurePosixPath(member.name)
                content = archive.extractfile(member) if _is_recording(name.name) else None
                if content is not None:
                    yield _File(name, content.read())
    except BROKEN as error:
        found = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise DataError(str(path), str(found), "a readable archive") from error


def _check(member: tarfile.TarInfo, path: Path) -> None:
    place = f"{path}/{member.name}"
    if not member.isfile():
        raise DataError(place, "a link or a device", "plain files alone")
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise DataError(place, "a way out of the archive", "names of folders and files within")
    if member.size > LARGEST:
        raise DataError(place, f"{member.size} bytes", f"at most {LARGEST}")


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DataError(str(path), f"{size} bytes", f"at most {LARGEST}")
        return path.read_bytes()
    except OSError as error:
        raise DataError(str(path), str(error.strerror), "a readable file") from error


def _is_recording(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in READERS and not name.startswith(".")
