"""Films that models of pictures learn from, split into those that train, choose and test."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.footage import folder, stack
from engine.footage.footage import Shot
from engine.footage.open_footage import READABLE, is_footage, open_footage, pictures
from engine.schema.errors import DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from engine.source import File, halves, parse
from export import sources
from export.data import place, splits
from export.data.silhouettes import View, silhouettes

SAMPLE = "silhouette_sample/cmu_silhouettes_120x208_10fps.npz"
"""Where the sample lies in the data folder: black figures on white."""

CLIPS = "clips"
"""Begins a source that is drawn from recordings of bodies."""

MOST_BYTES = 4 << 30
"""Of a film, as it is held in memory."""

FEW = 3
"""Films below which each of them is split in time."""

TEST, VALIDATION = 0.15, 0.1
"""Shares of films, or of a film's pictures, that test and that choose."""

GAP = 3.2
"""Seconds left out between two parts of one film, as between those of a recording."""


class Film(NamedTuple):
    """Pictures in a row without a cut.

    Attributes:
        name: unique within its source.
        frames: (T, H, W) uint8; of silhouettes the figure is 255 and the ground 0.
        fps: frames per second.
    """

    name: str
    frames: U8
    fps: float


Films = dict[str, list[Film]]
"""`train`, `validation` and `test`."""


def films(source: str, size: Size, fps: float, *, view: View | None = None) -> Films:
    """The films of a source, split by whole films, or in time where there are fewer than three.

    Args:
        source: `silhouettes`, the sample of the data folder; `clips`, the CMU dances drawn as silhouettes, or
            `clips:PATH`, any recordings of bodies; else a film, a stack of arrays, or a folder of pictures or of
            films, with options behind it as a show takes them, such as `?fit=contain&invert=true`.
        size: that the pictures are fitted to.
        fps: that they are brought to.
        view: how bodies are drawn; None takes the sample's view.

    Raises:
        ConfigError: no such file or option.
        DataError: nothing readable, too short to be split, or more than there is room for.
    """
    if source == "silhouettes":
        return split(_read(File(path=place.locate(SAMPLE), invert=True), size, fps))
    name, _, path = source.partition(":")
    if name == CLIPS:
        return _drawn(sources.load(path or "cmu"), size, fps, view or View())
    if view is not None:
        raise DataError("view", f"one of '{source}'", "bodies to be seen", "clips or clips:PATH")
    return split([film for asked in _each(_asked(source)) for film in _read(asked, size, fps)])


def split(found: Sequence[Film]) -> Films:
    """CMU trials as they always are; else the last films are held out; fewer than three are split in time.

    Raises:
        DataError: no films, or one too short to be split.
    """
    if not found:
        raise DataError("films", "none", "at least one")
    held = {"validation": splits.VALIDATION, "test": splits.TEST}
    parts: Films = {"train": [], "validation": [], "test": []}
    if any(splits.trial(film.name) in splits.TEST | splits.VALIDATION for film in found):
        for film in found:
            trial = splits.trial(film.name)
            parts[next((part for part, names in held.items() if trial in names), "train")].append(film)
        return parts
    if len(found) < FEW:
        return {part: [cut[part] for cut in map(_cut, found)] for part in parts}
    tests, chosen = (max(round(len(found) * share), 1) for share in (TEST, VALIDATION))
    first_test = len(found) - tests
    first_chosen = first_test - chosen
    return {
        "train": list(found[:first_chosen]),
        "validation": list(found[first_chosen:first_test]),
        "test": list(found[first_test:]),
    }


def _cut(film: Film) -> dict[str, Film]:
    """One film in three parts, with gaps between."""
    length, gap = len(film.frames), max(round(GAP * film.fps), 1)
    first_test = length - round(length * TEST)
    stop_chosen = first_test - gap
    first_chosen = stop_chosen - round(length * VALIDATION)
    edges = {
        "train": (0, first_chosen - gap),
        "validation": (first_chosen, stop_chosen),
        "test": (first_test, length),
    }
    if any(stop - max(start, 0) < 2 for start, stop in edges.values()):
        expected = f"enough for three parts of 2 pictures with gaps of {gap} between"
        raise DataError(film.name, f"{length} pictures at {film.fps:g} fps", expected)
    return {
        part: Film(f"{film.name} {part}", film.frames[start:stop], film.fps) for part, (start, stop) in edges.items()
    }


def _asked(source: str) -> File:
    """A source of one's own, seen from here or from the data folder."""
    here = Path(halves(source, Path())[0]).expanduser().exists()
    asked = parse(source, Path() if here else place.folder(), "source")
    if not isinstance(asked, File):
        raise DataError("source", f"'{source}'", "silhouettes, clips, clips:PATH, or a file or folder of pictures")
    return asked


def _each(asked: File) -> list[File]:
    """The films of a folder of films or of folders of pictures; what was asked for where it is one itself."""
    if not asked.path.is_dir() or any(folder.is_picture(path) for path in asked.path.iterdir()):
        return [asked]
    paths = sorted((path for path in asked.path.iterdir() if path.is_dir() or is_footage(path)), key=folder.natural)
    if not paths:
        raise DataError(str(asked.path), "a folder without pictures", READABLE)
    return [msgspec.structs.replace(asked, path=path) for path in paths]


def _read(asked: File, size: Size, fps: float) -> list[Film]:
    """The films of a file: one, or as many as `clip_start` of a stack says, with the names of `clip_id`."""
    footage = open_footage(asked)
    starts, names = (stack.beside(asked.path, name) for name in ("clip_start", "clip_id"))
    if starts is None or names is None:
        return [_film(asked.path.name, footage.shots(), asked, size, fps)]
    edges = starts.astype(np.int64).tolist() if starts.dtype.kind in "iu" and starts.ndim == 1 else []
    whole = edges[:1] == [0] and edges[-1:] == [footage.length] and all(a < b for a, b in pairwise(edges))
    if not whole or names.shape != (len(edges) - 1,):
        expected = f"rising numbers from 0 to {footage.length}, one more than there are names"
        raise DataError(f"{asked.path}: clip_start", f"{starts.dtype} {starts.shape} for {names.size} names", expected)
    shots = footage.shots()
    return [
        _film(str(name), _some(shots, stop - start), asked, size, fps)
        for name, (start, stop) in zip(names.tolist(), pairwise(edges), strict=True)
    ]


def _some(shots: Iterator[Shot], count: int) -> Iterator[Shot]:
    return (next(shots) for _ in range(count))


def _film(name: str, shots: Iterable[Shot], asked: File, size: Size, fps: float) -> Film:
    found: list[U8] = []
    for picture in pictures(shots, asked, size, fps):
        found.append(picture)
        if len(found) * size.height * size.width > MOST_BYTES:
            raise DataError(str(asked.path), f"over {MOST_BYTES >> 30} GB of pictures", "a shorter film")
    return Film(name, np.stack(found), fps)


def _drawn(parts: splits.Split, size: Size, fps: float, view: View) -> Films:
    """Recordings as silhouettes; those that train from all sides."""
    return {
        purpose: [
            Film(name, frames, fps)
            for clip in clips
            for yaw in (view.yaws if purpose == "train" else view.yaws[:1])
            for name, frames in silhouettes(clip, size, fps, view._replace(yaws=(yaw,)))
        ]
        for purpose, clips in zip(parts._fields, parts, strict=True)
    }
