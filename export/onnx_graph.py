"""A step graph as a model that the `onnx` package has checked."""

import onnx

from engine.inference.metadata import Arrays, pack
from engine.inference.onnx_file import encode
from engine.inference.step_graph import Graph, Weights, build
from engine.schema.model import ModelSpec


def checked(weights: Weights, spec: ModelSpec, arrays: Arrays, *, half: bool = False) -> bytes:
    """The file of a model, checked.

    Args:
        weights: its numbers.
        spec: what it says about itself.
        arrays: that its family needs beside the graph.
        half: keep what is multiplied in half precision.

    Raises:
        onnx.checker.ValidationError: numbers and description do not fit.
    """
    return checked_graph(build(weights, spec.head.kind, half=half), spec, arrays)


def checked_graph(graph: Graph, spec: ModelSpec, arrays: Arrays) -> bytes:
    """As `checked`, of a graph that is described already."""
    data = encode(graph, spec, pack(spec, arrays))
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    return data
