"""Dances of the CMU Graphics Lab Motion Capture Database, as 20 joints at 30 fps: one .npz of many clips.

The archive holds positions (N, 20, 3) metres Y up, valid (N,), clip_start (C + 1,), clip_id (C,), joints (20,) and fps.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.frame import F32
from export.data import arrays
from export.data.clip import Clip, Mask
from export.data.place import locate

FILE = "cmu_dance/derived/cmu_dance_core20_30fps.npz"
"""Where the archive lies in the data folder."""

KEYS = ("positions", "valid", "clip_start", "clip_id", "joints", "fps")

LICENCE = "CMU Graphics Lab Motion Capture Database: free for all uses; the data as such may not be resold"

CREDIT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. "
    "The database was created with funding from NSF EIA-0196217."
)

GENRES = {"05": "modern", "60": "salsa", "61": "salsa"}
"""What each subject dances."""


class Archive(NamedTuple):
    """The arrays of the file, checked against each other."""

    positions: F32
    valid: Mask
    starts: NDArray[np.int64]
    names: tuple[str, ...]
    fps: float


def genre(subject: str) -> str:
    """What a CMU subject dances; '' for one that is not among the dances."""
    return GENRES.get(subject, "")


def read(path: str | Path = FILE) -> list[Clip]:
    """Every clip of the archive, in its order.

    Args:
        path: the file; a relative one that does not exist here is looked for in the data folder.

    Raises:
        DataError: no such file, not an archive, a key missing, arrays that do not fit each other, a NaN.
    """
    found = locate(path)
    archive = _check(str(found), arrays.load(found))
    return [_clip(str(found), archive, index) for index in range(len(archive.names))]


def _clip(source: str, archive: Archive, index: int) -> Clip:
    part = slice(int(archive.starts[index]), int(archive.starts[index + 1]))
    name = archive.names[index]
    subject = name[:2]
    return Clip(
        name=name,
        positions=archive.positions[part],
        valid=archive.valid[part],
        fps=archive.fps,
        skeleton=CORE20,
        subject=subject,
        genre=genre(subject),
        licence=LICENCE,
        credit=CREDIT,
        source=source,
    )


def _check(source: str, loaded: arrays.Arrays) -> Archive:
    missing = [key for key in KEYS if key not in loaded]
    if missing:
        raise DataError(source, f"no {', '.join(missing)}", f"the arrays {', '.join(KEYS)}")
    positions, valid, starts, names, joints, fps = (loaded[key] for key in KEYS)
    frames = len(positions) if positions.ndim else 0
    _fits(source, "positions", positions, (frames, len(CORE20.names), 3), "f")
    _fits(source, "valid", valid, (frames,), "b")
    _fits(source, "clip_start", starts, (len(names) + 1 if names.ndim else 1,), "iu")
    _fits(source, "clip_id", names, (len(starts) - 1,), "U")
    _fits(source, "joints", joints, (len(CORE20.names),), "U")
    _fits(source, "fps", fps, (), "iuf")
    if tuple(joints.tolist()) != CORE20.names:
        raise DataError(f"{source}: joints", " ".join(joints.tolist()), " ".join(CORE20.names))
    edges = starts.astype(np.int64)
    if edges[0] != 0 or edges[-1] != frames or (np.diff(edges) <= 0).any():
        raise DataError(f"{source}: clip_start", str(edges.tolist()), f"rising numbers from 0 to {frames}")
    return Archive(
        positions=positions.astype(np.float32),
        valid=valid.astype(np.bool_),
        starts=edges,
        names=tuple(str(name) for name in names),
        fps=float(fps.astype(np.float64)),
    )


def _fits(source: str, key: str, array: NDArray[np.generic], shape: tuple[int, ...], kinds: str) -> None:
    if array.shape != shape or array.dtype.kind not in kinds:
        kind = {"f": "floats", "b": "booleans", "iu": "integers", "U": "text", "iuf": "a number"}[kinds]
        raise DataError(f"{source}: {key}", f"{array.dtype} {array.shape}", f"{kind} {shape}")
