"""Losing the GPU, on a stand-in for it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tiny
from numpy.typing import NDArray
from stand_in import PROVIDER, StandIn

from engine.contracts import Drawing, Knobs, Loaded
from engine.inference.cuda_model import CudaModel
from engine.inference.device import CPU
from engine.inference.host_drawing import HostDrawing
from engine.inference.onnx_model import OnnxModel
from engine.inference.standby import MOST, Fate, Standby, affordable
from engine.schema.errors import DeviceError
from engine.schema.frame import F32

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
