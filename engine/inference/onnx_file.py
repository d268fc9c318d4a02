"""A step graph as the bytes of an .onnx file, written field by field.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. A fresh machine has no `onnx`
package, and has to be able to make a model to measure.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.inference import ports
from engine.inference.ports import Port
from engine.inference.proto import BYTES, VARINT
from engine.inference.step_graph import FLOAT, FLOAT16, INT8, INT64, UINT8, Graph, Node
from engine.schema.model import ModelSpec

OPSET = 18
IR_VERSION = 9
PRODUCER = "figurant"

KINDS = {"float32": FLOAT, "int64": INT64, "float16": FLOAT16, "uint8": UINT8, "int8": INT8}
CONTRIBUTED = {"MatMulIntegerToFloat": "com.microsoft"}
"""Domains of the operators that are ONNX Runtime's own."""
INT_ATTRIBUTE = 2
"""AttributeProto.INT"""


def encode(graph: Graph, spec: ModelSpec, metadata: Mapping[str, str]) -> bytes:
    """The file of a step graph, whose ports are those of its description.

    Args:
        graph: of `step_graph.build`.
        spec: says what goes in and comes out.
        metadata: as `metadata.pack` gives it.
    """
    (x, *knobs), (taken, given) = ports.inputs(spec), ports.states(spec)
    return plain(graph, [x, *taken, *knobs], ports.outputs(spec) + given, metadata)


def plain(graph: Graph, inputs: Sequence[Port], outputs: Sequence[Port], metadata: Mapping[str, str]) -> bytes:
    """The file of any graph; the same values give the same bytes."""
    parts = [_field(1, _node(node)) for node in graph.nodes]
    parts.append(_field(2, "step"))
    parts += [_field(5, _tensor(name, value)) for name, value in graph.constants.items()]
    parts += [_field(11, _port(port)) for port in inputs]
    parts += [_field(12, _port(port)) for port in outputs]
    file = [_field(1, IR_VERSION), _field(2, PRODUCER), _field(7, b"".join(parts)), _opset("", OPSET)]
    domains = {CONTRIBUTED[node.kind] for node in graph.nodes if node.kind in CONTRIBUTED}
    file += [_opset(domain, 1) for domain in sorted(domains)]
    file += [_field(14, _field(1, key) + _field(2, value)) for key, value in metadata.items()]
    return b"".join(file)


def _node(node: Node) -> bytes:
    fields = [_field(1, name) for name in node.inputs] + [_field(2, name) for name in node.outputs]
    fields += [_field(3, node.outputs[-1]), _field(4, node.kind)]
    for name, value in node.attributes:
        fields.append(_field(5, _field(1, name) + _field(3, value) + _field(20, INT_ATTRIBUTE)))
    if node.kind in CONTRIBUTED:
        fields.append(_field(7, CONTRIBUTED[node.kind]))
    return b"".join(fields)


def _opset(domain: str, version: int) -> bytes:
    return _field(8, _field(1, domain) + _field(2, version))


def _tensor(name: str, value: NDArray[np.generic]) -> bytes:
    fields = [_field(1, size) for size in value.shape]
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    return b"".join([*fields, _field(2, KINDS[value.dtype.name]), _field(8, name), _field(9, little.tobytes())])


def _port(port: Port) -> bytes:
    axes = (_field(2, "batch") if size == -1 else _field(1, size) for size in port.shape)
    shape = b"".join(_field(1, axis) for axis in axes)
    return _field(1, port.name) + _field(2, _field(1, _field(1, KINDS[port.dtype]) + _field(2, shape)))


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return b"".join((_varint(number << 3 | BYTES), _varint(len(data)), data))


def _varint(value: int) -> bytes:
    """At most 64 bits; negative numbers as their two's complement."""
    return bytes(_sevens(value & 0xFFFFFFFFFFFFFFFF))


def _sevens(value: int) -> Iterable[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
