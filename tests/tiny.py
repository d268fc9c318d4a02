"""Tiny models, a tiny body and a family without a network's size: what the tests of the engine's core are run on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.contracts import Loaded
from engine.inference.vet import load, pack
from engine.schema.controls import Controls
from engine.schema.frame import F32, Pose
from engine.schema.model import Head, HeadKind, ModelSpec, Tensor
from engine.schema.skeleton import Skeleton

FEATURES = DIMS = 3
HIDDEN = 5
COMPONENTS = 4
FPS = 30.0
NO_ARRAYS: Mapping[str, NDArray[np.generic]] = {}

SKELETON = Skeleton(
    names=("hip", "left", "right", "head"),
    parents=(-1, 0, 0, 0),
    offsets=((0.0, 1.0, 0.0), (0.3, 0.0, 0.0), (-0.3, 0.0, 0.0), (0.0, 0.7, 0.0)),
    facing=((1, 2),),
)
OFFSETS = np.array(((0.0, 0.0, 0.0), *SKELETON.offsets[1:]), np.float32)


def spec(kind: HeadKind, state: Sequence[Tensor]) -> ModelSpec:
    return ModelSpec(
        name="tiny",
        family="tiny",
        fps=FPS,
        features=FEATURES,
        head=Head(kind=kind, components=COMPONENTS, dims=DIMS),
        state=tuple(state),
        skeleton=SKELETON,
        licence="CC0",
        credit="nobody",
    )


def scripted_spec(kind: HeadKind = "mdn-lazy") -> ModelSpec:
    return spec(kind, [Tensor(input="m", output="m_next", shape=(-1, DIMS))])


def lstm_spec(kind: HeadKind = "mdn-lazy") -> ModelSpec:
    names = (("h", "h_next"), ("c", "c_next"))
    return spec(kind, [Tensor(input=taken, output=given, shape=(1, -1, HIDDEN)) for taken, given in names])


def lstm_model(kind: HeadKind = "mdn-lazy") -> onnx.ModelProto:
    """x -> LSTM -> logits, mu, sigma; a lazy head chooses the likeliest first, by `u`. Without metadata."""
    draw = np.random.default_rng(5)
    rows = 2 * COMPONENTS * DIMS
    weights = {
        "w": draw.normal(size=(1, 4 * HIDDEN, FEATURES)),
        "r": draw.normal(size=(1, 4 * HIDDEN, HIDDEN)) * 0.5,
        "pi_w": draw.normal(size=(HIDDEN, COMPONENTS)) * 2.0,
        "row_w": draw.normal(size=(HIDDEN, rows)),
    }
    integers = {"zero": [0], "one": [1], "two": [2], "k": [COMPONENTS], "d": [DIMS], "last": [COMPONENTS - 1]}
    integers |= {"end": [2 * DIMS], "split": [0, COMPONENTS, 2 * DIMS]}
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    tensors += [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in integers.items()]
    tensors.append(numpy_helper.from_array(np.array(0.05, np.float32), "floor"))
    nodes = [
        helper.make_node("Unsqueeze", ["x", "zero"], ["sequence"]),
        helper.make_node(
            "LSTM", ["sequence", "w", "r", "", "", "h", "c"], ["", "h_next", "c_next"], hidden_size=HIDDEN
        ),
        helper.make_node("Squeeze", ["h_next", "zero"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "pi_w"], ["logits"]),
        helper.make_node("MatMul", ["hidden", "row_w"], ["flat"]),
        helper.make_node("Reshape", ["flat", "split"], ["rows"]),
        helper.make_node("Slice", ["rows", "zero", "d", "two"], ["means"]),
        helper.make_node("Slice", ["rows", "d", "end", "two"], ["raw"]),
        helper.make_node("Softplus", ["raw"], ["soft"]),
        helper.make_node("Add", ["soft", "floor"], ["spreads"]),
    ]
    nodes += _choice() if kind == "mdn-lazy" else _everything()
    graph = helper.make_graph(nodes, "tiny", _inputs(kind), _outputs(kind), tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _everything() -> list[onnx.NodeProto]:
    return [helper.make_node("Identity", ["means"], ["mu"]), helper.make_node("Identity", ["spreads"], ["sigma"])]


def _choice() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Div", ["logits", "pi_temperature"], ["tempered"]),
        helper.make_node("Softmax", ["tempered"], ["shares"]),
        helper.make_node("TopK", ["shares", "k"], ["best", "order"]),
        helper.make_node("CumSum", ["best", "one"], ["reached"]),
        helper.make_node("Sub", ["reached", "best"], ["before"]),
        helper.make_node("Less", ["before", "top_p"], ["in"]),
        helper.make_node("Cast", ["in"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["best", "mask"], ["kept"]),
        helper.make_node("CumSum", ["kept", "one"], ["ladder"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["total"], keepdims=1),
        helper.make_node("Mul", ["u", "total"], ["target"]),
        helper.make_node("LessOrEqual", ["ladder", "target"], ["passed"]),
        helper.make_node("Cast", ["passed"], ["steps"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["steps", "one"], ["place"], keepdims=1),
        helper.make_node("Min", ["place", "last"], ["safe"]),
        helper.make_node("GatherElements", ["order", "safe"], ["component"], axis=1),
        helper.make_node("GatherND", ["means", "component"], ["mu"], batch_dims=1),
        helper.make_node("GatherND", ["spreads", "component"], ["sigma"], batch_dims=1),
    ]


def _inputs(kind: HeadKind) -> list[onnx.ValueInfoProto]:
    shapes: dict[str, list[str | int | None]] = {"x": ["B", FEATURES], "h": [1, "B", HIDDEN], "c": [1, "B", HIDDEN]}
    if kind == "mdn-lazy":
        shapes |= {name: ["B", 1] for name in ("u", "pi_temperature", "top_p")}
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def _outputs(kind: HeadKind) -> list[onnx.ValueInfoProto]:
    lazy = kind == "mdn-lazy"
    head: list[str | int | None] = ["B", DIMS] if lazy else ["B", COMPONENTS, DIMS]
    shapes: dict[str, list[str | int | None]] = {
        "mu": head,
        "sigma": head,
        "h_next": [1, "B", HIDDEN],
        "c_next": [1, "B", HIDDEN],
    }
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    if lazy:
        return [*values, helper.make_tensor_value_info("component", TensorProto.INT64, ["B", 1])]
    return [*values, helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["B", COMPONENTS])]


def save(
    model: onnx.ModelProto,
    path: Path,
    description: ModelSpec,
    arrays: Mapping[str, NDArray[np.generic]] = NO_ARRAYS,
) -> Path:
    """Write a model with its metadata."""
    del model.metadata_props[:]
    helper.set_model_props(model, pack(description, arrays))
    path.write_bytes(model.SerializeToString())
    return path


def lstm(folder: Path, kind: HeadKind = "mdn-lazy") -> Loaded:
    """A vetted tiny model."""
    return load(save(lstm_model(kind), folder / f"{kind}.onnx", lstm_spec(kind)))


def other(description: ModelSpec, **changes: object) -> ModelSpec:
    """A description with some fields changed."""
    return msgspec.structs.replace(description, **changes)


def clips(count: int = 4, length: int = 12) -> F32:
    """Bodies (N, L, J, 3) that walk straight on, each clip at another speed, up to 0.6 m/s."""
    speed = np.linspace(0.3, 0.6, count)[:, None, None] / FPS
    way = np.arange(length)[:, None] * np.array([[1.0, 0.0, 0.5]])
    root = speed * way + np.array(SKELETON.offsets[0])
    return np.asarray(root[:, :, None] + OFFSETS, np.float32)


class TinyFamily:
    """Moves the root by each sample, in units of `UNIT` metres; what is fed back is the last move.

    It integrates whatever it is given, so that a NaN that reaches it stays.
    """

    UNIT = 0.02

    def __init__(self, description: ModelSpec, performers: int) -> None:
        self.spec = description
        self.performers = performers
        self.samples: list[F32] = []
        self.controls: list[tuple[Controls | None, ...]] = []
        self.blends: list[tuple[int, int]] = []
        self._move = np.zeros((performers, DIMS), np.float32)
        self._root = np.tile(np.array(SKELETON.offsets[0], np.float32), (performers, 1))

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:
        del controls
        x[:] = self._move[: len(x)]

    def spread(self, controls: Controls) -> float:  # noqa: ARG002
        return 1.0

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:
        self.samples.append(sample.copy())
        self.controls.append(tuple(controls))
        batch = len(sample)
        self._move[:batch] = sample
        self._root[:batch] += sample * (self.UNIT, 0.0, self.UNIT)
        place = np.zeros((batch, 7), np.float32)
        place[:, 0], place[:, 2], place[:, 6] = self._root[:batch, 0], self._root[:batch, 2], 1.0
        return Pose(self._root[:batch, None] + OFFSETS, place)

    def features(self, clip: F32) -> F32:
        return (np.diff(clip[:, 0], axis=0) / self.UNIT).astype(np.float32)

    def place(self, row: int, clip: F32, blend: int) -> None:
        self.blends.append((row, blend))
        self._move[row] = self.features(clip[-2:])[0]

    def enter(self, row: int, clip: F32) -> None:
        self.place(row, clip, 0)
        self._root[row] = SKELETON.offsets[0]

    def stand(self, row: int, root: F32) -> None:
        self._root[row] = root[0], SKELETON.offsets[0][1], root[2]
