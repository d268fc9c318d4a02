"""The kernels of a GPU, in Numba's simulator."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.contracts import HeadOutput, Knobs
from engine.sampling import device
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise
from engine.schema.model import Head

ROWS, COMPONENTS = 4, 5
SIMULATED = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}


def simulated(case: dict[str, object]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """What the kernels write for a case."""
    root = Path(__file__).parents[2]
    environment = os.environ | SIMULATED | {"PYTHONPATH": str(root)}
    script = [sys.executable, "-W", "ignore::RuntimeWarning", str(Path(__file__).with_name("simulated.py"))]
    done = subprocess.run(script, input=json.dumps(case), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: np.array(value) for name, value in json.loads(done.stdout).items()}


@pytest.mark.parametrize(
    ("frame", "dims", "colour"),
    [(0, 3, (1.0,)), (2**33 + 7, 9, (0.8, 0.5, 0.3))],
    ids=["white and at the start", "coloured and late"],
)
def test_noise_choice_and_samples_are_those_of_the_cpu(frame: int, dims: int, colour: tuple[float, ...]) -> None:
    draw = np.random.default_rng(4)
    shape = (ROWS, COMPONENTS, dims)
    mu, sigma = draw.normal(size=shape).astype(np.float32), draw.random(shape, np.float32) + np.float32(0.1)
    logits = (3 * draw.normal(size=shape[:2])).astype(np.float32)
    logits[3, 2] = np.nan
    knobs = Knobs(*(draw.uniform(0.3, 1.0, ROWS).astype(np.float32) for _ in range(4)))
    knobs.temperature[1] = 0.0
    seeds = [1, 2**64 - 1, 2**40 + 3, 5]
    noise = Noise(seeds, dims, colour)
    noise.fill(frame, ROWS)
    expected = Sampler(Head(kind="mdn", components=COMPONENTS, dims=dims), ROWS).draw(
        HeadOutput(mu, sigma, logits=logits), noise.u, noise.normals, knobs
    )
    names = ("temperature", "pi", "spread", "top_p")
    case = {name: knob.tolist() for name, knob in zip(names, knobs, strict=True)}
    case |= {"mu": mu.tolist(), "sigma": sigma.tolist(), "logits": logits.tolist(), "colour": list(colour)}
    found = simulated({**case, "seeds": seeds, "frame": frame})
    np.testing.assert_array_equal(found["u"].astype(np.float32), noise.u)
    np.testing.assert_allclose(found["out"], expected, rtol=1e-5, atol=1e-6)
    assert found["component"][3] == -1
    assert np.isnan(found["out"][3]).all()


def test_each_thread_has_four_numbers_and_each_block_many_threads() -> None:
    assert [device.groups(3, dims) for dims in (1, 4, 5, 165)] == [3, 3, 6, 126]
    assert [device.blocks(threads) for threads in (1, 128, 129)] == [1, 1, 2]
