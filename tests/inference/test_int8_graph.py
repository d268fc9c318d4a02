"""8-bit graphs: right within rounding, readable as any model, and each row by itself."""

from pathlib import Path

import numpy as np
import pytest

from engine.bench import reference
from engine.bench.reference import R1, R3, Reference
from engine.contracts import HeadOutput
from engine.inference.int8_graph import PRODUCT, SMALL, quantized, rounded
from engine.inference.onnx_model import OnnxModel
from engine.inference.recognise import recognise
from engine.inference.step_graph import Graph, build
from engine.inference.vet import load
from engine.schema.frame import F32
from engine.schema.model import HeadKind
from export.quantize import rounded as file_of

BODY = Reference("body", "latent", features=40, hidden=96, layers=2, components=6, dims=20)
DENSE = Reference("dense", "latent", features=40, hidden=96, layers=2, components=6, dims=20, dense=200)
KINDS: tuple[HeadKind, ...] = ("mdn", "mdn-lazy")


def pair(shape: Reference, kind: HeadKind, folder: Path, batch: int) -> tuple[OnnxModel, OnnxModel]:
    """A model in float32 and in int8."""
    reference.write(shape, folder / "plain.onnx", kind=kind)
    plain = load(folder / "plain.onnx")
    found = recognise(plain.graph, plain.spec)
    assert found is not None
    (folder / "int8.onnx").write_bytes(file_of(found.weights, plain.spec, plain.arrays, "int8"))
    return OnnxModel(plain, batch), OnnxModel(load(folder / "int8.onnx"), batch)


def stepped(model: OnnxModel, x: F32) -> HeadOutput:
    """Outputs after showing it (T, B, F)."""
    half = np.full(model.batch, 0.5, np.float32)
    ones = np.ones(model.batch, np.float32)
    output = [model.step(frame, half, ones, ones) for frame in x][-1]
    return HeadOutput(*(None if part is None else part.copy() for part in output))  # type: ignore[arg-type]


def inputs(shape: Reference, batch: int, steps: int = 5, seed: int = 0) -> F32:
    return np.random.default_rng(seed).normal(size=(steps, batch, shape.features)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [BODY, DENSE], ids=lambda shape: shape.name)
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_a_step_says_the_same_within_rounding(shape: Reference, kind: HeadKind, batch: int, tmp_path: Path) -> None:
    plain, small = pair(shape, kind, tmp_path, batch)
    want, got = stepped(plain, inputs(shape, batch)), stepped(small, inputs(shape, batch))
    same = np.ones(batch, bool) if want.component is None else want.component == got.component
    assert same.mean() > 0.9  # a component on the edge may turn
    # Hidden states of untrained weights are about 0.1, six steps of their scale; a wrong gate would be far off.
    for mine, theirs in ((want.mu, got.mu), (want.sigma, got.sigma)):
        assert 0 < np.abs(mine - theirs)[same].max() < 0.12 * np.abs(mine).max()
        assert np.corrcoef(mine[same].ravel(), theirs[same].ravel())[0, 1] > 0.995
    for mine, theirs in zip(plain.state(), small.state(), strict=True):
        assert np.abs(mine - theirs).max() < 0.03


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [BODY, DENSE], ids=lambda shape: shape.name)
def test_no_bit_of_a_row_depends_on_who_else_is_in_the_batch(shape: Reference, kind: HeadKind, tmp_path: Path) -> None:
    _, model = pair(shape, kind, tmp_path, 8)
    alone = inputs(shape, 8)
    crowded = 100 * inputs(shape, 8, seed=1)
    crowded[:, 2] = alone[:, 2]
    first = stepped(model, alone)
    other = stepped(model.resized(8), crowded)
    assert not np.array_equal(first.mu[3], other.mu[3])
    for mine, theirs in zip(first, other, strict=True):
        if mine is not None and theirs is not None:
            np.testing.assert_array_equal(mine[2], theirs[2])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_shrinks_to_a_quarter(kind: HeadKind) -> None:
    plain = build(reference.weights(R1, 1), kind)
    small = quantized(plain)
    assert any(node.kind == PRODUCT for node in small.nodes)
    assert size(small) < 0.40 * size(plain)  # what faces the input stays as it is
    numbers = [value for value in small.constants.values() if value.size >= SMALL and value.dtype != np.int8]
    assert [value.shape for value in numbers] == [(R1.features, 4 * R1.hidden)]


def test_small_matrices_stay_in_float32() -> None:
    graph = quantized(build(reference.weights(R3, 1), "mdn-lazy"))
    assert all(value.size >= SMALL for value in graph.constants.values() if value.dtype == np.int8)
    assert "head.rows.weight" in graph.constants


def test_every_constant_is_used_and_every_name_given_once() -> None:
    for kind in KINDS:
        graph = quantized(build(reference.weights(DENSE, 1), kind))
        taken = {name for node in graph.nodes for name in node.inputs}
        given = [name for node in graph.nodes for name in node.outputs] + list(graph.constants)
        assert set(graph.constants) <= taken
        assert len(given) == len(set(given))


def test_rounding_is_within_half_a_step_of_each_column() -> None:
    weight = np.random.default_rng(0).normal(size=(3, 50, 7)).astype(np.float32) * np.logspace(
        -4, 4, 7, dtype=np.float32
    )
    codes, scale = rounded(weight)
    assert codes.dtype == np.int8
    assert np.abs(codes).max() == 127
    assert (np.abs(codes * scale[:, None] - weight) <= 0.5001 * scale[:, None]).all()
    assert not rounded(np.zeros((4, 2), np.float32))[0].any()


def size(graph: Graph) -> int:
    return sum(value.nbytes for value in graph.constants.values())
