"""Films that models of pictures learn from, split into those that train, choose and test."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.footage import stack
from engine.footage.fit import fitted
from engine.footage.footage import Footage, Shot, resampled
from engine.images.raster import Raster
from engine.schema.errors import DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from export import sources
from export.data import splits
from export.data.clip import Clip
from export.data.place import locate

SILHOUETTES = "silhouette_sample/cmu_silhouettes_120x208_10fps.npz"
"""Where the sample lies in the data folder: black figures on white."""

CLIPS = "clips"
"""Begins a source that is drawn from recordings of bodies."""

MOST_BYTES = 4 << 30
"""Of all films together, as they are held in memory."""


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


class View(NamedTuple):
    """How bodies are drawn, as for `Raster`.

    Attributes:
        yaws: degrees; films that train are drawn from all of these sides, the others from the first one alone.
        crop: how close.
        thickness: factor on all radii.
    """

    yaws: tuple[float, ...] = (0.0,)
    crop: float = 1.0
    thickness: float = 1.0


Films = dict[str, list[Film]]
"""`train`, `validation` and `test`."""


def films(source: str, size: Size, fps: float, *, view: View | None = None) -> Films:
    """The films of a source, split by whole films, or in time where there are fewer than three.

    Args:
        source: `silhouettes`, the sample of the data folder; `clips`, the CMU dances drawn as silhouettes, or
            `clips:PATH`, any recordings of bodies.
        size: that the pictures are fitted to.
        fps: that they are brought to.
        view: how bodies are drawn; None takes the sample's view.

    Raises:
        DataError: nothing there, nothing readable, too short to be split, or more than there is room for.
    """
    if source == "silhouettes":
        return _split(_silhouettes(size, fps))
    name, _, path = source.partition(":")
    if name == CLIPS:
        return _drawn(sources.load(path or "cmu"), size, fps, view or View())
    raise DataError("source", f"'{source}'", "silhouettes, clips or clips:PATH")


def _silhouettes(size: Size, fps: float) -> list[Film]:
    path = locate(SILHOUETTES)
    return [film._replace(frames=255 - film.frames) for film in _stacked(path, stack.read(path), size, fps)]


def _stacked(path: Path, footage: Footage, size: Size, fps: float) -> Iterator[Film]:
    """The films of a stack: one, or as many as `clip_start` says, with the names of `clip_id`."""
    starts, names = stack.beside(path, "clip_start"), stack.beside(path, "clip_id")
    if starts is None or names is None:
        yield _film(path.stem, footage.place, footage.shots(), size, fps)
        return
    edges = starts.astype(np.int64).tolist() if starts.dtype.kind in "iu" and starts.ndim == 1 else []
    whole = edges[:1] == [0] and edges[-1:] == [footage.length] and all(a < b for a, b in pairwise(edges))
    if not whole or names.shape != (len(edges) - 1,):
        expected = f"rising numbers from 0 to {footage.length}, one more than there are names"
        raise DataError(f"{path}: clip_start", f"{starts.dtype} {starts.shape} for {names.size} names", expected)
    shots = footage.shots()
    for name, (start, stop) in zip(names.tolist(), pairwise(edges), strict=True):
        part = (shot for shot, _ in zip(shots, range(stop - start), strict=False))
        yield _film(str(name), footage.place, part, size, fps)


def _film(name: str, place: str, shots: Iterable[Shot], size: Size, fps: float) -> Film:
    found: list[U8] = []
    for picture in resampled(shots, fps):
        found.append(fitted(picture, size))
        if len(found) * size.height * size.width > MOST_BYTES:
            raise DataError(place, f"over {MOST_BYTES >> 30} GB of pictures", "fewer or smaller ones")
    return Film(name, np.stack(found), fps)


def _drawn(parts: splits.Split, size: Size, fps: float, view: View) -> Films:
    """Recordings as silhouettes."""
    return {
        purpose: [
            film
            for clip in clips
            for yaw in (view.yaws if purpose == "train" else view.yaws[:1])
            for film in _drawn_clip(clip, size, fps, view._replace(yaws=(yaw,)))
        ]
        for purpose, clips in zip(parts._fields, parts, strict=True)
    }


def _drawn_clip(clip: Clip, size: Size, fps: float, view: View) -> Iterator[Film]:
    """A clip from one side; where its capture failed it is cut."""
    (yaw,) = view.yaws
    raster = Raster(clip.skeleton, size, yaw=yaw, crop=view.crop, thickness=view.thickness)
    times = np.arange(max(round(len(clip) / clip.fps * fps), 1)) / fps
    chosen = np.minimum(np.floor(times * clip.fps + 1e-6).astype(np.int64), len(clip) - 1)
    name = clip.name if yaw == 0 else f"{clip.name} {yaw:g} deg"
    for start, stop in _runs(clip.valid[chosen]):
        frames = np.empty((stop - start, size.height, size.width), np.uint8)
        for picture, frame in zip(frames, chosen[start:stop], strict=True):
            raster.draw(clip.positions[frame : frame + 1], picture)
        yield Film(name if stop - start == len(chosen) else f"{name} [{start}:{stop}]", frames, fps)


def _runs(good: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """From and to of each run of true values."""
    borders = np.flatnonzero(np.diff(good, prepend=False, append=False)).tolist()
    return list(zip(borders[::2], borders[1::2], strict=True))


def _split(found: Sequence[Film]) -> Films:
    """Films by their names where these are CMU trials, else the last ones held out; fewer than three are cut."""
    held = {"validation": splits.VALIDATION, "test": splits.TEST}
    parts: Films = {"train": [], "validation": [], "test": []}
    for film in found:
        trial = splits.trial(film.name)
        parts[next((part for part, names in held.items() if trial in names), "train")].append(film)
    return parts
