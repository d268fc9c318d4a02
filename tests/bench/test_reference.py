"""The reference models: the right size, the same twice, playable without end."""

from pathlib import Path

import numpy as np
import pytest

from engine import plugins
from engine.act import Act
from engine.bench import reference
from engine.bench.reference import R1, R2, R3, Reference
from engine.contracts import Loaded
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.priming import warm
from engine.sampling.noise import Noise
from engine.schema.frame import F32
from engine.schema.model import HeadKind

STEPS = 200


def written(folder: Path, shape: Reference, kind: HeadKind = "mdn-lazy") -> Loaded:
    path = folder / f"{kind}.onnx"
    reference.write(shape, path, kind=kind)
    return load(path)


@pytest.mark.parametrize(("shape", "count"), [(R1, 4_204_896), (R2, 12_198_336), (R3, 58_143)], ids=str)
def test_the_networks_have_the_size_of_those_they_stand_for(shape: Reference, count: int) -> None:
    numbers = reference.weights(shape, 1)
    parts = [part for layer in numbers.layers for part in (layer.input, layer.recurrent, layer.bias)]
    parts += [numbers.pi_weight, numbers.pi_bias, numbers.row_weight, numbers.row_bias, *(numbers.dense or ())]
    assert sum(part.size for part in parts) == count


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("first", "again", "other")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        reference.write(R3, path, seed=seed)
    first, again, other = (path.read_bytes() for path in paths)
    assert first == again != other


@pytest.mark.parametrize("shape", [R1, R2, R3], ids=lambda shape: shape.name)
def test_both_heads_give_the_same_numbers(tmp_path: Path, shape: Reference) -> None:
    lazy, full = (OnnxModel(written(tmp_path, shape, kind), 2) for kind in ("mdn-lazy", "mdn"))
    draw = np.random.default_rng(3)
    for _ in range(5):
        x, u = draw.normal(size=(2, shape.features)).astype(np.float32), draw.random(2, np.float32)
        chosen, everything = (
            model.step(x, u, np.ones(2, np.float32), np.ones(2, np.float32)) for model in (lazy, full)
        )
        assert chosen.component is not None
        rows = np.arange(2)
        np.testing.assert_allclose(chosen.mu, everything.mu[rows, chosen.component], atol=1e-5)
        np.testing.assert_allclose(chosen.sigma, everything.sigma[rows, chosen.component], atol=1e-5)


@pytest.mark.parametrize("shape", [R2, R3], ids=lambda shape: shape.name)
def test_a_closed_loop_without_a_family_stays_finite(tmp_path: Path, shape: Reference) -> None:
    model = OnnxModel(written(tmp_path, shape), 1)
    x, ones, noise = np.zeros((1, shape.features), np.float32), np.ones(1, np.float32), Noise([1], shape.dims, (1.0,))
    reached = 0.0
    for frame in range(STEPS):
        noise.fill(frame, 1)
        output = model.step(x, noise.u, ones, ones)
        x = output.mu + output.sigma * noise.normals
        reached = max(reached, float(np.abs(x).max()))
    assert 1.0 < reached < 12.0


def test_r1_can_be_played(tmp_path: Path) -> None:
    loaded = written(tmp_path, R1)
    family = plugins.family(loaded.spec.family)(loaded, 1)
    clips: F32 = loaded.arrays["primes"].astype(np.float32)
    primes = warm(lambda batch: OnnxModel(loaded, batch), family, clips)
    act = Act(OnnxModel(loaded, 1), family, seed=1, primes=primes, freeze_speed=0.0)
    positions = [act.tick().pose.positions[0].copy() for _ in range(STEPS)]
    assert act.counters.guarded == 0
    away = np.abs(np.array(positions) - reference.rest(reference.skeleton()))
    assert 0.01 < away.mean() < 0.1
