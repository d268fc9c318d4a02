"""A real run on real recordings, stopped by real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from training import synthetic

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.timeout(600)]

RECIPE = synthetic.recipe(
    data={"components": 12, "mirror": False},
    net={"hidden": 32, "layers": 2, "components": 3},
    train={"batch": 8, "window": 32, "epochs": 4, "updates": 120},
)


def command(folder: Path) -> list[str]:
    recipe = synthetic.write(folder / "recipe.toml", RECIPE)
    main = "from export.cli import main; main()"
    return [sys.executable, "-c", main, "train", str(recipe), "-o", str(folder / "run"), "--accelerator", "cpu"]


def start(folder: Path) -> subprocess.Popen[str]:
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command(folder), env=alone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(folder: Path) -> Path:
    process = start(folder)
    out, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, ""), errors
    assert str(folder / "run" / "last.ckpt") in out
    return folder / "run" / "last.ckpt"


@pytest.fixture(scope="module")
def whole(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert data_dir.is_dir()
    return finish(tmp_path_factory.mktemp("whole"))


def await_epoch(process: subprocess.Popen[str], last: Path) -> None:
    """Wait until a run has written a checkpoint, and a little longer, so that it is inside an epoch."""
    for _ in range(3000):
        if last.exists():
            time.sleep(0.3)
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    pytest.fail("no checkpoint within 300 s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_run_that_is_stopped_goes_on_and_ends_the_same(number: signal.Signals, whole: Path, tmp_path: Path) -> None:
    process, last = start(tmp_path), tmp_path / "run" / "last.ckpt"
    await_epoch(process, last)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert errors == "interrupted; the same command goes on from the last epoch\n"
    assert not (last.parent / "metrics.json").exists()  # it was not over yet
    finish(tmp_path)
    one, other = (torch.load(path, weights_only=True) for path in (whole, last))
    for name, part in one["state_dict"].items():
        assert torch.equal(part, other["state_dict"][name]), name
    figures = [json.loads((path.parent / "metrics.json").read_text("utf-8")) for path in (whole, last)]
    assert figures[0] == figures[1]
