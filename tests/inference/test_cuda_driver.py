"""The real device, as far as it goes without a GPU: on Numba's simulator, with a driver that only takes notes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny

from engine.contracts import Knobs
from engine.inference.host_drawing import HostDrawing
from engine.inference.onnx_model import OnnxModel
from engine.schema.model import HeadKind

TESTS = Path(__file__).parents[1]
SIMULATED = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_it_opens_draws_and_closes(tmp_path: Path, kind: HeadKind) -> None:
    script = Path(__file__).with_name("simulated_device.py")
    command = [sys.executable, "-W", "ignore::RuntimeWarning", str(script), kind, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | SIMULATED, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["provider"] == "CUDAExecutionProvider"
    assert found["opened"] == ["captures relaxed", "stream waits for nobody", "open on 77, captured"]
    frames = [["graph 1", "wait for 77"], ["graph 2", "wait for 77"], ["graph 1", "wait for 77"], ["end 77"]]
    assert found["calls"] == [call for frame in frames for call in frame]
    expected, ones = HostDrawing(OnnxModel(tiny.lstm(tmp_path, kind), 2)), np.ones(2, np.float32)
    x, seeds = np.ones((2, tiny.FEATURES), np.float32), np.array([1, 2**64 - 1], np.uint64)
    for frame, drawn in enumerate(found["drawn"]):
        right = expected.draw(x, seeds, frame, ones[:1], Knobs(ones, ones, ones, ones))
        np.testing.assert_allclose(drawn, right, rtol=1e-5, atol=1e-6)
