from pathlib import Path
from typing import Any

import numpy as np
import onnx
import picture_models as models
import pytest
from counting import counted
from onnx import TensorProto, helper
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail

from engine.inference.bound_graph import BoundGraph
from engine.schema.errors import DeviceError, ModelError
from engine.schema.frame import F32

SIZE = 5, 7
PLACE = "figurant.arrays: decoder"


def decoder(dims: int = 3) -> onnx.ModelProto:
    return models.decoder(models.waves(dims, SIZE), SIZE)


def opened(model: onnx.ModelProto | bytes, **options: Any) -> BoundGraph:
    data = model if isinstance(model, bytes) else model.SerializeToString()
    return BoundGraph(data, **({"device": "cpu", "place": PLACE} | options))


def cell(size: tuple[int, int] = SIZE) -> BoundGraph:
    shapes = {"x": (1, 1, *size), "h": (1, models.CHANNELS, *size), "c": (1, models.CHANNELS, *size)}
    return opened(models.cell(), shapes=shapes, state=[("h", "h_out"), ("c", "c_out")])


def stepped(picture: F32, state: list[F32]) -> F32:
    """The cell in NumPy; `state` is brought up to date."""
    weights = models.cell_weights()
    seen = np.pad(np.concatenate([picture, state[0]]), ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(seen, (3, 3), axis=(1, 2))
    raw = np.einsum("oikl,ihwkl->ohw", weights["gates"], windows)
    i, f, g, o = np.split(raw, 4)
    state[1] = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
    state[0] = sigmoid(o) * np.tanh(state[1])
    return np.asarray(np.clip(picture + np.einsum("ohw,yo->yhw", state[0], weights["picture"][:, :, 0, 0]), 0, 1))


def sigmoid(x: F32) -> F32:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_a_decoder_gives_what_it_says() -> None:
    graph, latent = opened(decoder()), np.array([[0.3, -1.0, 2.0]], np.float32)
    assert graph.inputs == {"latent": (1, 3)}
    assert graph.outputs == {"image": (1, 1, *SIZE)}
    (image,) = graph.run(latent)
    np.testing.assert_allclose(image.reshape(-1), sigmoid(latent @ models.waves(3, SIZE))[0], atol=1e-6)


def test_a_state_is_carried_as_in_numpy_over_two_hundred_steps() -> None:
    graph, draw = cell(), np.random.default_rng(1)
    state = [np.zeros((models.CHANNELS, *SIZE), np.float32) for _ in range(2)]
    for _ in range(200):
        picture = draw.random((1, *SIZE)).astype(np.float32)
        (found,) = graph.run(picture[None])
        np.testing.assert_allclose(found[0], stepped(picture, state), atol=1e-4)


def test_another_size_gives_the_same_where_the_graph_leaves_it_open() -> None:
    assert cell((9, 4)).outputs == {"y": (1, 1, 9, 4)}


def test_a_state_can_be_kept_and_put_back() -> None:
    graph, picture = cell(), np.full((1, 1, *SIZE), 0.5, np.float32)
    first = [graph.run(picture)[0].copy() for _ in range(3)]
    kept = graph.state()
    later = [graph.run(picture)[0].copy() for _ in range(3)]
    graph.put(kept)
    np.testing.assert_array_equal([graph.run(picture)[0].copy() for _ in range(3)], later)
    graph.put(())
    np.testing.assert_array_equal([graph.run(picture)[0].copy() for _ in range(3)], first)


def test_a_run_makes_no_memory() -> None:
    graph, picture = cell(), np.zeros((1, 1, *SIZE), np.float32)
    graph.run(picture)
    with counted() as made:
        for _ in range(20):
            graph.run(picture)
    assert made == []


def refused(model: onnx.ModelProto | bytes, words: str, **options: Any) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        opened(model, **options)
    assert PLACE in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_graph_are_refused() -> None:
    refused(b"", "not an ONNX model")
    refused(b"hello, world", "whole .onnx model")
    refused(decoder().SerializeToString()[:300], "truncated")


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    model = decoder()
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(tmp_path / "weights"))
    refused(model, "weights in another file")


def test_an_operator_that_runs_another_graph_is_refused() -> None:
    model = decoder()
    inner = helper.make_graph([], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["sum"], ["other"], then_branch=inner, else_branch=inner))
    refused(model, "the operator If")


def test_numbers_of_another_kind_are_refused() -> None:
    model = decoder()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    refused(model, "int64")


def test_a_graph_that_does_not_run_is_refused() -> None:
    model = decoder()
    model.graph.node[0].op_type = "Unheard"
    refused(model, "a model that ONNX Runtime can run")


def test_a_border_that_would_exhaust_the_memory_is_refused() -> None:
    refused(decoder(), "a tensor", shapes={"latent": (1, 1 << 40)})


def test_a_state_that_is_not_there_is_refused() -> None:
    refused(models.cell(), "no state", state=[("h", "elsewhere")])


@pytest.mark.parametrize("device", ["quantum", "tpu"])
def test_a_device_that_is_not_there_is_refused(device: str) -> None:
    with pytest.raises(DeviceError):
        opened(decoder(), device=device)


class Lost:
    """A session on a GPU that fails at the first run."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider"]

    def run_with_iobinding(self, binding: Any) -> None:  # noqa: ARG002
        raise EPFail("CUDA failure 700: an illegal\n memory access")


def test_where_a_gpu_is_lost_the_processor_goes_on_with_what_is_remembered() -> None:
    steady, losing = cell(), cell()
    picture = np.full((1, 1, *SIZE), 0.5, np.float32)
    for _ in range(3):
        steady.run(picture)
        losing.run(picture)
    losing._session = Lost(losing._session)
    for _ in range(3):
        np.testing.assert_array_equal(losing.run(picture)[0], steady.run(picture)[0])
    assert losing.provider.startswith("CPUExecutionProvider (the GPU was lost: CUDA failure 700: an illegal memory")


def test_closed_twice_it_stays_closed() -> None:
    graph = opened(decoder())
    graph.close()
    graph.close()
    with pytest.raises(ValueError, match="closed"):
        graph.run(np.zeros((1, 3), np.float32))
