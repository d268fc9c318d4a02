"""What a foreign .onnx file asks for, found out without loading it.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. ONNX Runtime itself opens the files
that a tensor names, runs loops without end and takes bodies of functions from the file, so all of that is refused here.
"""

from typing import NamedTuple

from engine.inference.proto import Budget, Malformed, Message

DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
"""Where operators may come from; com.microsoft holds the fused and the quantised ones."""

REFUSED = frozenset({"Loop", "Scan", "If", "SequenceMap", "EPContext"})
"""Operators that run other graphs, or (the last) that name a compiled file for a device."""

ELEMENTS = {1: "float32", 7: "int64"}
"""The numbers of TensorProto.DataType that a model of ours has at its ports."""

EXTERNAL = 1
"""TensorProto.DataLocation.EXTERNAL"""


class Value(NamedTuple):
    """An input or output: its element type and shape; None is an open axis."""

    dtype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        axes = ", ".join("batch" if axis is None else str(axis) for axis in self.shape)
        return f"{self.dtype} ({axes})"


class Refused(Exception):  # noqa: N818 (as Malformed)
    """The file is sound, but asks for what it may not have; the text says what."""


class Signature(NamedTuple):
    """What a graph takes and gives, and the metadata of its file."""

    inputs: dict[str, Value]
    outputs: dict[str, Value]
    metadata: dict[str, str]


def inspect(data: bytes) -> Signature:
    """Look into the bytes of a model file.

    Raises:
        Malformed: they are no ONNX model, or end too early.
        Refused: the model uses something that a foreign file may not use.
    """
    model = Message(memoryview(data), Budget())
    graphs = model.messages(7)
    if not model.numbers(1) or len(graphs) != 1:
        raise Malformed("not an ONNX model")
    if 25 in model or 20 in model:
        raise Refused("functions or training graphs of its own")
    (graph,) = graphs
    weights = graph.messages(5)
    _vet_tensors(weights + _parts(graph.messages(15)))
    for node in graph.messages(1):
        _vet_node(node)
    named = {name for tensor in weights for name in tensor.texts(8)}
    inputs = {name: value for name, value in map(_value, graph.messages(11)) if name not in named}
    return Signature(inputs, dict(map(_value, graph.messages(12))), _metadata(model))


def _vet_node(node: Message) -> None:
    operators, domains = node.texts(4), node.texts(7)
    for operator in operators:
        if operator in REFUSED:
            raise Refused(f"the operator {operator}")
    for domain in domains:
        if domain not in DOMAINS:
            raise Refused(f"an operator of the domain {domain!r}")
    for attribute in node.messages(5):
        if 6 in attribute or 11 in attribute:
            raise Refused(f"a graph inside the operator {' '.join(operators)}")
        sparse = attribute.messages(22) + attribute.messages(23)
        _vet_tensors(attribute.messages(5) + attribute.messages(10) + _parts(sparse))


def _parts(sparse: list[Message]) -> list[Message]:
    """The tensors that sparse tensors are made of."""
    return [tensor for each in sparse for number in (1, 2) for tensor in each.messages(number)]


def _vet_tensors(tensors: list[Message]) -> None:
    for tensor in tensors:
        if 13 in tensor or EXTERNAL in tensor.numbers(14):
            raise Refused("weights in another file")


def _value(info: Message) -> tuple[str, Value]:
    """Name and type of a ValueInfoProto; a shape that is not told is empty."""
    names, tensors = info.texts(1), [tensor for kind in info.messages(2) for tensor in kind.messages(1)]
    if len(names) != 1 or len(tensors) != 1:
        raise Malformed("an input or output that is no tensor")
    dtype = " and ".join(ELEMENTS.get(number, f"type {number}") for number in tensors[0].numbers(1))
    dims = [dim for shape in tensors[0].messages(2) for dim in shape.messages(1)]
    shape = tuple(next(iter(dim.numbers(1)), None) for dim in dims)
    return names[0], Value(dtype, shape)


def _metadata(model: Message) -> dict[str, str]:
    pairs = [("".join(entry.texts(1)), "".join(entry.texts(2))) for entry in model.messages(14)]
    metadata = dict(pairs)
    if len(metadata) != len(pairs):
        raise Refused("a metadata key that stands twice")
    return metadata
