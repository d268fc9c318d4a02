"""The weights of a model file, where its graph is the one that `step_graph` describes and nothing else."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference.proto import Budget, Malformed, Message
from engine.inference.step_graph import FLOAT, FLOAT16, INT64, Graph, Layer, Node, Spread, Weights, build, states
from engine.schema.frame import F32
from engine.schema.model import HeadKind, ModelSpec

Constants = dict[str, NDArray[np.generic]]

DTYPES: dict[int, np.dtype[Any]] = {FLOAT: np.dtype("<f4"), INT64: np.dtype("<i8"), FLOAT16: np.dtype("<f2")}


class Recognised(NamedTuple):
    """What a graph is made of.

    Attributes:
        weights: its numbers, float32.
        half: whether those that are multiplied are kept in half precision.
    """

    weights: Weights
    half: bool


def recognise(data: bytes, spec: ModelSpec) -> Recognised | None:
    """Find the weights of a vetted model; None where any operator or constant is not the one that we would write.

    Args:
        data: of the file.
        spec: its description.
    """
    try:
        nodes, constants = _read(data)
        found = _weights(nodes, constants, spec.head.kind)
        known = fits(found, spec)
    except (Malformed, LookupError, TypeError, ValueError):  # of tensors with other axes than ours, too
        return None
    if not known:
        return None
    half = any(value.dtype == np.float16 for value in constants.values())
    again = build(found, spec.head.kind, half=half)
    return Recognised(found, half) if _same(again, nodes, constants) else None


def fits(weights: Weights, spec: ModelSpec) -> bool:
    """Whether all shapes follow from the description: compiled kernels do not look where they read."""
    wide, dims, components = spec.features, spec.head.dims, spec.head.components
    wanted: list[tuple[F32, tuple[int, ...]]] = []
    if weights.embed is not None:
        width = len(weights.embed[1])
        wanted += [(weights.embed[0], (width, wide)), (weights.embed[1], (width,))]
        wide = width
    for layer in weights.layers:
        hidden = layer.recurrent.shape[-1]
        wanted += [(layer.input, (4 * hidden, wide)), (layer.recurrent, (4 * hidden, hidden))]
        wanted.append((layer.bias, (4 * hidden,)))
        wide = hidden
    if weights.dense is not None:
        width = len(weights.dense[1])
        wanted += [(weights.dense[0], (width, wide)), (weights.dense[1], (width,))]
        wide = width
    wanted += [(weights.pi_weight, (components, wide)), (weights.pi_bias, (components,))]
    wanted += [(weights.row_weight, (components, wide, 2 * dims)), (weights.row_bias, (components, 2 * dims))]
    wanted.append((weights.unit, (dims,)))
    if weights.gate is not None:
        wanted.append((weights.gate, (dims,)))
    carried = weights.gate is None or 0 <= weights.carry_from <= spec.features - dims
    recurs = len(weights.layers) > 0 and states(weights) == spec.state
    return carried and recurs and all(array.shape == shape for array, shape in wanted)


def _same(graph: Graph, nodes: list[Node], constants: Constants) -> bool:
    if graph.nodes != nodes or graph.constants.keys() != constants.keys():
        return False
    pairs = ((value, constants[name]) for name, value in graph.constants.items())
    return all(_equal(mine, theirs) for mine, theirs in pairs)


def _equal(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    """Whether two arrays are the same to the last bit, whatever is no number in them."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return np.array_equal(one.ravel().view(np.uint8), other.ravel().view(np.uint8))


def _read(data: bytes) -> tuple[list[Node], Constants]:
    (graph,) = Message(memoryview(data), Budget()).messages(7)
    return [_node(node) for node in graph.messages(1)], dict(map(_constant, graph.messages(5)))


def _node(node: Message) -> Node:
    (kind,) = node.texts(4)
    if any(node.texts(7)):
        raise Malformed("an operator of another domain")
    attributes = tuple((*attribute.texts(1), *attribute.numbers(3)) for attribute in node.messages(5))
    if any(len(pair) != 2 for pair in attributes):
        raise Malformed("an attribute that is no number")
    return Node(kind, tuple(node.texts(1)), tuple(node.texts(2)), attributes)  # type: ignore[arg-type]


def _constant(tensor: Message) -> tuple[str, NDArray[np.generic]]:
    (name,), (kind,), (raw,) = tensor.texts(8), tensor.numbers(2), tensor.values(9)
    shape = tuple(tensor.numbers(1))
    value: NDArray[np.generic] = np.frombuffer(bytes(raw), DTYPES[kind])
    if value.size != math.prod(shape):
        raise Malformed("a tensor of another size")
    return name, value.reshape(shape)


def _weights(nodes: list[Node], constants: Constants, kind: HeadKind) -> Weights:
    """Read each part by its name; that everything fits together is seen by building it again."""

    def matrix(name: str) -> F32:
        found = constants[f"{name}.half"] if f"{name}.half" in constants else constants[name]
        return found.astype(np.float32)

    def linear(name: str) -> tuple[F32, F32] | None:
        return (matrix(f"{name}.weight").T, number(f"{name}.bias")) if f"{name}.bias" in constants else None

    def number(name: str) -> F32:
        return constants[name].astype(np.float32)

    layers = sum(node.kind == "LSTM" for node in nodes)
    pi_bias = number("head.pi.bias")
    if kind == "mdn-lazy":
        row_weight, row_bias = matrix("head.rows.weight"), number("head.rows.bias")
    else:
        row_weight, row_bias = _folded(matrix("head.flat.weight"), number("head.flat.bias"), len(pi_bias))
    starts = [constants[node.inputs[1]] for node in nodes if node.outputs == ("previous",)]
    return Weights(
        layers=tuple(
            Layer(
                _torch_order(matrix(f"lstm{index}.input")[0]),
                _torch_order(matrix(f"lstm{index}.recurrent")[0]),
                _torch_order(np.split(number(f"lstm{index}.bias")[0], 2)[0]),
            )
            for index in range(layers)
        ),
        pi_weight=matrix("head.pi.weight").T,
        pi_bias=pi_bias,
        row_weight=row_weight,
        row_bias=row_bias,
        unit=number("head.unit"),
        spread=_spread(nodes, constants),
        embed=linear("embed"),
        gate=number("gate") if "gate" in constants else None,
        carry_from=int(starts[0][0]) if starts else 0,
        dense=linear("dense"),
    )


def _folded(weight: F32, bias: F32, components: int) -> tuple[F32, F32]:
    """Rows of a full head by component: (K, H, 2 D) and (K, 2 D)."""
    return weight.reshape(len(weight), components, -1).transpose(1, 0, 2), bias.reshape(components, -1)


def _torch_order(gates: F32) -> F32:
    """Gates i o f c as i f g o."""
    i, o, f, g = np.split(gates, 4)
    return np.concatenate([i, f, g, o])


def _spread(nodes: list[Node], constants: Constants) -> Spread:
    if "spread.shift" in constants:
        floor, reach = float(constants["spread.floor"][0]), float(constants["spread.range"][0])
        return Spread("sigmoid", floor, floor + reach)
    return Spread("root" if any(node.kind == "Sqrt" for node in nodes) else "elu")
