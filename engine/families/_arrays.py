"""What families take from a model's file: arrays of a shape, graphs within the file, numbers."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8
from engine.schema.model import ModelSpec

Arrays = Mapping[str, NDArray[np.generic]]

LARGEST = 1e6
"""Metres, or standard deviations; nothing that is recorded is so large, and float32 ends further up."""


def place_of(name: str) -> str:
    """Where an array stands, for errors."""
    return f"figurant.arrays: {name}"


def floats(arrays: Arrays, name: str, shape: tuple[int, ...]) -> F32:
    """An array of a shape (-1: any size) as contiguous float32.

    Raises:
        ModelError: there is none, it has another shape or type, or holds something that is no number or is too large.
    """
    array = _found(arrays, name, f"an array {shape}")
    sound = _fits(array, shape) and array.dtype.kind == "f" and (np.abs(array.astype(np.float64)) < LARGEST).all()
    if not sound:
        raise ModelError(place_of(name), f"{array.dtype} {array.shape}", f"finite floats {shape}, -1 for any number")
    return np.ascontiguousarray(array, np.float32)


def octets(arrays: Arrays, name: str, shape: tuple[int, ...]) -> U8:
    """An array of bytes of a shape (-1: any size); errors as for `floats`."""
    array = _found(arrays, name, f"bytes {shape}")
    if not _fits(array, shape) or array.dtype != np.uint8:
        raise ModelError(place_of(name), f"{array.dtype} {array.shape}", f"uint8 {shape}, -1 for any number")
    return np.ascontiguousarray(array, np.uint8)


def setting(spec: ModelSpec, name: str, expected: str, *, high: float = math.inf) -> float:
    """A number of the model's settings, 0 to `high`.

    Raises:
        ModelError: there is none, or another one.
    """
    found = spec.settings.get(name)
    if isinstance(found, bool | str) or found is None or not 0 <= found <= high or math.isinf(found):
        raise ModelError(f"figurant.spec: settings.{name}", repr(found), expected)
    return float(found)


def _found(arrays: Arrays, name: str, expected: str) -> NDArray[np.generic]:
    if name not in arrays:
        raise ModelError(place_of(name), "nothing", expected)
    return arrays[name]


def _fits(array: NDArray[np.generic], shape: tuple[int, ...]) -> bool:
    """Whether an array has a shape and holds anything."""
    pairs = zip(shape, array.shape, strict=False)
    return array.ndim == len(shape) and array.size > 0 and all(want in (-1, got) for want, got in pairs)
