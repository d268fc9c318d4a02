"""What the engine itself recorded, as recordings to learn from: takes, and .npz files that were exported."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError, ModelError
from engine.schema.skeleton import Skeleton
from export import from_take
from export.data.arrays import Arrays
from export.data.clip import Clip, Mask
from export.recording import Recording

NEEDED = ("performers", "present", "positions", "fps", "skeleton", "credit", "licence")
"""Arrays by which an export is known."""

SHORTEST = 4.0
"""Seconds that somebody has to be there: less cannot be split into parts that train, choose and test."""


class _Body(NamedTuple):
    """One performer's frames: its number, (T, J, 3) positions, and (T,) whether it was there."""

    number: int
    positions: NDArray[np.floating]
    present: Mask


class _Terms(NamedTuple):
    """What all clips of a file share."""

    fps: float
    skeleton: Skeleton
    credit: str
    licence: str


def read(path: Path) -> list[Clip]:
    """A clip for each performer and each 4 s or longer that it was there; frames that the show skipped are not valid.

    Raises:
        DataError: no take, a damaged one, one without an end, or nobody who dances for 4 s.
    """
    found = from_take.recording(path)
    if found.warning:
        raise DataError(str(path), "a take without an end", "a whole one", "`engine takes recover` makes one of it")
    recording: Recording = found.recording
    if recording.skeleton is None:
        raise DataError(str(path), "a take in which nobody dances", "bodies to learn from")
    terms = _Terms(recording.fps, recording.skeleton, recording.credit, recording.licence)
    bodies = [_Body(one.number, one.positions, one.present) for one in recording.performers]
    return _clips(path, terms, bodies, found.seen)


def is_export(arrays: Arrays) -> bool:
    """Whether an .npz is one that `export.formats.numpy_files` wrote."""
    return set(NEEDED) <= set(arrays)


def exported(path: Path, arrays: Arrays) -> list[Clip]:
    """As `read`, from the arrays of an export.

    Raises:
        DataError: arrays that do not fit each other, or nobody who dances for 4 s.
    """
    numbers, positions, present = arrays["performers"], arrays["positions"], arrays["present"]
    fits = positions.ndim == 4 and positions.shape[:2] == present.shape == (numbers.size, positions.shape[1])
    if not fits or present.dtype != np.bool_ or positions.dtype.kind != "f":
        found = f"performers {numbers.shape}, positions {positions.shape}, present {present.dtype} {present.shape}"
        raise DataError(str(path), found, "(P,), floats (P, T, J, 3) and bool (P, T)")
    bodies = [
        _Body(int(number), np.asarray(moves, np.float64), np.asarray(there, np.bool_))
        for number, moves, there in zip(numbers.ravel().tolist(), positions, present, strict=True)
    ]
    return _clips(path, _terms(path, arrays), bodies, np.ones(positions.shape[1], np.bool_))


def _terms(path: Path, arrays: Arrays) -> _Terms:
    fps, skeleton = arrays["fps"], str(arrays["skeleton"])
    if fps.shape != () or fps.dtype.kind not in "fiu":
        raise DataError(f"{path}: fps", f"{fps.dtype} {fps.shape}", "a number")
    try:
        body = msgspec.json.decode(skeleton, type=Skeleton)
    except (msgspec.DecodeError, ModelError) as error:
        raise DataError(f"{path}: skeleton", str(error), "the JSON of a skeleton") from error
    return _Terms(float(fps.astype(np.float64)), body, str(arrays["credit"]), str(arrays["licence"]))


def _clips(path: Path, terms: _Terms, bodies: Sequence[_Body], seen: Mask) -> list[Clip]:
    found = [
        Clip(
            name=f"{path.stem} p{body.number} [{start}:{stop}]",
            positions=body.positions[start:stop],
            fps=terms.fps,
            skeleton=terms.skeleton,
            licence=terms.licence,
            credit=terms.credit,
            source=str(path),
            valid=seen[start:stop],
        )
        for body in bodies
        for start, stop in _stretches(body.present, math.ceil(SHORTEST * terms.fps))
    ]
    if not found:
        raise DataError(str(path), f"nobody who dances for {SHORTEST:g} s", "bodies to learn from")
    return found


def _stretches(present: Mask, least: int) -> list[tuple[int, int]]:
    """Frames from and to of each time that somebody was there for so many frames, and two in any case."""
    borders = np.flatnonzero(np.diff(present, prepend=False, append=False)).tolist()
    return [
        (start, stop) for start, stop in zip(borders[::2], borders[1::2], strict=True) if stop - start >= max(least, 2)
    ]
