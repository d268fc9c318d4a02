"""A model file that anybody can play: four points that tremble where they were."""

from pathlib import Path

import numpy as np
import onnx
import tiny
from onnx import TensorProto, helper, numpy_helper

from engine.inference.vet import pack
from engine.schema.controls import CONTROLS
from engine.schema.model import Head, ModelSpec, Tensor

JOINTS = len(tiny.SKELETON.names)
WIDTH = 3 * JOINTS
TREMOR = 1e-4
"""Metres, standard deviation per frame."""

SPEC = ModelSpec(
    name="toy\x1b[31m",
    family="points",
    fps=30,
    features=WIDTH,
    head=Head(kind="mdn", components=1, dims=WIDTH),
    state=(Tensor(input="m", output="m_next", shape=(-1, 1)),),
    licence="CC0-1.0",
    credit="made of nothing",
    skeleton=tiny.SKELETON,
    conditions=("calm", "wild"),
    settings={"freeze_speed": 0.0},
    controls=CONTROLS,
    metrics={"held-out": {"nll": -1.23456, "bones": [0.5, 1]}},
)


def write(path: Path, spec: ModelSpec = SPEC, **arrays: np.ndarray) -> Path:
    """Write the model with one prime, unless `arrays` say otherwise."""
    still = np.array([[0, 1, 0], [0.3, 1, 0], [-0.3, 1, 0], [0, 1.7, 0]], np.float32)
    arrays = {"primes": np.tile(still, (1, 4, 1, 1)), **arrays}
    model = _graph(spec.state[0].shape[1])
    for key, value in pack(spec, arrays).items():
        model.metadata_props.append(onnx.StringStringEntryProto(key=key, value=value))
    path.write_bytes(model.SerializeToString())
    return path


def _graph(memory: int) -> onnx.ModelProto:
    constants: dict[str, np.ndarray] = {"one": np.array([1], np.int64), "zeros": np.zeros((WIDTH, 1), np.float32)}
    constants |= {"none": np.array(0, np.float32), "tremor": np.array(TREMOR, np.float32)}
    nodes = [
        helper.make_node("Unsqueeze", ["x", "one"], ["mu"]),
        helper.make_node("Mul", ["mu", "none"], ["nought"]),
        helper.make_node("Add", ["nought", "tremor"], ["sigma"]),
        helper.make_node("MatMul", ["x", "zeros"], ["logits"]),
        helper.make_node("Add", ["m", "logits"], ["m_next"]),
    ]
    shapes: dict[str, list[str | int | None]] = {"x": ["B", WIDTH], "m": ["B", memory]}
    given: dict[str, list[str | int | None]] = {"mu": ["B", 1, WIDTH], "sigma": ["B", 1, WIDTH], "logits": ["B", 1]}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in {**given, "m_next": shapes["m"]}.items()
    ]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "toy", inputs, outputs, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
