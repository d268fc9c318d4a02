"""A step graph as a model that the `onnx` package has checked."""

import onnx

from engine.inference.metadata import Arrays, pack
from engine.inference.onnx_file import encode
from engine.inference.step_graph import Weights, build
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
    data = encode(build(weights, spec.head.kind, half=half), spec, pack(spec, arrays))
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    return data
