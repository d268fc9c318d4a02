"""The step graph as ONNX: `(x, h0, c0, ..., [u, pi_temperature, top_p]) -> (head outputs, h0_out, c0_out, ...)`.

Described node by node, without tracing: one LSTM node per layer, the batch axis dynamic, the normaliser folded into the
weights. A lazy head chooses the component first and multiplies by that component's rows alone: most of a mixture's
weights then stay unread. Half-precision weights are widened by a Cast each, which ONNX Runtime does once when it loads.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32
from engine.schema.model import HeadKind, Tensor

FLOAT, UINT8, INT8, INT64, FLOAT16 = 1, 2, 3, 7, 10
"""Numbers of TensorProto.DataType."""

HIDDEN = "hidden"
"""Name of what the head sees (B, H) inside the graph: the last layer's output, or the dense layer's behind it."""

CARRY = "carried"
"""Name of the tensor (B, D) that is added to every mean."""


@dataclass(frozen=True)
class Layer:
    """One LSTM layer, gates in PyTorch's order i f g o: `input` (4H, F), `recurrent` (4H, H), `bias` (4H,)."""

    input: F32
    recurrent: F32
    bias: F32


@dataclass(frozen=True)
class Spread:
    """How raw outputs become standard deviations, in normalised units.

    `sigmoid`: floor + (cap - floor) sigmoid(raw - 1.5). `elu`: elu(raw) + 1 + 1e-6. `root`: the square root of that,
    for models whose sampler took sigma for a variance.
    """

    kind: Literal["sigmoid", "elu", "root"]
    floor: float = 0.0
    cap: float = 1.0


@dataclass(frozen=True)
class Weights:
    """A step graph's numbers, in the units of the family.

    Attributes:
        layers: the LSTM layers.
        pi_weight: (K, H) and pi_bias (K,): logits.
        row_weight: (K, H, 2 D) and row_bias (K, 2 D): means in family units, then raw spreads. Of classes D is 0.
        unit: (D,) family units per normalised unit.
        spread: how raw spreads become sigma.
        embed: (H, F) and (H,) of a linear layer with SiLU in front, or None.
        gate: (D,) factor with which the inputs `carry_from`.. are added to every mean, or None.
        carry_from: first of those D inputs.
        dense: (N, H) and (N,) of a linear layer between the LSTM and the head, which then sees N instead of H; or None.
        normal: (F,) and (F,) that are taken from the inputs, and that these are divided by; or None. Weights that hold
            them are rounded another way, and a long memory shows it.
    """

    layers: tuple[Layer, ...]
    pi_weight: F32
    pi_bias: F32
    row_weight: F32
    row_bias: F32
    unit: F32
    spread: Spread
    embed: tuple[F32, F32] | None = None
    gate: F32 | None = None
    carry_from: int = 0
    dense: tuple[F32, F32] | None = None
    normal: tuple[F32, F32] | None = None


def states(weights: Weights) -> tuple[Tensor, ...]:
    """The recurrent state of the graph: `h` and `c` (1, B, H) of every layer."""
    return tuple(
        Tensor(input=f"{kind}{index}", output=f"{kind}{index}_out", shape=(1, -1, layer.recurrent.shape[1]))
        for index, layer in enumerate(weights.layers)
        for kind in "hc"
    )


class Node(NamedTuple):
    """An operator: what it takes, what it gives and its whole-numbered attributes; named after its last output."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[tuple[str, int], ...] = ()


class Graph:
    """Nodes and constants, in order.

    Args:
        half: keep what is multiplied in half precision.
    """

    def __init__(self, *, half: bool = False) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.generic]] = {}
        self._half = half

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add numbers that are kept as they are."""
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def matrix(self, name: str, value: F32) -> str:
        """Add numbers that are multiplied, which may be kept in half precision."""
        if not self._half:
            return self.constant(name, value)
        self.constant(f"{name}.half", value.astype(np.float16))
        return self.add("Cast", [f"{name}.half"], name, to=FLOAT)

    def axes(self, *values: int) -> str:
        """Add whole numbers that operators are told, each row of them once."""
        return self.constant("axes" + "_".join(str(value) for value in values), np.array(values, np.int64))

    def add(self, kind: str, inputs: list[str], *outputs: str, **attributes: int) -> str:
        """Add an operator; gives its last output."""
        self.nodes.append(Node(kind, tuple(inputs), outputs, tuple(attributes.items())))
        return outputs[-1]


