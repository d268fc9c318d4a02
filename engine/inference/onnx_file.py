"""A step graph as the bytes of an .onnx file, written field by field.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. A fresh machine has no `onnx`
package, and has to be able to make a model to measure.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.inference import ports
from engine.inference.ports import Port
from engine.inference.proto import field
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
    parts = [field(1, _node(node)) for node in graph.nodes]
    parts.append(field(2, "step"))
    parts += [field(5, _tensor(name, value)) for name, value in graph.constants.items()]
    parts += [field(11, _port(port)) for port in inputs]
    parts += [field(12, _port(port)) for port in outputs]
    file = [field(1, IR_VERSION), field(2, PRODUCER), field(7, b"".join(parts)), _opset("", OPSET)]
    domains = {CONTRIBUTED[node.kind] for node in graph.nodes if node.kind in CONTRIBUTED}
    file += [_opset(domain, 1) for domain in sorted(domains)]
    file += [field(14, field(1, key) + field(2, value)) for key, value in metadata.items()]
    return b"".join(file)


def _node(node: Node) -> bytes:
    fields = [field(1, name) for name in node.inputs] + [field(2, name) for name in node.outputs]
    fields += [field(3, node.outputs[-1]), field(4, node.kind)]
    for name, value in node.attributes:
        fields.append(field(5, field(1, name) + field(3, value) + field(20, INT_ATTRIBUTE)))
    if node.kind in CONTRIBUTED:
        fields.append(field(7, CONTRIBUTED[node.kind]))
    return b"".join(fields)


def _opset(domain: str, version: int) -> bytes:
    return field(8, field(1, domain) + field(2, version))


def _tensor(name: str, value: NDArray[np.generic]) -> bytes:
    fields = [field(1, size) for size in value.shape]
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    return b"".join([*fields, field(2, KINDS[value.dtype.name]), field(8, name), field(9, little.tobytes())])


def _port(port: Port) -> bytes:
    axes = (field(2, "batch") if size == -1 else field(1, size) for size in port.shape)
    shape = b"".join(field(1, axis) for axis in axes)
    return field(1, port.name) + field(2, field(1, field(1, KINDS[port.dtype]) + field(2, shape)))
