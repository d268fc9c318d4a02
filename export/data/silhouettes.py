"""Recordings of bodies, seen as silhouettes."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.images.raster import Raster
from engine.schema.frame import U8
from engine.schema.model import Size
from export.data.clip import Clip, Mask

EARLY = 1e-6
"""Frames before its time that a frame may be seen: rates that fit are not missed by a rounding error."""


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


def silhouettes(clip: Clip, size: Size, fps: float, view: View) -> Iterator[tuple[str, U8]]:
    """A clip from each side of a view, (T, H, W) uint8 and its name; cut where the capture failed.

    Args:
        clip: the body stays in the middle of the pictures.
        size: H and W.
        fps: pictures per second.
        view: the sides.
    """
    times = np.arange(max(round(len(clip) / clip.fps * fps), 1)) / fps
    chosen = np.minimum(np.floor(times * clip.fps + EARLY).astype(np.int64), len(clip) - 1)
    for yaw in view.yaws:
        raster = Raster(clip.skeleton, size, yaw=yaw, crop=view.crop, thickness=view.thickness)
        name = clip.name if yaw == 0 else f"{clip.name} {yaw:g} deg"
        for start, stop in _runs(clip.valid[chosen]):
            frames = np.empty((stop - start, size.height, size.width), np.uint8)
            for picture, frame in zip(frames, chosen[start:stop], strict=True):
                raster.draw(clip.positions[frame : frame + 1], picture)
            yield (name if stop - start == len(chosen) else f"{name} [{start}:{stop}]"), frames


def _runs(good: Mask) -> list[tuple[int, int]]:
    """From and to of each run of two or more good frames."""
    borders = np.flatnonzero(np.diff(good, prepend=False, append=False)).tolist()
    return [(start, stop) for start, stop in zip(borders[::2], borders[1::2], strict=True) if stop - start > 1]
