"""Where the memory of a network is on its map: a small encoder beside the step.

A model file may hold the encoder as arrays: `path_states` (N,) int64, which tensors of `spec.state` it looks at, in the
order in which their rows, each flattened, are laid end to end: h (H,); `path_mean` and `path_scale` (H,), with which
they are standardised; `path_weight_0`, `path_weight_1`, ... (in, out) and `path_bias_0`, ... (out,), layers with ReLU
between them, the last one linear, whose D = 2 or 3 numbers are a point z; `path_low` and `path_high` (D,), the box of
all points that training gave, which becomes -1..1. Source: denoising autoencoders over a network's hidden state.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Loaded
from engine.families._arrays import Arrays, floats, place_of
from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.places import LASTING
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.kinds import PathView
from engine.schema.model import Tensor

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

PREFIX = "path_"
"""Begins the names of all arrays of a path, and of no others."""

DIMS = (2, 3)
"""Axes that a map may have."""


class Layers(NamedTuple):
    """An encoder as kernels take it; one kind of array for any number of layers, so that all share one compilation.

    Attributes:
        mean: (H,) of what is encoded.
        scale: (H,) more than 0, likewise.
        sizes: (L + 1,) numbers that go into each layer, and those that the last one gives.
        weights: (in, out) of each layer, end to end.
        biases: (out,) of each layer, end to end.
        low: (D,) the corner of the box, in the view.
        high: (D,) the opposite one.
    """

    mean: F32
    scale: F32
    sizes: I64
    weights: F32
    biases: F32
    low: F64
    high: F64


class PathEncoder:
    """Finds the points of B rows of a network's state; a row's point does not depend on the other rows.

    Args:
        numbers: of the state tensors that it looks at.
        tensors: these.
        layers: the encoder, with its box in the view.
        view: `plain` or `log`, in which points are shown.

    Attributes:
        numbers: likewise.
        dims: D, 2 or 3.
    """

    def __init__(self, numbers: Sequence[int], tensors: Sequence[Tensor], layers: Layers, view: PathView) -> None:
        self.numbers, self.dims = tuple(numbers), len(layers.low)
        self._shapes = [_shape(tensor) for tensor in tensors]
        self._mean, self._scale = layers.mean, layers.scale
        scratch: F32 = np.zeros((2, int(layers.sizes.max())), np.float32)
        bound = layers.sizes, layers.weights, layers.biases, layers.low, layers.high, view == "log", scratch
        self._net = bound  # a plain tuple, which is passed in half the time
        self._x: F32 = np.zeros((0, len(layers.mean)), np.float32)
        self._points: F32 = np.zeros((0, self.dims), np.float32)
        self.place([np.zeros((ahead, 1, width), np.float32) for ahead, width in self._shapes])
        self._points[:] = 0.0

    def encode(self, states: Sequence[F32]) -> F32:
        """The points of all rows.

        Args:
            states: all tensors, in the order of `spec.state`, of B rows each.

        Returns:
            (B, D) -1 to 1, overwritten by the next call. A row whose state is no finite numbers stays where it was.
        """
        return self.place([states[number] for number in self.numbers])

    def place(self, chosen: Sequence[F32]) -> F32:
        """As `encode`, given the tensors of `numbers` alone."""
        first = rows = 0
        for state, (ahead, width) in zip(chosen, self._shapes, strict=True):
            laid = state.reshape(ahead, -1, width)
            rows = laid.shape[1]
            if rows > len(self._x):
                self._grow(rows)
            standardise(laid, first, self._mean, self._scale, self._x)
            first += ahead * width
        points: F32 = self._points[:rows]
        find_points(self._x, *self._net, points)
        return points

    def _grow(self, rows: int) -> None:
        """Make room for more rows, as where somebody joins."""
        x, points = np.zeros((rows, self._x.shape[1]), np.float32), np.zeros((rows, self.dims), np.float32)
        x[: len(self._x)], points[: len(self._points)] = self._x, self._points
        self._x, self._points = x, points


class Trail:
    """Points of some rows, in arrays that stay as they are for the next `LASTING` calls, as a frame's do.

    Args:
        encoder: finds them.
    """

    def __init__(self, encoder: PathEncoder) -> None:
        self._encoder, self.numbers, self._turn = encoder, encoder.numbers, 0
        dims = encoder.dims
        self._rooms = Kept(lambda count: np.zeros((LASTING + 1, count, dims), np.float32))

    def taken(self, chosen: Sequence[F32], rows: I64) -> F32:
        """The points (N, D) of these rows (N,), given the tensors of `numbers` for all of them."""
        self._turn = (self._turn + 1) % (LASTING + 1)
        room: F32 = self._rooms[len(rows)][self._turn]
        np.take(self._encoder.place(chosen), rows, axis=0, out=room, mode="clip")  # the other modes copy `out`
        return room


def make_path(loaded: Loaded, view: PathView) -> PathEncoder | None:
    """The encoder of a model's file, rehearsed; None where the view is `off`, or the file has none.

    Raises:
        ModelError: its arrays do not fit each other, or the model's state.
    """
    arrays = loaded.arrays
    if view == "off" or not any(name.startswith(PREFIX) for name in arrays):
        return None
    numbers = _numbers(arrays, len(loaded.spec.state))
    tensors = [loaded.spec.state[number] for number in numbers]
    width = sum(math.prod(_shape(tensor)) for tensor in tensors)
    weights, biases = _layers(arrays, width)
    dims = weights[-1].shape[1]
    if dims not in DIMS:
        raise ModelError(place_of(f"{PREFIX}weight_{len(weights) - 1}"), f"{dims} numbers", "2 or 3, axes of a map")
    known = {f"{PREFIX}{name}" for name in ("states", "mean", "scale", "low", "high")}
    known |= {f"{PREFIX}{kind}_{number}" for kind in ("weight", "bias") for number in range(len(weights))}
    for name in arrays:
        if name.startswith(PREFIX) and name not in known:
            raise ModelError(place_of(name), "an array", f"none of this name beside {len(weights)} layers")
    low, high = _box(arrays, dims, view)
    layers = Layers(
        mean=floats(arrays, f"{PREFIX}mean", (width,)),
        scale=_scale(arrays, width),
        sizes=np.array([width, *(weight.shape[1] for weight in weights)], np.int64),
        weights=np.concatenate([weight.ravel() for weight in weights]),
        biases=np.concatenate(biases),
        low=low,
        high=high,
    )
    return PathEncoder(numbers, tensors, layers, view)


def _numbers(arrays: Arrays, count: int) -> list[int]:
    """Which of `count` state tensors the encoder looks at."""
    place = place_of(f"{PREFIX}states")
    found = arrays.get(f"{PREFIX}states")
    expected = f"int64 (N,), numbers of state tensors from 0 to {count - 1}"
    if found is None or found.dtype != np.int64 or found.ndim != 1 or not len(found):
        raise ModelError(place, "nothing" if found is None else f"{found.dtype} {found.shape}", expected)
    numbers: list[int] = found.tolist()
    if not all(0 <= number < count for number in numbers):
        raise ModelError(place, str(numbers[:8]), expected)
    return numbers


def _shape(tensor: Tensor) -> tuple[int, int]:
    """Numbers of a state tensor ahead of its batch axis, and behind it.

    Raises:
        ModelError: it has another number of axes than one behind the batch.
    """
    ahead, behind = tensor.shape[: tensor.shape.index(-1)], tensor.shape[tensor.shape.index(-1) + 1 :]
    if len(behind) != 1:
        expected = "one axis behind the batch's"
        hint = "a memory of pictures has no path"
        raise ModelError(place_of(f"{PREFIX}states"), f"{tensor.input}, {tensor.shape}", expected, hint)
    return math.prod(ahead), behind[0]


def _layers(arrays: Arrays, width: int) -> tuple[list[F32], list[F32]]:
    """Weights and biases of all layers, the first of which takes `width` numbers."""
    weights: list[F32] = []
    biases: list[F32] = []
    while not weights or f"{PREFIX}weight_{len(weights)}" in arrays:
        number = len(weights)
        weights.append(floats(arrays, f"{PREFIX}weight_{number}", (width, -1)))
        width = weights[-1].shape[1]
        biases.append(floats(arrays, f"{PREFIX}bias_{number}", (width,)))
    return weights, biases


def _scale(arrays: Arrays, width: int) -> F32:
    scale = floats(arrays, f"{PREFIX}scale", (width,))
    if not (scale > 0.0).all():
        raise ModelError(place_of(f"{PREFIX}scale"), f"{scale.min():g}", "numbers above 0")
    return scale


def _box(arrays: Arrays, dims: int, view: PathView) -> tuple[F64, F64]:
    """The corners of the box, in the view."""
    corners = [floats(arrays, PREFIX + name, (dims,)).astype(np.float64) for name in ("low", "high")]
    low, high = (np.sign(corner) * np.log1p(np.abs(corner)) if view == "log" else corner for corner in corners)
    if not (low < high).all():
        raise ModelError(place_of(f"{PREFIX}low"), str(corners[0].tolist()), f"less than {corners[1].tolist()}")
    return low, high


@kernel
def standardise(state: F32, first: int, mean: F32, scale: F32, out: F32) -> None:
    """Write a state tensor (A, B, W), its rows flattened, to the columns of `out` (B or more, H) from `first` on."""
    ahead, rows, width = state.shape
    for part in range(ahead):
        begin = first + part * width
        for row in range(rows):
            for place in range(width):
                column = begin + place
                out[row, column] = (state[part, row, place] - mean[column]) / scale[column]


@kernel
def find_points(
    x: F32,
    sizes: I64,
    weights: F32,
    biases: F32,
    low: F64,
    high: F64,
    log: bool,  # noqa: FBT001 (kernels take no keywords)
    scratch: F32,
    points: F32,
) -> None:
    """Encode the first rows of `x` (B or more, H) into `points` (B, D); `scratch` (2, widest) is overwritten.

    A row whose numbers are not all finite leaves its point as it is.
    """
    last = sizes.shape[0] - 2
    for row in range(points.shape[0]):
        taken, given = x[row], scratch[0]
        weight = bias = 0
        for layer in range(last + 1):
            given = scratch[layer % 2]
            go_through(taken, sizes[layer], weights[weight:], biases[bias:], sizes[layer + 1], given)
            weight += sizes[layer] * sizes[layer + 1]
            bias += sizes[layer + 1]
            if layer < last:
                for place in range(sizes[layer + 1]):
                    given[place] = given[place] if not given[place] <= 0.0 else np.float32(0.0)  # a NaN goes on
            taken = given
        sound = True
        for axis in range(points.shape[1]):
            sound = sound and np.isfinite(given[axis])
        if not sound:
            continue
        for axis in range(points.shape[1]):
            z = np.float64(given[axis])
            if log:
                z = np.sign(z) * np.log1p(np.abs(z))
            shown = 2.0 * (z - low[axis]) / (high[axis] - low[axis]) - 1.0
            points[row, axis] = min(max(shown, -1.0), 1.0)


@kernel
def go_through(taken: F32, count: int, weights: F32, biases: F32, width: int, given: F32) -> None:
    """A linear layer: `count` numbers times weights (count, width), laid end to end, plus biases; four rows at once."""
    for place in range(width):
        given[place] = biases[place]
    whole = count - count % 4
    for number in range(0, whole, 4):
        one, two, three, four = taken[number], taken[number + 1], taken[number + 2], taken[number + 3]
        begin = number * width
        for place in range(width):
            at = begin + place
            given[place] += (
                one * weights[at]
                + two * weights[at + width]
                + three * weights[at + 2 * width]
                + four * weights[at + 3 * width]
            )
    for number in range(whole, count):
        value, begin = taken[number], number * width
        for place in range(width):
            given[place] += value * weights[begin + place]
