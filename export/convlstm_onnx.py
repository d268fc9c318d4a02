"""Networks that foresee pictures as ONNX: `(x, h0, c0, ...) -> (y, h0_out, c0_out, ...)`, described node by node.

All of `x` and `y` are 0 to 1. The batch and the sides of the pictures stay open; a side is a multiple of the patch.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor as Weight
from torch import nn

from engine.inference.metadata import Arrays, pack
from engine.inference.onnx_file import IR_VERSION, OPSET, PRODUCER
from engine.schema.model import ModelSpec, Tensor
from export.nets.convlstm import Cell, ConvLstm, FrameNet, SeedCell, SeedConvLstm


class Drawn:
    """Nodes and numbers of a graph, in order; each node is named after its first output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.numbers: dict[str, NDArray[np.generic]] = {}

    def number(self, name: str, value: Weight | NDArray[np.generic]) -> str:
        """Add numbers that are kept as they are; asked for again, they are there once."""
        self.numbers[name] = value.detach().cpu().contiguous().numpy() if isinstance(value, Weight) else value
        return name

    def add(self, kind: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:  # noqa: ANN401 - as they come
        """Add an operator; gives its first output."""
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0]


def states(net: FrameNet, height: int, width: int) -> tuple[Tensor, ...]:
    """The recurrent state for pictures of this size: `h` and `c` of every layer."""
    sides = (height // net.patch, width // net.patch)
    return tuple(
        Tensor(input=f"{kind}{layer}", output=f"{kind}{layer}_out", shape=(-1, channels, *sides))
        for layer, channels in enumerate(net.widths)
        for kind in "hc"
    )


def checked(net: FrameNet, spec: ModelSpec, arrays: Arrays) -> bytes:
    """The file of a model, checked.

    Raises:
        onnx.checker.ValidationError: numbers and description do not fit.
    """
    graph = Drawn()
    if isinstance(net, ConvLstm):
        _ours(graph, net)
    elif isinstance(net, SeedConvLstm):
        _seed(graph, net)
    ports = helper.make_graph(
        graph.nodes,
        "step",
        [_port("x", 1), *(_port(one.input, one.shape[1]) for one in spec.state)],
        [_port("y", 1), *(_port(one.output, one.shape[1]) for one in spec.state)],
        [numpy_helper.from_array(value, name) for name, value in graph.numbers.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(ports, opset_imports=[opset], ir_version=IR_VERSION, producer_name=PRODUCER)
    helper.set_model_props(model, pack(spec, arrays))
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _port(name: str, channels: int) -> onnx.ValueInfoProto:
    sides = ("height", "width") if name in {"x", "y"} else ("rows", "columns")
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", channels, *sides])


def _ours(graph: Drawn, net: ConvLstm) -> None:
    folded = graph.add("SpaceToDepth", ["x"], "folded", blocksize=net.patch)
    inside, seen = folded, []
    for layer, cell in enumerate(net.cells):
        assert isinstance(cell, Cell)  # noqa: S101 - for the type checker: nothing else is ever in it
        inside = _cell(graph, layer, cell, inside, net.widths[layer])
        seen.append(inside)
    both = graph.add("Concat", [*seen, folded], "seen", axis=1)
    logits = graph.add("DepthToSpace", [_conv(graph, "out", net.out, both)], "logits", blocksize=net.patch, mode="CRD")
    graph.add("Sigmoid", [logits], "y")


def _cell(graph: Drawn, layer: int, cell: Cell, inside: str, width: int) -> str:
    name = f"cell{layer}"
    both = graph.add("Concat", [inside, f"h{layer}"], f"{name}.both", axis=1)
    raw = _normal(graph, f"{name}.norm", cell.norm, _conv(graph, f"{name}.gates", cell.gates, both))
    split = graph.number(f"split{width}", np.array([3 * width, width], np.int64))
    graph.add("Split", [raw, split], f"{name}.doors", f"{name}.raw", axis=1)
    doors = graph.add("Sigmoid", [f"{name}.doors"], f"{name}.open")
    enter, keep, leave = (f"{name}.{what}" for what in ("enter", "keep", "leave"))
    graph.add("Split", [doors], enter, keep, leave, axis=1, num_outputs=3)
    new = graph.add("Tanh", [f"{name}.raw"], f"{name}.new")
    return _kept(graph, layer, (enter, keep, leave, new), "Tanh")


def _kept(graph: Drawn, layer: int, gates: tuple[str, str, str, str], bend: str) -> str:
    """From the four gates to the next c and h; gives the name of h."""
    name, (enter, keep, leave, new) = f"cell{layer}", gates
    old = graph.add("Mul", [keep, f"c{layer}"], f"{name}.old")
    more = graph.add("Mul", [enter, new], f"{name}.more")
    c = graph.add("Add", [old, more], f"c{layer}_out")
    return graph.add("Mul", [leave, graph.add(bend, [c], f"{name}.bent")], f"h{layer}_out")


def _normal(graph: Drawn, name: str, norm: nn.GroupNorm, x: str) -> str:
    """Each group normalised over channels and picture; a group is a channel of InstanceNormalization."""
    groups = norm.num_groups
    flat = graph.add("Reshape", [x, graph.number(f"flat{groups}", np.array([0, groups, -1], np.int64))], f"{name}.flat")
    ones, zeros = (np.full(groups, value, np.float32) for value in (1.0, 0.0))
    plain = [flat, graph.number(f"ones{groups}", ones), graph.number(f"zeros{groups}", zeros)]
    even = graph.add("InstanceNormalization", plain, f"{name}.even", epsilon=norm.eps)
    back = graph.add("Reshape", [even, graph.add("Shape", [x], f"{name}.shape")], f"{name}.back")
    return _scaled(graph, name, norm.weight, norm.bias, back)


def _scaled(graph: Drawn, name: str, weight: Weight, bias: Weight, x: str) -> str:
    """A factor and a summand for each channel."""
    factor = graph.number(f"{name}.weight", weight[:, None, None])
    summand = graph.number(f"{name}.bias", bias[:, None, None])
    return graph.add("Add", [graph.add("Mul", [x, factor], f"{name}.scaled"), summand], f"{name}.moved")


def _conv(graph: Drawn, name: str, conv: nn.Conv2d, x: str, pads: list[int] | None = None) -> str:
    side = conv.kernel_size[0]
    inputs = [x, graph.number(f"{name}.weight", conv.weight)]
    if conv.bias is not None:
        inputs.append(graph.number(f"{name}.bias", conv.bias))
    return graph.add("Conv", inputs, name, kernel_shape=[side, side], pads=pads or [side // 2] * 4)


def _seed(graph: Drawn, net: SeedConvLstm) -> None:
    inside = "x"
    for layer, (cell, norm) in enumerate(zip(net.cells, net.norms, strict=True)):
        assert isinstance(cell, SeedCell)  # noqa: S101 - as above
        assert isinstance(norm, nn.BatchNorm2d)  # noqa: S101
        h = _seed_cell(graph, layer, cell, inside)
        inside = _batch_normal(graph, f"norm{layer}", norm, h)
    graph.add("Sigmoid", [_conv(graph, "out", net.out, inside)], "y")


def _seed_cell(graph: Drawn, layer: int, cell: SeedCell, inside: str) -> str:
    name, beyond = f"cell{layer}", [0, 0, cell.reach, cell.reach]
    seen = _conv(graph, f"{name}.seen", cell.enter, inside, beyond)
    again = _conv(graph, f"{name}.again", cell.again, f"h{layer}", beyond)
    parts = [f"{name}.{what}" for what in ("to_enter", "to_keep", "to_leave", "raw")]
    graph.add("Split", [graph.add("Add", [seen, again], f"{name}.gates")], *parts, axis=1, num_outputs=4)
    enter, keep, leave = (
        graph.add("HardSigmoid", [part], part.replace("to_", ""), alpha=0.2, beta=0.5) for part in parts[:3]
    )
    return _kept(graph, layer, (enter, keep, leave, graph.add("Relu", [parts[3]], f"{name}.new")), "Relu")


def _batch_normal(graph: Drawn, name: str, norm: nn.BatchNorm2d, x: str) -> str:
    """What a normalisation is once it has been learned: a factor and a summand."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ValueError("a normalisation that keeps no mean")
    factor = norm.weight / (variance + norm.eps).sqrt()
    return _scaled(graph, name, factor, norm.bias - mean * factor, x)