def build(weights: Weights, kind: HeadKind, *, half: bool = False) -> Graph:
    """Describe the graph; its outputs are those of `engine.inference.ports`."""
    graph = Graph(half=half)
    _trunk(graph, weights)
    if kind == "mdn-lazy":
        _lazy(graph, weights)
    elif kind == "classes":
        _logits(graph, weights)
        graph.add("Softmax", ["logits"], "probabilities", axis=1)
    else:
        _full(graph, weights)
    return graph


def _trunk(graph: Graph, weights: Weights) -> None:
    """Inputs to the hidden state (B, H), and what is carried to the means."""
    value = "x"
    if weights.normal is not None:
        graph.constant("normal.mean", weights.normal[0])
        graph.constant("normal.scale", weights.normal[1])
        graph.add("Sub", ["x", "normal.mean"], "centred")
        value = graph.add("Div", ["centred", "normal.scale"], "normal")
    if weights.embed is not None:
        graph.matrix("embed.weight", weights.embed[0].T)
        graph.constant("embed.bias", weights.embed[1])
        graph.add("Gemm", ["x", "embed.weight", "embed.bias"], "embedded")
        graph.add("Sigmoid", ["embedded"], "embed_gate")
        value = graph.add("Mul", ["embedded", "embed_gate"], "embed")
    value = graph.add("Unsqueeze", [value, graph.axes(0)], "sequence")
    for index, layer in enumerate(weights.layers):
        value = _lstm(graph, layer, index, value)
    top = graph.add("Squeeze", [value, graph.axes(0)], HIDDEN if weights.dense is None else "recurrent")
    if weights.dense is not None:
        graph.matrix("dense.weight", weights.dense[0].T)
        graph.constant("dense.bias", weights.dense[1])
        graph.add("Gemm", [top, "dense.weight", "dense.bias"], HIDDEN)
    if weights.gate is not None:
        first, last = weights.carry_from, weights.carry_from + len(weights.gate)
        graph.add("Slice", ["x", graph.axes(first), graph.axes(last), graph.axes(1)], "previous")
        graph.constant("gate", weights.gate)
        graph.add("Mul", ["previous", "gate"], CARRY)


def onnx_order(gates: F32) -> F32:
    """Gates i f g o (4H, ...) as i o f g."""
    i, f, g, o = np.split(gates, 4)
    return np.concatenate([i, o, f, g])


def _lstm(graph: Graph, layer: Layer, index: int, value: str) -> str:
    """One LSTM node; ONNX orders the gates i o f c and keeps two biases, of which the second stays zero."""
    width = layer.recurrent.shape[1]
    bias = np.concatenate([onnx_order(layer.bias), np.zeros_like(layer.bias)])
    names = [
        graph.matrix(f"lstm{index}.input", onnx_order(layer.input)[None]),
        graph.matrix(f"lstm{index}.recurrent", onnx_order(layer.recurrent)[None]),
        graph.constant(f"lstm{index}.bias", bias[None]),
    ]
    # Over one step the new h (1, B, H) is the whole output, and has the shape of the next layer's input.
    state, hidden, cell = [f"h{index}", f"c{index}"], f"h{index}_out", f"c{index}_out"
    graph.add("LSTM", [value, *names, "", *state], "", hidden, cell, hidden_size=width)
    return hidden


def _logits(graph: Graph, weights: Weights) -> None:
    graph.matrix("head.pi.weight", weights.pi_weight.T)
    graph.constant("head.pi.bias", weights.pi_bias)
    graph.add("Gemm", [HIDDEN, "head.pi.weight", "head.pi.bias"], "logits")


def _full(graph: Graph, weights: Weights) -> None:
    """All components: `logits` (B, K), `mu` and `sigma` (B, K, D)."""
    components, hidden, width = weights.row_weight.shape
    _logits(graph, weights)
    flat = weights.row_weight.transpose(1, 0, 2).reshape(hidden, components * width)
    graph.matrix("head.flat.weight", flat)
    graph.constant("head.flat.bias", weights.row_bias.reshape(-1))
    graph.add("Gemm", [HIDDEN, "head.flat.weight", "head.flat.bias"], "flat_rows")
    graph.add("Reshape", ["flat_rows", graph.axes(-1, components, width)], "rows")
    _split_rows(graph, weights, axis=2)


