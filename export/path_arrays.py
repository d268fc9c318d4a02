"""A path's encoder as arrays of a model's file; see `engine.path`, which plays them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from engine.contracts import Loaded
from engine.inference.graph import inspect
from engine.inference.metadata import Arrays, pack
from engine.inference.proto import field
from engine.path import PREFIX
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ARRAYS_KEY
from export.alignment import Similarity
from export.metrics.neighbours import ENDS
from export.nets.path import Autoencoder

METADATA = 14
"""ModelProto.metadata_props"""

MARGIN = 0.05
"""Share of the box that is added on each side, as others go farther than those who were learned from."""


class Box(NamedTuple):
    """What the map shows, (D,) each."""

    low: F32
    high: F32


def box(places: F32) -> Box:
    """Where nearly all places (N, D) are, with a margin; never flat."""
    low, high = np.quantile(places, ENDS, axis=0)
    wide = np.maximum(high - low, 1e-3)
    return Box((low - MARGIN * wide).astype(np.float32), (low + (1.0 + MARGIN) * wide).astype(np.float32))


def box_of(held: Mapping[str, NDArray[np.generic]]) -> Box:
    """The box of a file's arrays."""
    return Box(*(np.asarray(held[PREFIX + name], np.float32) for name in Box._fields))


def laid(net: Autoencoder, move: Similarity) -> None:
    """Lay a map upon another, within its encoder's last layer; the decoder no longer fits."""
    last = net.encoding()[-1]
    with torch.no_grad():
        turn = torch.from_numpy(move.turn)
        last.weight[:] = turn.T @ last.weight
        last.bias[:] = last.bias @ turn + torch.from_numpy(move.shift)


def halved(net: Autoencoder) -> None:
    """Round the encoder to half precision, in which it is stored."""
    with torch.no_grad():
        for layer in net.encoding():
            layer.weight.copy_(layer.weight.half().float())
            layer.bias.copy_(layer.bias.half().float())


def arrays(
    net: Autoencoder, numbers: Sequence[int], standard: tuple[F32, F32], shown: Box
) -> dict[str, NDArray[np.generic]]:
    """What a file holds of a path whose encoder was `halved`.

    Args:
        net: the autoencoder.
        numbers: of the states.
        standard: (H,) mean and (H,) scale of the memories that it was taught with.
        shown: the box.
    """
    found: dict[str, NDArray[np.generic]] = {
        "states": np.array(numbers, np.int64),
        "mean": standard[0],
        "scale": standard[1],
        "low": shown.low,
        "high": shown.high,
    }
    for number, layer in enumerate(net.encoding()):
        found[f"weight_{number}"] = layer.weight.detach().T.half().numpy()
        found[f"bias_{number}"] = layer.bias.detach().half().numpy()
    return {PREFIX + name: np.ascontiguousarray(array) for name, array in found.items()}


def encoded(held: Mapping[str, NDArray[np.generic]], memories: F32) -> F32:
    """Where memories (N, H) are on the map of a file's arrays: plain places (N, D), outside the box too.

    Raises:
        ModelError: the file has no path, or one of other memories.
    """
    if PREFIX + "weight_0" not in held:
        raise ModelError("figurant.arrays: path_weight_0", "none", "a model with a path")
    floats = {name: array.astype(np.float32) for name, array in held.items() if name.startswith(PREFIX)}
    mean, scale = floats[PREFIX + "mean"], floats[PREFIX + "scale"]
    if mean.shape != memories.shape[1:]:
        raise ModelError("figurant.arrays: path_mean", f"{mean.shape}", f"{memories.shape[1:]}, as the memory has")
    z: F32 = (memories - mean) / scale
    for number in range(sum(name.startswith(PREFIX + "weight_") for name in held)):
        taken = np.maximum(z, 0.0) if number else z
        z = taken @ floats[f"{PREFIX}weight_{number}"] + floats[f"{PREFIX}bias_{number}"]
    return z


def joined(loaded: Loaded, path: Arrays) -> bytes:
    """The bytes of a model's file with these arrays of a path in the place of those that it may have.

    Its graph and its description stay bit for bit.

    Raises:
        ModelError: the arrays do not stand in it as this project writes them.
    """
    kept = {name: array for name, array in loaded.arrays.items() if not name.startswith(PREFIX)}
    written = pack(loaded.spec, {**kept, **path})[ARRAYS_KEY]
    before = inspect(loaded.graph).metadata.get(ARRAYS_KEY)
    if before is None:
        return loaded.graph + _property(written)
    if loaded.graph.count(_property(before)) != 1:
        raise ModelError(ARRAYS_KEY, "arrays that are written in a way of their own", "a model of `engine-export onnx`")
    return loaded.graph.replace(_property(before), _property(written))


def _property(text: str) -> bytes:
    return field(METADATA, field(1, ARRAYS_KEY) + field(2, text))


def has_path(held: Mapping[str, NDArray[np.generic]]) -> bool:
    """Whether a file's arrays hold a path."""
    return any(name.startswith(PREFIX) for name in held)
