"""Recordings of every known kind, told by their suffix, or a folder of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.schema.errors import DataError
from export.data import arrays, bvh, cmu, points, takes
from export.data.clip import Clip
from export.data.place import locate


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a file cannot be trusted with; what is left out is taken from the file.

    Attributes:
        fps: the true frame rate.
        unit: of lengths: 'm', 'cm', 'mm', 'in' or metres per unit.
        drop: frames to leave out at the start, such as a T-pose.
        own: keep a BVH file's own joints even if they give the 20 joints of `CORE20`.
        layout: the JSON that describes an array.
    """

    fps: float | None = None
    unit: str | float | None = None
    drop: int = 0
    own: bool = False
    layout: str | Path | None = None


def read(
    path: str | Path,
    *,
    fps: float | None = None,
    unit: str | float | None = None,
    drop: int = 0,
    own: bool = False,
    layout: str | Path | None = None,
) -> list[Clip]:
    """Every clip of a file, or of the files in a folder in natural order; other files in a folder are passed over.

    Args:
        path: .npz, .npy, .bvh, .bvh.gz, a take (.mcap) or a folder; a relative one that does not exist here is looked
            for in the data folder.
        fps: see `Options`, as for all that follow.
        unit: likewise.
        drop: likewise.
        own: likewise.
        layout: likewise.

    Raises:
        DataError: nothing there, an empty folder, a foreign file, anything that a reader refuses.
    """
    options = Options(fps=fps, unit=unit, drop=drop, own=own, layout=layout)
    found = locate(path)
    if not found.is_dir():
        return _read(found, options)
    try:
        files = sorted((file for file in found.iterdir() if _is_recording(file)), key=_natural)
    except OSError as error:
        raise DataError(str(found), str(error.strerror), "a readable folder") from error
    if not files:
        raise DataError(str(found), "a folder without recordings", f"files named {', '.join(READERS)}")
    return [clip for file in files for clip in _read(file, options)]


def _read(path: Path, options: Options) -> list[Clip]:
    reader = READERS.get(_suffix(path))
    if reader is None:
        raise DataError(str(path), f"a file named '{path.name}'", f"a name that ends in {', '.join(READERS)}")
    return reader(path, options)


def _bvh(path: Path, options: Options) -> list[Clip]:
    return [bvh.read(path, fps=options.fps, unit=options.unit, drop=options.drop, own=options.own)]


def _points(path: Path, options: Options) -> list[Clip]:
    clip = points.read(path, layout=options.layout, fps=options.fps, unit=options.unit)
    return [_dropped(clip, options.drop)]


def _npz(path: Path, options: Options) -> list[Clip]:
    loaded = arrays.load(path)
    if takes.is_export(loaded):
        return _several(path, takes.exported(path, loaded), options)
    return _several(path, cmu.read(path), options) if "clip_start" in loaded else _points(path, options)


def _take(path: Path, options: Options) -> list[Clip]:
    return _several(path, takes.read(path), options)


def _several(path: Path, clips: list[Clip], options: Options) -> list[Clip]:
    if options.unit is not None:
        raise DataError(f"{path}: unit", str(options.unit), "none, as such a file is in metres")
    kept = [_dropped(clip, options.drop) for clip in clips]
    return kept if options.fps is None else [replace(clip, fps=options.fps) for clip in kept]


READERS: dict[str, Callable[[Path, Options], list[Clip]]] = {
    ".bvh": _bvh,
    ".bvh.gz": _bvh,
    ".npy": _points,
    ".npz": _npz,
    ".mcap": _take,
}
"""What reads a file, by the end of its name."""


def _dropped(clip: Clip, drop: int) -> Clip:
    if not 0 <= drop <= len(clip) - 2:
        raise DataError(clip.place, f"{len(clip)} frames, {drop} to drop", "at least 2 frames to stay")
    return clip.part(drop, len(clip)) if drop else clip


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in READERS if name.endswith(suffix)), "")


def _is_recording(path: Path) -> bool:
    return bool(_suffix(path)) and path.is_file() and not path.name.startswith(".")


def _natural(path: Path) -> list[tuple[int, str]]:
    """Numbers by value, so that dance2 stands before dance10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]
