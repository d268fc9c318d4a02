"""Signs in files of numpy arrays (.npz); nothing in them is unpickled.

Either `values` (T, C) with `labels` (T,) of texts, empty at rest, and perhaps `sessions` (T,): rows of one label in a
row are a sign. Or an array (T, C) for each sign, named after it: `circle-1`, or `monday/circle-1` with its session.
`rate` (samples a second) and `channels` (C,) may stand beside them.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from engine.gestures.recording import (
    LARGEST,
    MOST_CHANNELS,
    RATE,
    Gesture,
    Recording,
    check_rate,
    gesture,
    numbered,
    word,
)
from engine.schema.errors import DataError

Arrays = dict[str, NDArray[np.generic]]

BROKEN = (OSError, ValueError, EOFError, NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What numpy and zipfile raise over files that are damaged, foreign, pickled or locked."""

BESIDE = ("rate", "channels")


def read(raw: bytes, stem: str, session: str, place: str, *, rate: float | None = None) -> Recording:
    """The signs of a file.

    Args:
        raw: what is in it.
        stem: its name without suffix: the session of signs that name none.
        session: the name of its folder, which says less here.
        place: of the file, for errors.
        rate: samples per second; None: as it says, or 100.

    Raises:
        DataError: no file of plain arrays, none of numbers, labels that fit them not, no signs.
    """
    del session
    arrays = _load(raw, place)
    own = arrays.get("rate")
    if own is not None and (own.shape != () or own.dtype.kind not in "iuf"):
        raise DataError(f"{place}: rate", f"{own.dtype} {own.shape}", "one number")
    found = RATE if own is None else check_rate(float(own.astype(float)), place)
    signs = _stream(arrays, stem, place) if "values" in arrays else _each(arrays, stem, place)
    gestures = tuple(signs)
    if not gestures:
        raise DataError(place, "no signs", "`values` (T, C) and `labels` (T,), or an array (T, C) for each sign")
    return Recording(gestures, rate or found, _channels(arrays, gestures, place))


def _load(raw: bytes, place: str) -> Arrays:
    """Every array, none before it is known how large they are."""
    expected = "an .npz of plain numpy arrays"
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST:
            raise DataError(place, f"{size} bytes of arrays", f"at most {LARGEST}")
        with np.load(io.BytesIO(raw), allow_pickle=False) as loaded:
            return {key: np.asarray(loaded[key]) for key in loaded.files}
    except BROKEN as error:
        raise DataError(place, f"{type(error).__name__}: {error}", expected) from error


def _stream(arrays: Arrays, session: str, place: str) -> Iterator[Gesture]:
    values = _numbers(arrays["values"], f"{place}: values")
    labels = _texts(arrays, "labels", len(values), "", place)
    sessions = _texts(arrays, "sessions", len(values), session, place)
    for (label, where), group in groupby(range(len(values)), lambda row: (labels[row], sessions[row])):
        rows = list(group)
        if label:
            part = values[rows[0] : rows[-1] + 1]
            yield gesture(part, label, where or session, f"{place}: row {rows[0] + 1}")


def _each(arrays: Arrays, session: str, place: str) -> Iterator[Gesture]:
    for name, array in arrays.items():
        if name not in BESIDE:
            folder, _, stem = name.rpartition("/")
            yield gesture(
                _numbers(array, f"{place}: {name}"),
                word(stem),
                folder.rpartition("/")[2] or session,
                f"{place}: {name}",
            )


def _numbers(array: NDArray[np.generic], place: str) -> NDArray[np.generic]:
    if array.ndim != 2 or array.dtype.kind not in "iuf" or not 1 <= array.shape[1] <= MOST_CHANNELS:
        raise DataError(place, f"{array.dtype} {array.shape}", f"numbers (T, C), C up to {MOST_CHANNELS}")
    return array


def _texts(arrays: Arrays, key: str, count: int, default: str, place: str) -> list[str]:
    if key not in arrays and key == "sessions":
        return [default] * count
    found = arrays.get(key)
    if found is None or found.shape != (count,) or found.dtype.kind != "U":
        what = "none" if found is None else f"{found.dtype} {found.shape}"
        raise DataError(f"{place}: {key}", what, f"texts ({count},), one for each row of `values`")
    return [str(text).strip() for text in found]


def _channels(arrays: Arrays, gestures: tuple[Gesture, ...], place: str) -> tuple[str, ...]:
    count = gestures[0].values.shape[1]
    for sign in gestures:
        if sign.values.shape[1] != count:
            raise DataError(sign.name, f"{sign.values.shape[1]} channels", f"{count}, as in the others")
    found = arrays.get("channels")
    if found is None:
        return numbered(count)
    if found.shape != (count,) or found.dtype.kind != "U":
        raise DataError(f"{place}: channels", f"{found.dtype} {found.shape}", f"texts ({count},)")
    return tuple(str(text) for text in found)
