"""Losing the GPU, on a stand-in for it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import graphs
import numpy as np
import pytest
import tiny
from numpy.typing import NDArray
from stand_in import PROVIDER, StandIn

from engine.contracts import Drawing, Knobs, Loaded
from engine.inference.cuda_model import CudaModel
from engine.inference.device import CPU
from engine.inference.host_drawing import HostDrawing
from engine.inference.onnx_file import encode
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_cuda import open_cuda
from engine.inference.open_model import open_model
from engine.inference.standby import MOST, Fate, Standby, affordable
from engine.inference.step_graph import build
from engine.schema.errors import DeviceError
from engine.schema.frame import F32
from engine.schema.model import HeadKind

BATCH = 3
SEEDS = np.array([3, 4, 5], np.uint64)
COLOUR = np.ones(1, np.float32)
LOST = f"{CPU}, as the GPU was lost: RuntimeError: it fell off the bus"


class Bus:
    """What a GPU hangs on; every stand-in on it is lost at once."""

    def __init__(self) -> None:
        self.broken = False

    def device(self) -> StandIn:
        return StandIn(self.check)

    def check(self, number: int) -> None:
        del number
        if self.broken:
            raise RuntimeError("it fell off the bus")


@pytest.fixture(params=["mdn", "mdn-lazy"])
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Loaded:
    return tiny.lstm(tmp_path, request.param)


@pytest.fixture
def bus() -> Bus:
    return Bus()


def standby(loaded: Loaded, bus: Bus, past: int = 2, batch: int = BATCH) -> Standby:
    device = CudaModel(loaded, batch, bus.device)
    return Standby(device, OnnxModel(loaded, batch), past=past, fate=Fate(), weights=200)


def inputs(count: int, batch: int = BATCH) -> list[F32]:
    return list(np.random.default_rng(3).standard_normal((count, batch, tiny.FEATURES)).astype(np.float32))


def draw(drawing: Drawing, frame: int, x: F32) -> F32:
    ones = np.ones(len(x), np.float32)
    seeds: NDArray[np.uint64] = np.resize(SEEDS, len(x))
    return drawing.draw(x, seeds, frame, COLOUR, Knobs(ones, ones, ones, ones)).copy()


@pytest.mark.parametrize("past", [0, 2, 4])
def test_the_frame_in_which_the_gpu_is_lost_comes_from_the_cpu(loaded: Loaded, bus: Bus, past: int) -> None:
    """It has taken in the last inputs, and goes on like a model of the CPU that heard nothing else."""
    model, expected = standby(loaded, bus, past), OnnxModel(loaded, BATCH)
    steps = inputs(20)
    for frame, x in enumerate(steps[:9]):
        draw(model, frame, x)
    assert model.provider == PROVIDER
    bus.broken = True
    half = np.full(BATCH, 0.5, np.float32)
    for x in steps[9 - past : 9]:
        expected.step(x, half, half, half)
    right = HostDrawing(expected)
    for frame in range(9, 20):
        np.testing.assert_array_equal(draw(model, frame, steps[frame]), draw(right, frame, steps[frame]))
        assert model.provider == LOST
    model.close()


def test_fewer_inputs_than_could_be_kept_are_taken_in_too(loaded: Loaded, bus: Bus) -> None:
    model, expected = standby(loaded, bus, past=4), HostDrawing(OnnxModel(loaded, BATCH))
    first, second = inputs(2)
    draw(model, 0, first)
    draw(expected, 0, first)
    bus.broken = True
    np.testing.assert_array_equal(draw(model, 1, second), draw(expected, 1, second))


def test_the_cpu_knows_what_rows_were_put(loaded: Loaded, bus: Bus) -> None:
    model, other = standby(loaded, bus, past=0), OnnxModel(loaded, 1)
    draw(HostDrawing(other), 0, inputs(1, 1)[0])
    draw(model, 0, inputs(1)[0])
    model.put(1, other.state(), 0)
    bus.broken = True
    for mine, its in zip(model.state(), other.state(), strict=True):
        np.testing.assert_array_equal(mine[0, 1], its[0, 0])
        assert not mine[0, 0].any()
    model.restore([np.full_like(tensor, 0.5) for tensor in other.state()])
    assert all((tensor[0, 0] == 0.5).all() and not tensor[0, 2].any() for tensor in model.state())
    assert model.provider == LOST


def known(loaded: Loaded, steps: int) -> tuple[F32, ...]:
    """What a model of one row remembers of so many others' inputs."""
    other = OnnxModel(loaded, 1)
    half = np.full(1, 0.5, np.float32)
    for x in np.random.default_rng(9).standard_normal((steps, 1, tiny.FEATURES)).astype(np.float32):
        other.step(x, half, half, half)
    return other.state()


@pytest.mark.parametrize("back", range(6))
def test_a_row_takes_in_what_it_was_shown_since_it_was_put_and_nothing_of_before(
    loaded: Loaded, bus: Bus, back: int
) -> None:
    model, expected, begun = standby(loaded, bus, past=4), OnnxModel(loaded, BATCH), known(loaded, 3)
    steps = inputs(11)
    for frame, x in enumerate(steps[:10]):
        if frame == 10 - back:
            model.put(1, begun, 0)
        draw(model, frame, x)
    if not back:
        model.put(1, begun, 0)
    half = np.full(BATCH, 0.5, np.float32)
    for frame in range(6, 10):
        if frame == 10 - min(back, 4):
            expected.put(1, begun, 0)
        expected.step(steps[frame], half, half, half)
    if not back:
        expected.put(1, begun, 0)
    bus.broken = True
    np.testing.assert_array_equal(draw(model, 10, steps[10]), draw(HostDrawing(expected), 10, steps[10]))


