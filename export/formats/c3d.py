"""Markers as C3D (https://www.c3d.org), for Mokka, Visual3D, MotionBuilder and other tools of motion capture.

Millimetres, as these tools expect; Y up, X to the right of the screen. Each joint or marker is a point, of several
performers `p1:head`, `p2:head`. A performer who is not there has invalid points (residual -1).
"""

import errno
import math
import textwrap
from pathlib import Path

import ezc3d
import numpy as np
from numpy.typing import NDArray

from engine import __version__
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.formats import needs
from export.formats.moving import label
from export.formats.options import Options
from export.recording import Outline, Recording

MOST_FRAMES = 2**16 - 1
"""As many as the header's 16 bits count; programs read what goes beyond in different ways, or not at all."""

MOST_POINTS = 255 * 255
"""As many as 255 parameters of 255 names each can name."""

MILLIMETRES = 1000.0
"""In a metre."""

LINE = 60
"""Characters of a line of text: a parameter's line holds 255 bytes, a character has up to four."""

_BLOCK, _POINT = 512, 16
"""Bytes of a block of the file, and of a point in a frame: three places and a residual, float32."""


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 - no option is about C3D
    """Write the positions of all bodies.

    Raises:
        DataError: nobody dances in it, it has no frame, or more frames or points than the format counts.
        OSError: the file could not be written.
    """
    skeleton = needs.bodies(recording, path)
    refuse(recording.outline, path)
    document = ezc3d.c3d()
    document["data"]["points"], document["data"]["meta_points"]["residuals"] = _points(recording)
    _describe(document, recording, skeleton)
    _save(document, path, recording.outline.points * recording.frames)


def refuse(outline: Outline, path: Path) -> None:
    """Refuse more than the format counts.

    Raises:
        DataError: too many frames or points.
    """
    if outline.frames > MOST_FRAMES:
        longest = math.floor(MOST_FRAMES / outline.fps)
        found, most = f"{outline.frames} frames", f"at most {MOST_FRAMES} in a .c3d file"
        raise DataError(str(path), found, most, f"{longest} s: take a part")
    if outline.points > MOST_POINTS:
        raise DataError(str(path), f"{outline.points} points", f"at most {MOST_POINTS} in a .c3d file")


def _points(recording: Recording) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places (3, N, T), millimetres, and residuals (1, N, T): 0, or -1 where there is nobody."""
    bodies = [performance.positions for performance in recording.performers]
    places = MILLIMETRES * np.concatenate(bodies, axis=1).astype(np.float64).transpose(2, 1, 0)
    here = [np.broadcast_to(each.present, (each.positions.shape[1], len(each))) for each in recording.performers]
    there = np.concatenate(here)
    places[:, ~there] = np.nan
    return places, np.where(there, 0.0, -1.0)[None]


def _describe(document: ezc3d.c3d, recording: Recording, skeleton: Skeleton) -> None:
    point = document["parameters"]["POINT"]
    point["RATE"]["value"] = [recording.fps]
    point["UNITS"]["value"] = ["mm"]
    point["LABELS"]["value"] = _labels(recording, skeleton)
    document.add_parameter("POINT", "X_SCREEN", ["+X"])
    document.add_parameter("POINT", "Y_SCREEN", ["+Y"])
    document.add_parameter("MANUFACTURER", "COMPANY", ["figurant"])
    document.add_parameter("MANUFACTURER", "SOFTWARE", ["figurant"])
    document.add_parameter("MANUFACTURER", "VERSION_LABEL", [__version__])
    said = {"NAME": recording.name, "CREDIT": recording.credit, "LICENCE": recording.licence, "MADE": recording.made}
    for name, text in said.items():
        if text:
            document.add_parameter("FIGURANT", name, textwrap.wrap(text, LINE))


def _labels(recording: Recording, skeleton: Skeleton) -> list[str]:
    if len(recording.performers) == 1:
        return list(skeleton.names)
    return [f"{label(performance)}:{name}" for performance in recording.performers for name in skeleton.names]


def _save(document: ezc3d.c3d, path: Path, points: int) -> None:
    """Write it; ezc3d wants a suffix in small letters."""
    written = path if path.suffix == ".c3d" else path.with_name(f"{path.name}.c3d")
    try:
        document.write(str(written))
        _check(written, points)
        written.replace(path)
    finally:
        if written != path:
            written.unlink(missing_ok=True)


def _check(path: Path, points: int) -> None:
    """See that a file is whole: ezc3d does not say when a disk is full. The header tells where the points begin."""
    with path.open("rb") as file:
        first_block = int.from_bytes(file.read(18)[16:], "little")
    if path.stat().st_size < (first_block - 1) * _BLOCK + points * _POINT:
        raise OSError(errno.ENOSPC, "there is no room for all of it", str(path))
