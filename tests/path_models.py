"""Encoders of paths for tests: their arrays, and what they make of a state, in NumPy and float64."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32
from engine.schema.model import Tensor

Arrays = dict[str, Any]
"""By name; of any type, so that they can be given by keywords beside other things."""


def arrays(width: int, sizes: Sequence[int] = (7, 2), numbers: Sequence[int] = (0,), seed: int = 4) -> Arrays:
    """An encoder of `width` numbers with layers of these sizes, which looks at the state tensors `numbers`."""
    draw = np.random.default_rng(seed)

    def some(*shape: int) -> F32:
        return draw.normal(size=shape).astype(np.float32)

    found: Arrays = {"path_states": np.array(numbers, np.int64), "path_mean": some(width) * np.float32(0.3)}
    found["path_scale"] = draw.uniform(0.2, 0.6, width).astype(np.float32)
    for number, (taken, given) in enumerate(zip((width, *sizes), sizes, strict=False)):
        found[f"path_weight_{number}"] = some(taken, given) / np.float32(taken**0.5)
        found[f"path_bias_{number}"] = some(given) * np.float32(0.2)
    found["path_low"] = np.linspace(-3.0, -2.5, sizes[-1], dtype=np.float32)
    found["path_high"] = np.linspace(2.0, 3.5, sizes[-1], dtype=np.float32)
    return found


def points(
    given: Mapping[str, NDArray[np.generic]], tensors: Sequence[Tensor], states: Sequence[F32], *, log: bool = False
) -> NDArray[np.float64]:
    """Where a state of B rows is, (B, D)."""
    chosen = np.asarray(given["path_states"], np.int64).tolist()
    rows = [np.moveaxis(states[number], tensors[number].shape.index(-1), 0) for number in chosen]
    h = np.concatenate([row.reshape(len(row), -1) for row in rows], axis=1)

    def of(name: str) -> NDArray[np.float64]:
        return np.asarray(given[name], np.float64)

    z = (h - of("path_mean")) / of("path_scale")
    layers = sum(name.startswith("path_weight_") for name in given)
    for number in range(layers):
        z = z @ of(f"path_weight_{number}") + of(f"path_bias_{number}")
        z = np.maximum(z, 0.0) if number < layers - 1 else z
    low, high = of("path_low"), of("path_high")
    if log:
        z, low, high = (np.sign(value) * np.log1p(np.abs(value)) for value in (z, low, high))
    return np.clip(2.0 * (z - low) / (high - low) - 1.0, -1.0, 1.0)
