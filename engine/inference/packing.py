"""The weights of a step graph as `packed_kernels` reads them: in panels, aligned, float32 or half precision."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference import packed_kernels as rows
from engine.inference.lanes import PANEL
from engine.inference.recognise import Recognised
from engine.inference.step_graph import Layer, Weights, onnx_order
from engine.schema.frame import F32
from engine.schema.model import HeadKind

LINE = 64
"""Bytes of a cache line, on which every panel begins."""

SPREADS = {"sigmoid": rows.SIGMOID, "elu": rows.ELU, "root": rows.ROOT}


class Packed(NamedTuple):
    """What is the same for every size of batch; the arguments of `packed_kernels.step` with these names.

    Attributes:
        plan: where everything lies.
        weights: in panels; float32, or float16 seen as uint16.
        numbers: float32.
    """

    plan: NDArray[np.int64]
    weights: NDArray[Any]
    numbers: F32


def aligned(size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Zeros (size,) that begin on a cache line."""
    item = np.dtype(dtype).itemsize
    space = np.zeros(size * item + LINE, np.uint8)
    start = -space.ctypes.data % LINE
    return space[start : start + size * item].view(dtype)


def pack(found: Recognised, kind: HeadKind, features: int) -> Packed:
    """Lay out the weights of a graph of `features` inputs that `recognise` found."""
    weights = found.weights
    store = _Store()
    layers = [_layer(layer) for layer in weights.layers]
    head = _lazy(weights) if kind == "mdn-lazy" else _full(weights)
    plan = np.zeros((rows.LAYER + len(layers), rows.WIDEST + 1), np.int64)
    for row, product in (
        (rows.EMBED, _linear(weights.embed)),
        (rows.DENSE, _linear(weights.dense)),
        (rows.LOGITS, [(weights.pi_weight.T, weights.pi_bias)]),
        (rows.ROWS, head),
        *((rows.LAYER + index, [layer]) for index, layer in enumerate(layers)),
    ):
        if product:
            plan[row, : rows.WIDTH + 1] = store.add(product)
    for index, layer in enumerate(weights.layers):
        plan[rows.LAYER + index, rows.WIDTH] = layer.recurrent.shape[1]
    components, _, both = weights.row_weight.shape
    shape = plan[rows.SHAPE]
    shape[rows.FEATURES] = features
    shape[rows.LAYERS], shape[rows.COMPONENTS], shape[rows.DIMS] = len(layers), components, both // 2
    shape[rows.LAZY], shape[rows.SPREAD] = kind == "mdn-lazy", SPREADS[weights.spread.kind]
    shape[rows.GATE] = -1 if weights.gate is None else store.note(weights.gate)
    shape[rows.CARRY] = weights.carry_from
    spread = (weights.spread.floor, weights.spread.cap - weights.spread.floor)
    shape[rows.UNIT] = store.note(np.concatenate([weights.unit, np.array(spread, np.float32)]))
    shape[rows.DEEPEST] = plan[1:, rows.DEPTH].max()
    shape[rows.WIDEST] = plan[1:, rows.PANELS].max() * PANEL
    return Packed(plan, *store.packed(half=found.half))


Product = tuple[F32, F32]
"""Weights (K, N) and biases (N,)."""


def _layer(layer: Layer) -> Product:
    """Inputs, then what recurs; gates in ONNX's order, as the kernels take them."""
    weight = np.concatenate([onnx_order(layer.input), onnx_order(layer.recurrent)], axis=1)
    return weight.T, onnx_order(layer.bias)


def _linear(layer: tuple[F32, F32] | None) -> list[Product]:
    return [] if layer is None else [(layer[0].T, layer[1])]


def _lazy(weights: Weights) -> list[Product]:
    """Each component by itself."""
    return list(zip(weights.row_weight, weights.row_bias, strict=True))


def _full(weights: Weights) -> list[Product]:
    """All components side by side."""
    hidden = weights.row_weight.shape[1]
    return [(weights.row_weight.transpose(1, 0, 2).reshape(hidden, -1), weights.row_bias.reshape(-1))]


class _Store:
    """Panels and numbers, one after the other."""

    def __init__(self) -> None:
        self._panels: list[F32] = []
        self._numbers: list[F32] = []

    def add(self, products: Sequence[Product]) -> tuple[int, int, int, int, int]:
        """Keep products of one shape; gives the row of the plan for the first of them."""
        (weight, _), begin = products[0], sum(panel.size for panel in self._panels)
        depth, width = weight.shape
        panels = math.ceil(width / PANEL)
        spare = (0, panels * PANEL - width)
        for each, _ in products:
            padded = np.pad(each, ((0, 0), spare))
            self._panels.append(padded.reshape(depth, panels, PANEL).transpose(1, 0, 2))
        bias = self.note(np.concatenate([np.pad(each, spare) for _, each in products]))
        return begin, bias, depth, panels, width

    def note(self, numbers: F32) -> int:
        """Keep numbers; gives where they begin."""
        begin = sum(each.size for each in self._numbers)
        self._numbers.append(numbers)
        return begin

    def packed(self, *, half: bool) -> tuple[NDArray[Any], F32]:
        """All panels and all numbers."""
        size = sum(panel.size for panel in self._panels)
        weights = aligned(size, np.float16 if half else np.float32)
        at = 0
        for panel in self._panels:
            weights[at : at + panel.size] = panel.reshape(-1)
            at += panel.size
        return weights.view(np.uint16) if half else weights, np.concatenate(self._numbers).astype(np.float32)
