"""Others do step, each on its own state."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.bench import reference
from engine.bench.reference import R3, Reference
from engine.bench.rivals import Cells, Fused, PlainOnnx, torches
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load

DENSE = Reference("dense", "latent", features=4, hidden=8, layers=2, components=3, dims=4, dense=6)


@pytest.mark.parametrize("shape", [DENSE, R3], ids=lambda shape: shape.name)
@pytest.mark.parametrize("batch", [1, 3])
def test_pytorch_steps_every_shape_and_batch(shape: Reference, batch: int) -> None:
    for step in torches(shape, batch).values():
        step()
        step()


def test_its_state_goes_on() -> None:
    fused, cells = Fused(R3, 2), Cells(R3, 2)
    fused()
    cells()
    first = [part.clone() for part in fused._state]
    before = [part.clone() for state in cells._states for part in state]
    fused()
    cells()
    assert [tuple(part.shape) for part in first] == [(R3.layers, 2, R3.hidden)] * 2
    assert not any(torch.equal(part, old) for part, old in zip(fused._state, first, strict=True))
    after = [part for state in cells._states for part in state]
    assert not any(torch.equal(part, old) for part, old in zip(after, before, strict=True))


def test_the_plain_graph_steps_as_ours_does(tmp_path: Path) -> None:
    reference.write(R3, tmp_path / "r3.onnx", kind="mdn")
    loaded = load(tmp_path / "r3.onnx")
    plain, ours = PlainOnnx(loaded, 2), OnnxModel(loaded, 2)
    zeros, ones = np.zeros((2, R3.features), np.float32), np.ones(2, np.float32)
    for _ in range(3):
        plain()
        ours.step(zeros, ones, ones, ones)
    fed = [plain._feed[tensor.input] for tensor in loaded.spec.state]
    for one, other in zip(fed, ours.state(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert any(np.abs(one).max() > 0 for one in fed)
    ours.close()
