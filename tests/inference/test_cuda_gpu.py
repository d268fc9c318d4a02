"""The real thing: one CUDA device and the packages of the extra `cuda`. Elsewhere each test says why it is skipped."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import tiny
from numpy.typing import NDArray

import engine.models
from engine.contracts import Drawing, Knobs, Loaded
from engine.inference.cuda_device import Opens
from engine.inference.cuda_model import CudaModel
from engine.inference.device import CUDA, driver_devices
from engine.inference.host_drawing import HostDrawing
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_model import open_model
from engine.inference.standby import Standby
from engine.inference.vet import load
from engine.schema.frame import F32

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(600)]

PARITY = 1e-4
"""Of the scale, over `FRAMES` frames whose inputs are forced."""

FRAMES = 1_000
BUNDLED = sorted(Path(engine.models.__path__[0]).glob("*.onnx"))


@pytest.fixture(scope="module")
def opens() -> Opens:
    """Opens the GPU, where there is one."""
    if CUDA not in onnxruntime.get_available_providers():
        pytest.skip("an ONNX Runtime without CUDA")
    if driver_devices() == 0:
        pytest.skip("no NVIDIA driver with a device")
    from engine.inference.cuda_driver import CudaDevice  # noqa: PLC0415 (its packages are an extra)

    return CudaDevice


@pytest.fixture(params=["mdn", "mdn-lazy", *(path.name for path in BUNDLED)])
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Loaded:
    paths = {path.name: path for path in BUNDLED}
    return load(paths[request.param]) if request.param in paths else tiny.lstm(tmp_path, request.param)


def forced(model: CudaModel | Standby, frames: int = FRAMES) -> Iterator[tuple[int, F32, NDArray[np.uint64], Knobs]]:
    draw = np.random.default_rng(8)
    batch, seeds = model.batch, np.arange(model.batch, dtype=np.uint64) * np.uint64(2**40 + 1)
    ones = np.ones(batch, np.float32)
    for frame in range(frames):
        yield (
            frame,
            draw.standard_normal((batch, model.spec.features), np.float32),
            seeds,
            Knobs(ones, ones, ones, ones),
        )


def colour(model: CudaModel | Standby) -> F32:
    return np.array(model.spec.head.colour, np.float32)


def far(found: F32, expected: F32) -> F32:
    """How far each row is off, as a part of the scale."""
    off: F32 = np.abs(found - expected).max(axis=1) / np.float32(max(1.0, float(np.abs(expected).max())))
    return off


@pytest.mark.parametrize("refused", ["", "as this test wants it"], ids=["graphs", "plain"])
def test_samples_and_state_are_those_of_the_cpu(opens: Opens, loaded: Loaded, refused: str) -> None:
    model, cpu = CudaModel(loaded, 4, opens, refused=refused), OnnxModel(loaded, 4)
    drawing = HostDrawing(cpu)
    flips = 0
    for frame, x, seeds, knobs in forced(model):
        found = model.draw(x, seeds, frame, colour(model), knobs)
        flips += int((far(found, drawing.draw(x, seeds, frame, colour(model), knobs)) > PARITY).sum())
    assert flips <= 4, "a choice within a rounding of its neighbour is rare"
    for mine, its in zip(model.state(), cpu.state(), strict=True):
        np.testing.assert_allclose(mine, its, atol=PARITY * max(1.0, float(np.abs(its).max())))
    model.close()


def test_graphs_and_plain_launches_give_the_same(opens: Opens, loaded: Loaded) -> None:
    models = [CudaModel(loaded, 4, opens, refused=refused) for refused in ("", "as this test wants it")]
    for frame, x, seeds, knobs in forced(models[0], 100):
        one, other = (model.draw(x, seeds, frame, colour(model), knobs) for model in models)
        np.testing.assert_allclose(one, other, atol=1e-5)
    for model in models:
        model.close()


def test_a_model_is_tried_out_and_stands_by(opens: Opens, loaded: Loaded) -> None:
    del opens
    model = open_model(loaded, 2, "cuda")
    assert isinstance(model, Standby)
    assert isinstance(model, Drawing)
    assert model.provider == CUDA, "with CUDA graphs"
    assert not any(tensor.any() for tensor in model.state())
    model.close()


def test_a_lost_gpu_does_not_end_the_dance(opens: Opens, loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    model = open_model(loaded, 2, "cuda")
    assert isinstance(model, Standby)

    def fail(*_: object) -> None:
        raise RuntimeError("CUDA failure 719")

    for frame, x, seeds, knobs in forced(model, 60):
        if frame == 30:
            monkeypatch.setattr(opens, "run", fail)
        assert np.isfinite(model.draw(x, seeds, frame, colour(model), knobs)).all()
        if frame < 30:
            assert model.provider == CUDA
        else:
            assert model.provider.startswith("CPU")
            assert model.provider.endswith(", as the GPU was lost: RuntimeError: CUDA failure 719")
    model.close()


def test_sizes_are_made_while_another_one_draws(opens: Opens, loaded: Loaded) -> None:
    model, quiet = CudaModel(loaded, 1, opens), CudaModel(loaded, 1, opens)
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(model.resized, 64)
        drawn, frames = list[F32](), forced(model, 1_000_000)
        while not making.done() or len(drawn) < FRAMES:
            frame, x, seeds, knobs = next(frames)
            drawn.append(model.draw(x, seeds, frame, colour(model), knobs).copy())
        larger = making.result()
    for (frame, x, seeds, knobs), found in zip(forced(quiet, len(drawn)), drawn, strict=True):
        np.testing.assert_array_equal(found, quiet.draw(x, seeds, frame, colour(quiet), knobs))
    larger.restore(model.state())
    for mine, its, tensor in zip(larger.state(), model.state(), model.spec.state, strict=True):
        axis = tensor.shape.index(-1)
        np.testing.assert_array_equal(np.moveaxis(mine, axis, 0)[0], np.moveaxis(its, axis, 0)[0])
        assert not np.moveaxis(mine, axis, 0)[1:].any()
    for made in (model, larger, quiet):
        made.close()


def test_4096_performers_are_those_of_smaller_batches(opens: Opens, loaded: Loaded) -> None:
    model, few = CudaModel(loaded, 4096, opens), HostDrawing(OnnxModel(loaded, 4))
    for frame, x, seeds, knobs in forced(model, 30):
        found = model.draw(x, seeds, frame, colour(model), knobs)
        some = Knobs(*(knob[:4] for knob in knobs))
        assert (far(found[:4], few.draw(x[:4].copy(), seeds[:4].copy(), frame, colour(model), some)) <= PARITY).all()
        assert np.isfinite(found).all()
    model.close()
