"""Paths in files: what is stored is what was taught, and nothing else of the file changes."""

from pathlib import Path

import numpy as np
import onnx
import pianos
import pytest
import torch
import toy
from remembering import walks

from engine.contracts import Loaded
from engine.inference.vet import load
from engine.path import make_path
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ARRAYS_KEY
from export import path_arrays
from export.alignment import Similarity, procrustes
from export.nets.path import Autoencoder, our_map
from export.path_arrays import Box

STANDARD = np.full(pianos.HIDDEN, 0.1, np.float32), np.full(pianos.HIDDEN, 0.3, np.float32)


def net(dims: int = 2) -> Autoencoder:
    torch.manual_seed(3)
    made = our_map(pianos.HIDDEN, 16, dims, torch.randn(dims, pianos.HIDDEN))
    with torch.no_grad():
        for layer in made.encoding():
            layer.weight.add_(torch.randn(layer.weight.shape), alpha=0.1)
            layer.bias.add_(torch.randn(layer.bias.shape), alpha=0.1)
    path_arrays.halved(made)
    return made


def memories(rows: int = 50) -> F32:
    return np.tanh(np.random.default_rng(6).normal(size=(rows, pianos.HIDDEN))).astype(np.float32)


def told(made: Autoencoder) -> F32:
    mean, scale = STANDARD
    with torch.no_grad():
        places: F32 = made.encoder(torch.from_numpy((memories() - mean) / scale)).numpy()
    return places


@pytest.fixture(scope="module")
def piano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pianos.tiny(tmp_path_factory.mktemp("path") / "piano.onnx")


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("view", ["plain", "log"])
def test_the_engine_finds_the_places_that_the_network_gave(piano: Path, tmp_path: Path, dims: int, view: str) -> None:
    made = net(dims)
    places = told(made)
    low, high = shown = path_arrays.box(places)
    loaded = stored(piano, tmp_path, path_arrays.arrays(made, [2], STANDARD, shown))
    encoder = make_path(loaded, "log" if view == "log" else "plain")
    assert encoder is not None
    assert encoder.dims == dims
    found = [encoder.encode([np.zeros((1, 1, 8), np.float32)] * 2 + [row[None, None]])[0].copy() for row in memories()]
    if view == "log":
        places, low, high = (np.sign(one) * np.log1p(np.abs(one)) for one in (places, low, high))
    wanted = np.clip(2 * (places - low) / (high - low) - 1, -1, 1)
    np.testing.assert_allclose(np.stack(found), wanted, atol=1e-5)
    np.testing.assert_allclose(path_arrays.encoded(loaded.arrays, memories()), told(made), atol=1e-5)


def stored(model: Path, folder: Path, arrays: dict[str, np.ndarray]) -> Loaded:
    path = folder / "with.onnx"
    path.write_bytes(path_arrays.joined(load(model), arrays))
    return load(path)


def stripped(data: bytes) -> bytes:
    """A model without its arrays."""
    model = onnx.load_from_string(data)
    kept = [(one.key, one.value) for one in model.metadata_props if one.key != ARRAYS_KEY]
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, dict(kept))
    found: bytes = model.SerializeToString(deterministic=True)
    return found


@pytest.mark.parametrize("make", [pianos.tiny, toy.write], ids=["ours", "another's"])
def test_the_rest_of_a_file_stays_and_another_path_takes_the_place_of_the_first(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    model = make(tmp_path / "model.onnx")
    before = load(model)
    shown = Box(np.zeros(2, np.float32), np.ones(2, np.float32))
    first = path_arrays.arrays(net(), [2], STANDARD, shown)
    once = stored(model, tmp_path, first)
    twice = stored(tmp_path / "with.onnx", tmp_path, first | {"path_low": shown.low - 1})
    for after in (once, twice):
        assert stripped(after.graph) == stripped(before.graph)
        assert after.spec == before.spec
        for name, array in before.arrays.items():
            np.testing.assert_array_equal(after.arrays[name], array)
        assert set(after.arrays) == set(before.arrays) | set(first)
    np.testing.assert_array_equal(twice.arrays["path_low"], [-1, -1])
    assert twice.graph.count(ARRAYS_KEY.encode()) == 1


def test_a_path_adds_less_than_150_kb(piano: Path) -> None:
    inputs = 512
    made = our_map(inputs, 128, 3, torch.randn(3, inputs))
    wide = np.random.default_rng(1).normal(size=(2, inputs)).astype(np.float32)
    arrays = path_arrays.arrays(made, [2], (wide[0], wide[1]), Box(np.zeros(3, np.float32), np.ones(3, np.float32)))
    assert len(path_arrays.joined(load(piano), arrays)) - piano.stat().st_size < 150_000


def test_a_map_is_laid_upon_another_by_turning_scaling_and_shifting() -> None:
    draw = np.random.default_rng(8)
    places = draw.normal(size=(60, 2)).astype(np.float32)
    angle = 0.7
    turn = 1.7 * np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]], np.float32)
    other = places @ turn + np.array([3, -2], np.float32)
    np.testing.assert_allclose(procrustes(places, other).of(places), other, atol=1e-4)
    made = net()
    before = told(made)
    path_arrays.laid(made, Similarity(turn, np.array([3, -2], np.float32)))
    np.testing.assert_allclose(told(made), before @ turn + np.array([3, -2]), atol=1e-4)


def test_a_box_holds_nearly_all_and_is_never_flat() -> None:
    places = np.stack([np.linspace(-1, 1, 1001), np.full(1001, 5.0)], 1).astype(np.float32)
    low, high = path_arrays.box(places)
    np.testing.assert_allclose((low[0], high[0]), (-1.09, 1.09), atol=0.01)
    assert low[1] < 5.0 < high[1] + 1e-6
    assert low[1] < high[1]
    inside = (walks.sheet()[:, :2] > path_arrays.box(walks.sheet()[:, :2]).low).all(1)
    assert inside.mean() > 0.97


def test_memories_of_another_model_are_refused() -> None:
    arrays = path_arrays.arrays(net(), [2], STANDARD, Box(np.zeros(2, np.float32), np.ones(2, np.float32)))
    with pytest.raises(ModelError, match=r"\(9,\)"):
        path_arrays.encoded(arrays, np.zeros((3, 9), np.float32))
    with pytest.raises(ModelError, match="a model with a path"):
        path_arrays.encoded({}, np.zeros((3, 8), np.float32))
