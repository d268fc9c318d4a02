"""A flood of controls, and one model after the other, while a show plays: nobody in the audience notices."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from live.paced import in_time, paced, whole
from live.steered import Steered, playing, until
from onnx import numpy_helper

from engine.bundled import MODELS

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

FLOOD = Path(__file__).with_name("flood.py")
RATE = 50_000
"""Messages a second."""

SECONDS = 20
MEGABYTE = 2**20

SWAPS = 50


@paced
def test_a_flood_of_controls_makes_no_frame_late(tmp_path: Path) -> None:
    with playing(tmp_path) as show:
        time.sleep(SECONDS)
        quiet, before, played = show.late(), memory(show), len(show.frames().numbers)
        command = [sys.executable, str(FLOOD), str(show.control), str(RATE), str(SECONDS)]
        flooded = subprocess.run(command, capture_output=True, text=True, check=True)
        time.sleep(1)  # the state is told once a second
        busy, after, frames = show.late() - quiet, memory(show), show.frames()
        assert 0.5 <= show.value("temperature") <= 1.0
        show.end()
    assert int(flooded.stdout) >= 0.9 * RATE * SECONDS
    whole(frames.numbers.tolist())
    in_time(busy, len(frames.numbers) - played)
    assert after - before < 4 * MEGABYTE


def memory(show: Steered) -> int:
    """Resident bytes of the engine."""
    lines = Path(f"/proc/{show.engine.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    """A good one, and bad ones: cut short, full of NaN, no model at all."""
    good = (MODELS / "dance.onnx").read_bytes()
    wild = onnx.load_from_string(good)
    for weights in wild.graph.initializer:
        if weights.data_type == onnx.TensorProto.FLOAT:
            broken = np.full_like(numpy_helper.to_array(weights), np.nan)
            weights.CopyFrom(numpy_helper.from_array(broken, weights.name))
    made = {"good": good, "short": good[:100_000], "wild": wild.SerializeToString(), "text": b"no model"}
    for name, content in made.items():
        (tmp_path / f"{name}.onnx").write_bytes(content)
    return [tmp_path / f"{name}.onnx" for name in made]


@paced
def test_models_are_swapped_and_bad_ones_refused(tmp_path: Path, models: list[Path]) -> None:
    good, *bad = models
    with playing(tmp_path, "[act]\nperformers = 4") as show:
        show.send("/engine/model/crossfade", 0.1)
        for model in (*bad, good):  # the first whose graph is not ours brings ONNX Runtime along, once
            swap(show, model)
        time.sleep(1)  # what gave way is gone
        before = memory(show)
        for number in range(SWAPS):
            swap(show, bad[number % len(bad)])
            swap(show, good)
        time.sleep(1)
        after = memory(show)
        frames = [show.frames(number) for number in (1, 2, 3, 4)]
        said = show.end()
    assert said.count("keeps playing") == SWAPS + len(bad)
    for each in frames:
        whole(each.numbers.tolist())
    assert all(np.isfinite(each.positions).all() for each in frames)
    assert all(each.positions[..., 1].min() > -0.5 and each.positions[..., 1].max() < 3 for each in frames)
    assert after - before < 5 * MEGABYTE


def swap(show: Steered, model: Path) -> None:
    """Load a model and wait for what becomes of it."""
    before = len(show.heard("/engine/model/load", show.echoes))
    show.send("/engine/subscribe", "", show.echoes, "control")
    show.send("/engine/model/load", str(model))
    until(lambda: len(show.heard("/engine/model/load", show.echoes)) > before, f"{model.stem}: no answer", 20)
