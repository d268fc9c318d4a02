"""A step graph whose large matrices are 8-bit whole numbers.

Weights have a scale for each column. What they are multiplied by is rounded at each step, row by row: a hidden state
lies within 1 and has a fixed scale, anything else one of its own row. A tensor-wide scale, as DynamicQuantizeLSTM and
DynamicQuantizeLinear take it, would have a performer's frames depend on who else is in the batch. What faces the input
stays in float32: a row of it holds metres, steps of millimetres and conditions, which no single scale serves.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference.step_graph import Graph, Node
from engine.schema.frame import F32

LEVELS = 63
"""Steps to either side of 0 of what is rounded at each step. Two products of seven and eight bits fit into sixteen: x86
without VNNI adds such pairs in sixteen bits and cuts off what does not fit, so with eight bits the result would be
another one there."""

WEIGHT_LEVELS = 127
"""Steps to either side of 0 of a weight."""

TINY = 1e-20
"""In place of the greatest of a row or column of zeros."""

SMALL = 1 << 14
"""Numbers of a matrix that stays in float32: reading 64 KB takes as long as the operators that rounding needs."""

PRODUCT = "MatMulIntegerToFloat"
"""The operator of com.microsoft that multiplies whole numbers, scales each column and adds a bias."""


class Codes(NamedTuple):
    """A rounded tensor: the name of its codes, and that of what each row (..., 1) is to be multiplied by, if by any."""

    name: str
    factor: str | None


def quantized(graph: Graph) -> Graph:
    """The same graph with 8-bit matrices; what goes in and comes out keeps its name and shape.

    Args:
        graph: of `step_graph.build`, in float32.
    """
    return _Lowering(graph).result()


def rounded(weight: F32) -> tuple[NDArray[np.int8], F32]:
    """Codes (..., K, N) and scales (..., N) of a weight whose columns rows are multiplied by."""
    scale = np.maximum(np.abs(weight).max(-2) / WEIGHT_LEVELS, TINY).astype(np.float32)
    return np.rint(weight / scale[..., None, :]).astype(np.int8), scale


class _Lowering:
    """Goes through a graph once, node by node."""

    def __init__(self, graph: Graph) -> None:
        self._from = graph
        self._to = Graph()
        self._codes: dict[str, Codes] = {}
        self._bounded: set[str] = set()
        """Hidden states, within 1, under all their names."""
        self._inputs = {"x"}
        """The input under all its names."""

    def result(self) -> Graph:
        for node in self._from.nodes:
            self._lower(node)
        for name in dict.fromkeys(name for node in self._to.nodes for name in node.inputs):
            if name in self._from.constants and name not in self._to.constants:
                self._to.constant(name, self._from.constants[name])
        return self._to

    def _lower(self, node: Node) -> None:
        output = node.outputs[0]
        if node.kind == "LSTM":
            self._cell(node)
        elif node.kind == "Gemm" and output in {"flat_rows", "recurrent", "hidden"} and self._large(node.inputs[1]):
            self._gemm(node)
        elif output == "chosen_weight" and self._large(node.inputs[0]):
            self._choice(node)
        elif output == "product" and "head.rows.codes" in self._to.constants:
            self._product_of_choice(node)
        else:
            self._copy(node)

    def _large(self, name: str) -> bool:
        return self._numbers(name).size >= SMALL

    def _numbers(self, name: str) -> F32:
        return self._from.constants[name].astype(np.float32, copy=False)

    def _copy(self, node: Node) -> None:
        """Take a node over; one that only shapes gives what it takes another name."""
        self._to.add(node.kind, [*node.inputs], *node.outputs, **dict(node.attributes))
        if node.kind in {"Squeeze", "Unsqueeze"}:
            for names in (self._bounded, self._inputs):
                if node.inputs[0] in names:
                    names.add(node.outputs[0])

    def _cell(self, node: Node) -> None:
        """One step of an LSTM (1, B, H), gates in ONNX's order i o f c."""
        value, kernel, recurrent, bias, _, hidden, cell = node.inputs
        _, hidden_out, cell_out = node.outputs
        flat = hidden_out.replace("_out", ".cell")
        add = self._to.add
        self._bounded |= {hidden, hidden_out}
        gates = self._gates(flat, value, hidden, (kernel, recurrent, bias))
        width = self._numbers(recurrent).shape[2]
        add("Split", [gates, self._to.axes(3 * width, width)], f"{flat}.raw", f"{flat}.raw_c", axis=2)
        add("Sigmoid", [f"{flat}.raw"], f"{flat}.open")
        add("Tanh", [f"{flat}.raw_c"], f"{flat}.new")
        thirds = [f"{flat}.i", f"{flat}.o", f"{flat}.f"]
        add("Split", [f"{flat}.open", self._to.axes(width, width, width)], *thirds, axis=2)
        add("Mul", [f"{flat}.i", f"{flat}.new"], f"{flat}.taken")
        add("Mul", [f"{flat}.f", cell], f"{flat}.held")
        add("Add", [f"{flat}.taken", f"{flat}.held"], cell_out)
        add("Tanh", [cell_out], f"{flat}.shown")
        add("Mul", [f"{flat}.o", f"{flat}.shown"], hidden_out)

    def _gates(self, flat: str, value: str, hidden: str, constants: tuple[str, str, str]) -> str:
        """Name of (1, B, 4H) before its activations."""
        kernel, recurrent = (self._numbers(name)[0].T for name in constants[:2])
        bias = self._numbers(constants[2])[0, : kernel.shape[1]]
        if value in self._bounded:  # one product for both
            both = self._to.add("Concat", [self._round(value).name, self._round(hidden).name], f"{flat}.seen", axis=2)
            return self._multiply(Codes(both, None), f"{flat}.both", np.concatenate([kernel, recurrent]), bias)
        self._multiply(self._round(hidden), f"{flat}.from_state", recurrent, bias)
        if value in self._inputs or kernel.size < SMALL:
            self._to.constant(f"{flat}.from_input.weight", kernel)
            self._to.add("MatMul", [value, f"{flat}.from_input.weight"], f"{flat}.from_input")
        else:
            self._multiply(self._round(value), f"{flat}.from_input", kernel, None)
        return self._to.add("Add", [f"{flat}.from_input", f"{flat}.from_state"], f"{flat}.gates")

    def _gemm(self, node: Node) -> None:
        value, weight, bias = node.inputs
        self._multiply(self._round(value), node.outputs[0], self._numbers(weight), self._numbers(bias))

    def _choice(self, node: Node) -> None:
        """Only the codes of the chosen component are read."""
        rows, index = node.inputs
        codes, scale = rounded(self._numbers(rows))
        self._to.constant("head.rows.codes", codes)
        self._to.constant("head.rows.scale", scale[:, None])
        self._to.add("Gather", ["head.rows.codes", index], "chosen_codes")
        self._to.add("Gather", ["head.rows.scale", index], "chosen_scale")

    def _product_of_choice(self, node: Node) -> None:
        """(B, 1, H) by (B, H, 2 D), each row by its own matrix."""
        seen = self._round(node.inputs[0])
        self._to.constant("one.scale", np.array(1.0, np.float32))
        self._to.add(PRODUCT, [seen.name, "chosen_codes", "step.scale", "one.scale", "step.middle"], "product_codes")
        scale = "chosen_scale"
        if seen.factor:
            scale = self._to.add("Mul", [scale, seen.factor], "product_scale")
        self._to.add("Mul", ["product_codes", scale], node.outputs[0])

    def _multiply(self, seen: Codes, output: str, weight: F32, bias: F32 | None) -> str:
        """Rows (..., K) by a weight (K, N), and a bias (N,)."""
        codes, scale = rounded(weight)
        inputs = [
            seen.name,
            self._to.constant(f"{output}.weight.codes", codes),
            "step.scale",
            self._to.constant(f"{output}.weight.scale", scale),
            "step.middle",
        ]
        if seen.factor is None:
            more = [] if bias is None else ["", self._to.constant(f"{output}.bias", bias)]
            return self._to.add(PRODUCT, inputs + more, output)
        self._to.add(PRODUCT, inputs, f"{output}.whole")
        if bias is None:
            return self._to.add("Mul", [f"{output}.whole", seen.factor], output)
        self._to.add("Mul", [f"{output}.whole", seen.factor], f"{output}.product")
        return self._to.add("Add", [f"{output}.product", self._to.constant(f"{output}.bias", bias)], output)

    def _round(self, value: str) -> Codes:
        """Round a tensor, once."""
        if value not in self._codes:
            self._codes[value] = self._rounding(value)
        return self._codes[value]

    def _rounding(self, value: str) -> Codes:
        self._to.constant("step.scale", np.array(1.0 / LEVELS, np.float32))
        self._to.constant("step.middle", np.array(LEVELS + 1, np.uint8))
        factor = None if value in self._bounded else self._greatest(value)
        within = value if factor is None else self._to.add("Div", [value, factor], f"{value}.within")
        return Codes(self._to.add("QuantizeLinear", [within, "step.scale", "step.middle"], f"{value}.codes"), factor)

    def _greatest(self, value: str) -> str:
        """Name of the greatest size in each row (..., 1)."""
        self._to.constant("step.tiny", np.array(TINY, np.float32))
        self._to.add("Abs", [value], f"{value}.size")
        self._to.add("ReduceMax", [f"{value}.size", self._to.axes(-1)], f"{value}.most", keepdims=1)
        return self._to.add("Max", [f"{value}.most", "step.tiny"], f"{value}.greatest")
