"""Files of what was performed: checked before the work, written beside their places, and moved there once whole."""

import contextlib
import inspect
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.schema.errors import ConfigError, DataError, EngineError
from export.formats import table
from export.formats.options import Options
from export.formats.table import Format
from export.recording import Outline, Recording

EXPECTED = "a file that can be written"

SHOWS = ".mp4, .gif, .png, .npz, .npy or dance-%05d.png"
"""What holds pictures of a model."""

PROBE = 1 << 20
"""Bytes that have to fit on a disk that has room."""

Progress = Callable[[float], object]


class Target(NamedTuple):
    """A file that is asked for, and the module that writes it."""

    path: Path
    format: Format

    @property
    def bodies(self) -> int | None:
        """How many bodies the format holds at most; None: any number."""
        most: int | None = getattr(self.format, "BODIES", None)
        return most

    def refuse(self, outline: Outline) -> None:
        """Refuse what the format cannot hold, as far as it is known before the work.

        Raises:
            EngineError: it cannot.
        """
        if outline.pictures and not getattr(self.format, "PICTURES", False):
            raise DataError(str(self.path), "pictures", "bodies or keys", f"write {SHOWS}")
        if self.bodies == 0 and not outline.pictures:
            raise DataError(str(self.path), "no pictures of a model", "some", "a file for each is for these alone")
        check: Callable[[Outline, Path], object] | None = getattr(self.format, "refuse", None)
        if check is not None:
            check(outline, self.path)


def targets(paths: Sequence[Path], outline: Outline | None = None) -> list[Target]:
    """What writes these files; missing folders are made, and each is seen to take a file.

    Args:
        paths: of the files.
        outline: of what will be written, where it is known.

    Raises:
        ConfigError: as `known`; or a place that cannot be written.
        EngineError: as `Target.refuse`.
    """
    found = known(paths)
    for target in found:
        if outline is not None:
            target.refuse(outline)
    for target in found:
        _try(target.path)
    return found


def known(paths: Sequence[Path]) -> list[Target]:
    """What writes these files.

    Raises:
        ConfigError: a suffix that no format has, a library that is missing, or one place twice.
    """
    found: dict[Path, Target] = {}
    for path in paths:
        place = path.expanduser()
        target = Target(place, table.find(place))
        if place.resolve() in found:
            raise ConfigError(str(place), "the same file twice", "a place of its own for each")
        found[place.resolve()] = target
    return list(found.values())


def places(target: Target, numbers: Sequence[int]) -> list[tuple[Path, list[int]]]:
    """The files that a target is written to for these performers, and who is in each.

    A format that cannot hold all of them gets a file for each performer, `dance-p1.bvh`, `dance-p2.bvh`.
    """
    path, most = target.path, target.bodies
    if most is None or len(numbers) <= most:
        return [(path, list(numbers))]
    return [(path.with_stem(f"{path.stem}-p{number}"), [number]) for number in numbers]


def produce(
    recording: Recording, wanted: Sequence[Target], options: Options, progress: Progress = lambda _: None
) -> list[Path]:
    """Write a recording; a file that is there already is replaced once the new one is whole.

    Whatever ends it, no broken file is left.

    Args:
        recording: what was performed.
        wanted: as `targets` gives them.
        options: what a person says about the files.
        progress: told the share that is done.

    Returns:
        The files that were written.

    Raises:
        EngineError: the recording has nothing that a format can hold; or a disk is full.
    """
    for target in wanted:
        target.refuse(recording.outline)
    jobs = list(_jobs(recording, wanted))
    for done, (target, path, part) in enumerate(jobs):
        share = partial(_report, progress, done, len(jobs))
        write(target.format, part, path, options, share)
        share(1.0)
    return [path for _, path, _ in jobs]


def write(form: Format, recording: Recording, path: Path, options: Options, progress: Progress) -> None:
    """Write one file, whole or not at all; errors as for `produce`."""
    beside = partial_name(path)
    more = {"progress": progress} if "progress" in inspect.signature(form.write).parameters else {}
    try:
        form.write(recording, beside, options, **more)
        move: Callable[[Path, Path], object] = getattr(form, "move", Path.replace)
        move(beside, path)
    except EngineError as error:
        place = str(path) if error.place == str(beside) else error.place  # nobody knows the name beside it
        raise type(error)(place, error.found, error.expected, error.hint) from error
    except OSError as error:
        raise _unwritten(path, error) from error
    except (RuntimeError, ValueError, SystemError) as error:  # what libraries written in C make of a full disk
        _probe(beside, path, error)
        raise
    finally:
        _remove(beside)


def _remove(beside: Path) -> None:
    """Take away what was not finished."""
    if beside.is_dir():
        shutil.rmtree(beside, ignore_errors=True)
    with contextlib.suppress(OSError):
        beside.unlink(missing_ok=True)


def partial_name(path: Path) -> Path:
    """Where a file is written until it is whole; with its suffix, by which libraries choose what they write."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def _report(progress: Progress, done: int, count: int, share: float) -> None:
    progress((done + share) / count)


def _jobs(recording: Recording, wanted: Sequence[Target]) -> Iterator[tuple[Target, Path, Recording]]:
    for target in wanted:
        for path, numbers in places(target, [one.number for one in recording.performers]):
            those = tuple(one for one in recording.performers if one.number in numbers)
            yield target, path, replace(recording, performers=those)


def _try(path: Path) -> None:
    """Refuse a place where no file can be written."""
    if path.is_dir():
        raise ConfigError(str(path), "a folder", "a file")
    beside = partial_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch()
        beside.unlink()
    except OSError as error:
        raise _unwritten(path, error) from error


def _probe(beside: Path, path: Path, cause: Exception) -> None:
    """Raise what is wrong with the disk, if anything is."""
    try:
        with (beside / "probe" if beside.is_dir() else beside).open("ab") as file:
            file.write(bytes(PROBE))
    except OSError as error:
        raise _unwritten(path, error) from cause


def _unwritten(path: Path, error: OSError) -> ConfigError:
    return ConfigError(str(path), error.strerror or str(error) or "not writable", EXPECTED)