def test_a_size_that_is_taken_again_has_forgotten_the_inputs_of_the_first_time(loaded: Loaded, bus: Bus) -> None:
    model, begun = standby(loaded, bus, past=4), [np.repeat(part, BATCH, -2) for part in known(loaded, 3)]
    for frame, x in enumerate(inputs(10)):
        draw(model, frame, x)
    model.restore(begun)
    bus.broken = True
    for mine, its in zip(model.state(), begun, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_the_packed_model_stands_by_and_goes_on_with_the_same_noise(bus: Bus, kind: HeadKind, precision: str) -> None:
    """A show's own choice for the spare: it is another executor than the GPU's, and must not be seen to be one."""
    made = graphs.weights(embed=True, gate=True)
    spec = graphs.spec(made, kind)
    found = Loaded(encode(build(made, kind, half=precision == "float16"), spec, {}), spec, {})
    make = partial(open_model, found, BATCH)
    model, expected = open_cuda(found, BATCH, "cuda", spare=make, opens=bus.device), make()
    right, xs = HostDrawing(expected), np.random.default_rng(5).standard_normal((30, BATCH, graphs.FEATURES))
    for frame, x in enumerate(xs.astype(np.float32)):
        if frame == 5:  # so few inputs ago that all of them are taken in
            model.restore(expected.state())
        bus.broken = frame >= 10
        np.testing.assert_allclose(draw(model, frame, x), draw(right, frame, x), rtol=0, atol=1e-4)
    assert model.provider == f"CPU, packed {precision}, as the GPU was lost: RuntimeError: it fell off the bus"
    larger = model.resized(8)
    larger.restore(model.state())
    for mine, its in zip(larger.state(), expected.state(), strict=True):
        np.testing.assert_allclose(mine[:, :BATCH], its, rtol=0, atol=1e-5)
    for each in (model, larger, larger):
        each.close()


def test_a_gpu_that_is_lost_while_a_size_is_made_leaves_that_size_to_the_cpu(
    loaded: Loaded, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = standby(loaded, bus)
    resize = CudaModel.resized

    def late(self: CudaModel, batch: int) -> CudaModel:
        bus.broken = True
        draw(model, 0, inputs(1)[0])  # by the thread that steps
        return resize(self, batch)

    monkeypatch.setattr(CudaModel, "resized", late)
    assert model.resized(8).provider == LOST


@pytest.mark.parametrize("act", ["step", "draw", "state", "put", "restore"])
def test_whatever_is_asked_first_is_answered(loaded: Loaded, bus: Bus, act: str) -> None:
    model = standby(loaded, bus)
    ones, x = np.ones(BATCH, np.float32), np.ones((BATCH, tiny.FEATURES), np.float32)
    state = model.state()
    asked: dict[str, Callable[[], object]] = {
        "step": lambda: model.step(x, ones * 0.5, ones, ones),
        "draw": lambda: draw(model, 0, x),
        "state": model.state,
        "put": lambda: model.put(0, (), 0),
        "restore": lambda: model.restore(state),
    }
    bus.broken = True
    asked[act]()
    assert model.provider == LOST
    assert np.isfinite(draw(model, 1, x)).all()


def test_another_size_goes_on_from_what_the_gpu_remembers(loaded: Loaded, bus: Bus) -> None:
    model, expected = standby(loaded, bus), HostDrawing(OnnxModel(loaded, BATCH))
    larger = model.resized(8)
    assert (larger.batch, larger.provider) == (8, PROVIDER)
    for frame, x in enumerate(inputs(10)):
        if frame == 5:
            larger.restore(model.state())
        wide = np.concatenate([x, x, x])[:8]
        found = draw(model, frame, x) if frame < 5 else draw(larger, frame, wide)[:BATCH]
        np.testing.assert_allclose(found, draw(expected, frame, x), rtol=1e-5, atol=1e-6)


def test_what_one_size_loses_all_have_lost(loaded: Loaded, bus: Bus) -> None:
    model = standby(loaded, bus)
    larger = model.resized(8)
    bus.broken = True
    draw(model, 0, inputs(1)[0])
    bus.broken = False
    draw(larger, 0, inputs(1, 8)[0])
    assert larger.provider == LOST
    assert larger.resized(2).provider == LOST
    larger.close()
    larger.close()


def test_a_size_that_the_gpu_has_no_room_for_is_refused(loaded: Loaded, bus: Bus) -> None:
    model = standby(loaded, bus)
    bus.broken = True
    with pytest.raises(DeviceError, match="a GPU with room for a batch of 64"):
        model.resized(64)
    bus.broken = False
    draw(model, 0, inputs(1)[0])
    assert model.provider == PROVIDER


def test_an_act_on_a_stand_in_outlives_it(tmp_path: Path, bus: Bus) -> None:
    loaded = tiny.lstm(tmp_path)
    make = partial(standby, loaded, bus)
    model = make()
    for frame, x in enumerate(inputs(40)):
        bus.broken = frame >= 17
        assert np.isfinite(draw(model, frame, x)).all()
    assert model.provider == LOST


@pytest.mark.parametrize(
    ("weights", "batch", "fps", "expected"),
    [(1_000, 1, 30.0, MOST), (12_000_000, 1, 30.0, 6), (12_000_000, 64, 30.0, 0), (100_000, 4096, 60.0, 0)],
)
def test_the_past_is_taken_in_as_far_as_a_frame_has_time(weights: int, batch: int, fps: float, expected: int) -> None:
    assert affordable(weights, batch, fps) == expected
