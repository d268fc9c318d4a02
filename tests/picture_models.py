"""Tiny models of pictures with random numbers, in the form of trained ones."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.inference.metadata import Arrays, pack
from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.schema.controls import IMAGE_CONTROLS
from engine.schema.frame import F32, U8
from engine.schema.model import Head, ModelSpec, Size, Tensor
from export.onnx_graph import checked

FPS = 10.0
HIDDEN, COMPONENTS = 12, 3
PRIMES, LENGTH, BANK, POSES = 4, 6, 60, 5
CHANNELS = 2
CONTEXTS, CONTEXT = 3, 4


def latents_model(path: Path, D: int = 8, size: tuple[int, int] = (16, 24), **changes: object) -> Path:  # noqa: N803
    """A model of the family `latents`, with an encoder.

    Args:
        path: written.
        D: latent numbers.
        size: rows and columns.
        changes: of the arrays; None leaves one out.
    """
    numbers, arrays = latent_weights(D), latent_arrays(D, size) | changes
    given = {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
    path.write_bytes(checked(numbers, latent_spec(numbers, size), given))
    return path


def latent_spec(numbers: Weights, size: tuple[int, int]) -> ModelSpec:
    dims = len(numbers.unit)
    return ModelSpec(
        name="tiny pictures",
        family="latents",
        fps=FPS,
        features=2 * dims,
        head=Head(kind="mdn-lazy", components=COMPONENTS, dims=dims),
        state=states(numbers),
        image=Size(height=size[0], width=size[1]),
        licence="CC0",
        credit="nobody",
        settings={"pull": 0.1, "freeze_speed": 0.01, "figure": 1.0},
        controls=IMAGE_CONTROLS,
    )


def latent_weights(dims: int) -> Weights:
    """Changes of about a tenth of a standard deviation per frame, which mostly go on as they were."""
    draw = np.random.default_rng(3)

    def some(*shape: int, scale: float = 0.4) -> F32:
        return draw.normal(0.0, scale, shape).astype(np.float32)

    return Weights(
        layers=(Layer(some(4 * HIDDEN, 2 * dims), some(4 * HIDDEN, HIDDEN), some(4 * HIDDEN)),),
        pi_weight=some(COMPONENTS, HIDDEN),
        pi_bias=some(COMPONENTS),
        row_weight=some(COMPONENTS, HIDDEN, 2 * dims, scale=0.1),
        row_bias=some(COMPONENTS, 2 * dims, scale=0.1),
        unit=np.full(dims, 0.1, np.float32),
        spread=Spread("sigmoid", floor=0.05, cap=1.0),
        gate=np.full(dims, 0.8, np.float32),
        carry_from=dims,
    )


def latent_arrays(dims: int, size: tuple[int, int]) -> dict[str, NDArray[np.generic]]:
    """Latents that go round on circles, and graphs that draw and read them."""
    turns = np.arange(PRIMES * LENGTH + BANK + POSES + 1)[:, None] * 0.3 + np.arange(dims) * 1.7
    recorded = np.sin(turns * np.linspace(0.5, 1.5, dims)).astype(np.float32)
    way = recorded[: PRIMES * LENGTH].reshape(PRIMES, LENGTH, dims)
    across = waves(dims, size)
    return {
        "decoder": octets(decoder(across, size)),
        "encoder": octets(encoder(across, size)),
        "primes": way,
        "bank": recorded[-BANK - 1 : -1],
        "bank_next": np.diff(recorded[-BANK - 1 :], axis=0),
        "poses": recorded[PRIMES * LENGTH : PRIMES * LENGTH + POSES],
    }


def waves(dims: int, size: tuple[int, int]) -> F32:
    """Smooth pictures (D, H * W), the first ones the coarsest."""
    rows, columns = np.linspace(0, np.pi, size[0]), np.linspace(0, np.pi, size[1])
    pairs = sorted(((a, b) for a in range(dims) for b in range(dims)), key=lambda pair: (sum(pair), pair))[1 : dims + 1]
    made = [np.outer(np.cos(a * rows), np.cos(b * columns)).ravel() for a, b in pairs]
    return np.array(made, np.float32)


def decoder(across: F32, size: tuple[int, int]) -> onnx.ModelProto:
    """Light is a sigmoid of a sum of waves."""
    nodes = [
        helper.make_node("MatMul", ["latent", "across"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["light"]),
        helper.make_node("Reshape", ["light", "shape"], ["image"]),
    ]
    shape = np.array([-1, 1, *size], np.int64)
    return graph(nodes, {"latent": ["B", len(across)]}, {"image": ["B", 1, *size]}, {"across": across, "shape": shape})


def encoder(across: F32, size: tuple[int, int]) -> onnx.ModelProto:
    """Roughly the inverse: near the middle a sigmoid is 0.5 + x / 4."""
    weight = 4.0 * np.linalg.pinv(across).astype(np.float32)
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"]),
        helper.make_node("Sub", ["flat", "half"], ["centred"]),
        helper.make_node("MatMul", ["centred", "weight"], ["latent"]),
    ]
    constants = {"half": np.array(0.5, np.float32), "weight": weight}
    return graph(nodes, {"image": ["B", 1, *size]}, {"latent": ["B", len(across)]}, constants)


def frames_model(path: Path, size: tuple[int, int] = (16, 16), **changes: object) -> Path:
    """A model of the family `frames`: one convolutional LSTM cell over the picture, open in H and W.

    Args:
        path: written.
        size: rows and columns.
        changes: of the arrays; None leaves one out.
    """
    arrays = {"contexts": contexts(size)} | changes
    given = {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
    model = cell()
    helper.set_model_props(model, pack(frames_spec(size), given))
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    return path


def frames_spec(size: tuple[int, int]) -> ModelSpec:
    return ModelSpec(
        name="tiny film",
        family="frames",
        fps=FPS,
        features=size[0] * size[1],
        head=Head(kind="frame", components=1, dims=size[0] * size[1]),
        state=tuple(Tensor(input=name, output=f"{name}_out", shape=(-1, CHANNELS, *size)) for name in "hc"),
        image=Size(height=size[0], width=size[1]),
        licence="CC0",
        credit="nobody",
        settings={"context": CONTEXT},
    )


def contexts(size: tuple[int, int]) -> U8:
    """Beginnings (N, T, H, W): a bright square that wanders."""
    found = np.zeros((CONTEXTS, CONTEXT, *size), np.uint8)
    for context in range(CONTEXTS):
        for frame in range(CONTEXT):
            at = frame + context
            found[context, frame, at : at + 5, 2 * at : 2 * at + 5] = 200 + 20 * context
    return found


def cell_weights() -> dict[str, F32]:
    """Of the cell: its gates from x and h, in the order i f g o, and the picture from h and x."""
    draw = np.random.default_rng(4)
    gates = draw.normal(0.0, 0.15, (4 * CHANNELS, 1 + CHANNELS, 3, 3))
    picture = draw.normal(0.0, 0.1, (1, CHANNELS, 1, 1))
    return {"gates": gates.astype(np.float32), "picture": picture.astype(np.float32)}


def cell() -> onnx.ModelProto:
    """`x, h, c -> y, h_out, c_out`: y is x with what the state adds, between 0 and 1."""
    nodes = [
        helper.make_node("Concat", ["x", "h"], ["seen"], axis=1),
        helper.make_node("Conv", ["seen", "gates"], ["raw"], pads=[1, 1, 1, 1]),
        helper.make_node("Split", ["raw"], ["raw_i", "raw_f", "raw_g", "raw_o"], axis=1, num_outputs=4),
        *[helper.make_node("Sigmoid", [f"raw_{gate}"], [gate]) for gate in "ifo"],
        helper.make_node("Tanh", ["raw_g"], ["g"]),
        helper.make_node("Mul", ["f", "c"], ["kept"]),
        helper.make_node("Mul", ["i", "g"], ["added"]),
        helper.make_node("Add", ["kept", "added"], ["c_out"]),
        helper.make_node("Tanh", ["c_out"], ["squashed"]),
        helper.make_node("Mul", ["o", "squashed"], ["h_out"]),
        helper.make_node("Conv", ["h_out", "picture"], ["change"]),
        helper.make_node("Add", ["x", "change"], ["sum"]),
        helper.make_node("Clip", ["sum", "black", "white"], ["y"]),
    ]
    picture: list[str | int] = ["B", 1, "H", "W"]
    state: list[str | int] = ["B", CHANNELS, "H", "W"]
    ends = {"black": np.array(0.0, np.float32), "white": np.array(1.0, np.float32)}
    taken, made = {"x": picture, "h": state, "c": state}, {"y": picture, "h_out": state, "c_out": state}
    return graph(nodes, taken, made, cell_weights() | ends)


def graph(
    nodes: list[onnx.NodeProto],
    taken: dict[str, list[str | int]],
    made: dict[str, list[str | int]],
    constants: Arrays,
) -> onnx.ModelProto:
    """A graph of float32 tensors."""
    inputs, outputs = (
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
        for shapes in (taken, made)
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    whole = helper.make_graph(nodes, "pictures", inputs, outputs, tensors)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def octets(model: onnx.ModelProto) -> U8:
    """The bytes of a graph, as they lie among the arrays of another."""
    return np.frombuffer(model.SerializeToString(), np.uint8)
