"""The model for a GPU, on a stand-in that keeps what is on the device apart from what is on the host."""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import tiny
from numpy.typing import NDArray
from stand_in import PROVIDER, StandIn

from engine.contracts import Drawing, Knobs, Loaded
from engine.inference.cuda_device import LostError
from engine.inference.cuda_model import CudaModel, make_cuda
from engine.inference.host_drawing import HostDrawing
from engine.inference.onnx_model import OnnxModel
from engine.schema.frame import F32
from engine.schema.model import HeadKind

BATCH = 3
COLOUR = (0.8, 0.5, 0.3)
SEEDS = np.array([3, 2**63 + 5, 7], np.uint64)


@pytest.fixture(params=["mdn", "mdn-lazy"])
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Loaded:
    return coloured(tmp_path, request.param)


def coloured(folder: Path, kind: HeadKind) -> Loaded:
    made = tiny.lstm(folder, kind)
    return made._replace(spec=tiny.other(made.spec, head=msgspec.structs.replace(made.spec.head, colour=COLOUR)))


def knobs(batch: int = BATCH) -> Knobs:
    draw = np.random.default_rng(2)
    return Knobs(*(draw.uniform(0.3, 1.0, batch).astype(np.float32) for _ in range(4)))


def inputs(count: int, batch: int = BATCH) -> Iterator[tuple[int, F32]]:
    draw = np.random.default_rng(3)
    for frame in range(count):
        yield frame, draw.standard_normal((batch, tiny.FEATURES), np.float32)


def draw(drawing: Drawing, frame: int, x: F32, seeds: NDArray[np.uint64] = SEEDS) -> F32:
    return drawing.draw(x, seeds, frame, np.array(COLOUR, np.float32), knobs(len(x))).copy()


def test_samples_are_those_of_the_cpu(loaded: Loaded) -> None:
    model, expected = CudaModel(loaded, BATCH, StandIn), HostDrawing(OnnxModel(loaded, BATCH))
    assert isinstance(model, Drawing)
    for frame, x in inputs(200):
        np.testing.assert_allclose(draw(model, frame, x), draw(expected, frame, x), rtol=1e-5, atol=1e-6)
    model.close()


def test_steps_are_those_of_the_cpu(loaded: Loaded) -> None:
    model, expected = CudaModel(loaded, BATCH, StandIn), OnnxModel(loaded, BATCH)
    u, ones = np.array([0.1, 0.5, 0.9], np.float32), np.ones(BATCH, np.float32)
    for _, x in inputs(20):
        found, right = model.step(x, u, ones, ones), expected.step(x, u, ones, ones)
        np.testing.assert_array_equal(found.mu, right.mu)
        np.testing.assert_array_equal(found.sigma, right.sigma)
        choice = (found.component, right.component) if right.logits is None else (found.logits, right.logits)
        np.testing.assert_array_equal(*choice)
    model.close()


def test_recording_the_graphs_does_not_move_the_state_on(loaded: Loaded) -> None:
    devices = [StandIn(repeats=repeats) for repeats in (1, 5)]
    found = []
    for device in devices:
        device_model = CudaModel(loaded, BATCH, lambda made=device: reowned(made))  # type: ignore[misc]
        assert device.captured
        assert not any(tensor.any() for tensor in device_model.state())
        found.append([draw(device_model, frame, x) for frame, x in inputs(6)])
        device_model.close()
    np.testing.assert_array_equal(found[0], found[1])


def reowned(device: StandIn) -> StandIn:
    device.owner = threading.get_ident()
    return device


def test_a_run_that_is_recorded_later_is_repeated_without_harm(loaded: Loaded) -> None:
    """As where a thread sees a graph for the first time."""
    model, expected = CudaModel(loaded, BATCH, StandIn), CudaModel(loaded, BATCH, StandIn)
    for frame, x in inputs(6):
        if frame in (3, 4):
            model._opened._repeats = {0: 4, 1: 4}  # type: ignore[attr-defined]
        np.testing.assert_array_equal(draw(model, frame, x), draw(expected, frame, x))


def test_a_gpu_that_records_no_graph_runs_without_and_says_so(loaded: Loaded) -> None:
    model = make_cuda(loaded, BATCH, lambda: StandIn(captures=False))
    assert model.provider == f"{PROVIDER} without CUDA graphs, RuntimeError: nodes that no graph can hold"
    expected = CudaModel(loaded, BATCH, StandIn)
    assert expected.provider == PROVIDER
    for frame, x in inputs(5):
        np.testing.assert_array_equal(draw(model, frame, x), draw(expected, frame, x))
    assert model.resized(1).provider == model.provider


def test_another_seed_another_frame_and_another_colour_are_heard(loaded: Loaded) -> None:
    model = CudaModel(loaded, BATCH, StandIn)
    kept = model.state()
    x = np.ones((BATCH, tiny.FEATURES), np.float32)

    def once(frame: int, seeds: NDArray[np.uint64], colour: tuple[float, ...]) -> F32:
        model.restore(kept)
        return model.draw(x, seeds, frame, np.array(colour, np.float32), knobs()).copy()

    first = once(4, SEEDS, COLOUR)
    np.testing.assert_array_equal(once(4, SEEDS, COLOUR), first)
    for other in (once(5, SEEDS, COLOUR), once(4, SEEDS + np.uint64(1), COLOUR), once(4, SEEDS, (0.1, 0.2, 0.3))):
        assert (other != first).all()


def test_what_the_device_says_is_lost(loaded: Loaded) -> None:
    def fall(number: int) -> None:
        if number > 20:
            raise RuntimeError("CUDA failure 719")

    model = CudaModel(loaded, BATCH, lambda: StandIn(fall))
    with pytest.raises(LostError, match="RuntimeError: CUDA failure 719"):  # noqa: PT012 (one of many frames)
        for frame, x in inputs(30):
            draw(model, frame, x)
    with pytest.raises(LostError):
        model.state()
    model.close()
    model.close()


def test_a_device_that_hangs_is_lost_and_left_alone(loaded: Loaded) -> None:
    free = threading.Event()

    def hang(number: int) -> None:
        if number > 8:
            free.wait()

    model = CudaModel(loaded, BATCH, lambda: StandIn(hang), patience=0.01)
    with pytest.raises(LostError, match=r"no answer in 0\.01 s"):  # noqa: PT012 (one of many frames)
        for frame, x in inputs(30):
            draw(model, frame, x)
    with pytest.raises(LostError, match="hangs"):
        draw(model, 0, np.zeros((BATCH, tiny.FEATURES), np.float32))
    model.close()
    free.set()


def test_a_device_that_is_not_there_is_lost_at_once(loaded: Loaded) -> None:
    def none() -> StandIn:
        raise OSError("no such device")

    before = threading.active_count()
    with pytest.raises(LostError, match="OSError: no such device"):
        CudaModel(loaded, BATCH, none)
    assert threading.active_count() == before


def test_closing_ends_its_thread_and_its_device(loaded: Loaded) -> None:
    before = threading.active_count()
    model = CudaModel(loaded, BATCH, StandIn)
    device = model._device
    assert isinstance(device, StandIn)
    assert threading.active_count() == before + 1
    model.close()
    assert device.closed
    assert threading.active_count() == before
    with pytest.raises(ValueError, match="closed"):
        model.state()
