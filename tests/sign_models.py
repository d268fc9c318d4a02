"""A small model that reads signs, of weights made by hand, and streams of which it reads them without doubt.

A sign of word k is a swing of channel `MOTION[k]` out from its mean and back. Memory k of the network adds up how far
that channel was out; a little of the other memories leaks into it, so that what came before is heard.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.inference.metadata import pack
from engine.schema.controls import SIGN_CONTROLS
from engine.schema.frame import F32
from engine.schema.model import Head, ModelSpec, Tensor

WORDS = ("apple", "boat", "cloud", "drum", "echo")
CHANNELS = tuple(
    f"{hand} {what}"
    for hand in ("left", "right")
    for what in ("x", "y", "z", "roll", "pitch", "yaw", "thumb", "fore", "middle", "ring", "little")
)
FEATURES, CLASSES, FPS = len(CHANNELS), len(WORDS), 100.0
MOTION = (0, 1, 2, 11, 12, 13)
MEAN: F32 = np.linspace(-0.2, 0.2, FEATURES, dtype=np.float32)
SCALE: F32 = np.linspace(0.4, 0.6, FEATURES, dtype=np.float32)

SWING = 0.6
"""Seconds of a sign."""

SETTINGS: dict[str, float | int | str | bool] = {
    "start_speed": 1.0,
    "stop_speed": 0.5,
    "still": 0.15,
    "shortest": 0.2,
    "jump": 0.5,
}


def signs_model(
    path: Path, *, words: Sequence[str] = WORDS, arrays: dict[str, NDArray[np.generic]] | None = None, **changes: object
) -> Path:
    """Write the model.

    Args:
        path: written.
        words: its labels, five of them.
        arrays: beside its own ones, or instead of them, such as those of a path.
        changes: of the description.
    """
    given: dict[str, NDArray[np.generic]] = {"mean": MEAN, "scale": SCALE, "motion": np.array(MOTION, np.int64)}
    given.update(arrays or {})
    model = _graph("B", 1)
    helper.set_model_props(model, pack(signs_spec(tuple(words), **changes), given))
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    return path


def signs_spec(words: tuple[str, ...] = WORDS, **changes: object) -> ModelSpec:
    fields: dict[str, object] = {
        "name": "tiny signs",
        "family": "signs",
        "fps": FPS,
        "features": FEATURES,
        "head": Head(kind="classes", components=CLASSES, dims=1),
        "state": tuple(Tensor(input=name, output=f"{name}_out", shape=(1, -1, CLASSES)) for name in ("h0", "c0")),
        "labels": words,
        "channels": CHANNELS,
        "licence": "CC0",
        "credit": "nobody's hands",
        "settings": SETTINGS,
        "controls": SIGN_CONTROLS,
    }
    return ModelSpec(**(fields | changes))  # type: ignore[arg-type]


def sequence_graph(samples: int) -> bytes:
    """The same network over a whole stream at once: `x (T, F), h0, c0 -> probabilities (T, C), h0_out, c0_out`."""
    data: bytes = _graph(samples, samples).SerializeToString()
    return data


def sign(word: str, *, seconds: float = SWING, size: float = 1.0) -> F32:
    """The samples (T, F) of one sign, out and back, in the units of the model."""
    count = round(seconds * FPS)
    found = resting(count)
    channel = MOTION[WORDS.index(word)]
    found[:, channel] += size * SCALE[channel] * np.sin(np.pi * np.arange(1, count + 1) / count) ** 2
    return found


def resting(samples: int) -> F32:
    """Hands that lie still, (samples, F)."""
    return np.tile(MEAN, (samples, 1))


def stream(words: Sequence[str], *, rest: float = 0.4) -> F32:
    """Samples (T, F) of one sign after the other, each with some rest in front of it, and one at the end."""
    pause = resting(round(rest * FPS))
    return np.concatenate([*(part for word in words for part in (pause, sign(word))), pause])


def _graph(rows: int | str, samples: int) -> onnx.ModelProto:
    """`samples` steps in one pass over `rows` rows: one step of any number of rows, or all steps of one."""
    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["normal"]),
        helper.make_node("Unsqueeze", ["normal", "axis"], ["sequence"]),
        helper.make_node(
            "LSTM", ["sequence", "input", "recurrent", "bias", "", "h0", "c0"], ["y", "h0_out", "c0_out"],
            hidden_size=CLASSES,
        ),
        helper.make_node("Reshape", ["y", "flat"], ["hidden"]),
        helper.make_node("Mul", ["hidden", "sharp"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]  # fmt: skip
    constants = _weights() | {
        "mean": MEAN,
        "scale": SCALE,
        "sharp": np.array(6.0, np.float32),
        "axis": np.array([0 if samples == 1 else 1], np.int64),
        "flat": np.array([-1, CLASSES], np.int64),
    }
    state = [1, "B" if samples == 1 else 1, CLASSES]
    taken = {"x": [rows, FEATURES], "h0": state, "c0": state}
    made = {"probabilities": [rows, CLASSES], "h0_out": state, "c0_out": state}
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
        for shapes in (taken, made)
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    whole = helper.make_graph(nodes, "signs", inputs, outputs, tensors)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _weights() -> dict[str, NDArray[np.generic]]:
    """Of the LSTM, gates in ONNX's order i o f c: it keeps nearly all and takes nearly all of what it sees."""
    draw = np.random.default_rng(5)
    taken = np.zeros((4 * CLASSES, FEATURES), np.float32)
    recurrent = draw.normal(0.0, 0.002, (4 * CLASSES, CLASSES)).astype(np.float32)
    for word in range(CLASSES):
        taken[3 * CLASSES + word, MOTION[word]] = 0.1
    bias = np.repeat(np.array([4.0, 4.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0], np.float32), CLASSES)
    return {"input": taken[None], "recurrent": recurrent[None], "bias": bias[None]}