def _lazy(graph: Graph, weights: Weights) -> None:
    """The chosen component: `mu` and `sigma` (B, D), and `component` (B, 1)."""
    _logits(graph, weights)
    _choose(graph, weights.pi_weight.shape[0])
    graph.matrix("head.rows.weight", weights.row_weight)
    graph.constant("head.rows.bias", weights.row_bias)
    graph.add("Squeeze", ["component", graph.axes(1)], "index")
    graph.add("Gather", ["head.rows.weight", "index"], "chosen_weight")
    graph.add("Gather", ["head.rows.bias", "index"], "chosen_bias")
    graph.add("Unsqueeze", [HIDDEN, graph.axes(1)], "hidden_row")
    graph.add("MatMul", ["hidden_row", "chosen_weight"], "product")
    graph.add("Squeeze", ["product", graph.axes(1)], "product_row")
    graph.add("Add", ["product_row", "chosen_bias"], "rows")
    _split_rows(graph, weights, axis=1)


def _choose(graph: Graph, components: int) -> None:
    """Pick the component that `u` falls on among the likeliest that hold `top_p` of the probability.

    Sorted by probability p, with cumulative sums s: kept are those whose s - p is under top_p, the first one always; u
    times the kept sum then lies within exactly one of them.
    """
    graph.add("Div", ["logits", "pi_temperature"], "tempered")
    graph.add("Softmax", ["tempered"], "probability", axis=1)
    graph.add("TopK", ["probability", graph.axes(components)], "sorted", "ranking", axis=1)
    graph.constant("axis1", np.array(1, np.int64))
    graph.add("CumSum", ["sorted", "axis1"], "sums")
    graph.add("Sub", ["sums", "sorted"], "sums_before")
    graph.add("Less", ["sums_before", "top_p"], "kept")
    graph.add("Cast", ["kept"], "kept_mask", to=INT64)
    graph.add("ReduceSum", ["kept_mask", graph.axes(1)], "kept_count", keepdims=1)
    graph.constant("one", np.array(1, np.int64))
    graph.add("Sub", ["kept_count", "one"], "last_kept")
    graph.add("GatherElements", ["sums", "last_kept"], "kept_sum", axis=1)
    graph.add("Mul", ["u", "kept_sum"], "mark")
    graph.add("LessOrEqual", ["sums", "mark"], "passed")
    graph.add("Cast", ["passed"], "passed_mask", to=INT64)
    graph.add("ReduceSum", ["passed_mask", graph.axes(1)], "passed_count", keepdims=1)
    graph.add("Min", ["passed_count", "last_kept"], "place")
    graph.add("GatherElements", ["ranking", "place"], "component", axis=1)


def _split_rows(graph: Graph, weights: Weights, axis: int) -> None:
    """Rows (..., 2 D) to `mu` and `sigma` (..., D) in family units."""
    dims = len(weights.unit)
    graph.add("Slice", ["rows", graph.axes(0), graph.axes(dims), graph.axes(axis)], "mean_rows")
    graph.add("Slice", ["rows", graph.axes(dims), graph.axes(2 * dims), graph.axes(axis)], "raw")
    if weights.gate is None:
        graph.add("Identity", ["mean_rows"], "mu")
    else:
        carried = CARRY if axis == 1 else graph.add("Unsqueeze", [CARRY, graph.axes(1)], "carried_row")
        graph.add("Add", ["mean_rows", carried], "mu")
    graph.constant("head.unit", weights.unit)
    _spread(graph, weights.spread)
    graph.add("Mul", ["normal_sigma", "head.unit"], "sigma")


def _spread(graph: Graph, spread: Spread) -> None:
    """`raw` to `normal_sigma`."""
    if spread.kind == "sigmoid":
        graph.constant("spread.shift", np.array(1.5, np.float32))
        graph.constant("spread.range", np.array(spread.cap - spread.floor, np.float32))
        graph.constant("spread.floor", np.array(spread.floor, np.float32))
        graph.add("Sub", ["raw", "spread.shift"], "shifted")
        graph.add("Sigmoid", ["shifted"], "squashed")
        graph.add("Mul", ["squashed", "spread.range"], "ranged")
        graph.add("Add", ["ranged", "spread.floor"], "normal_sigma")
        return
    graph.constant("spread.floor", np.array(1.0 + 1e-6, np.float32))
    graph.add("Elu", ["raw"], "elu")
    graph.add("Add", ["elu", "spread.floor"], "normal_sigma" if spread.kind == "elu" else "variance")
    if spread.kind == "root":
        graph.add("Sqrt", ["variance"], "normal_sigma")
