"""The command `engine-export`: what it prints, and one line for every mistake."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from exporting import models
from training import synthetic
from typer.testing import CliRunner, Result

from engine import cache
from engine.inference.vet import load
from export import cli, lightning_task, to_onnx, train

pytestmark = pytest.mark.usefixtures("made_up")

LINE = 400
"""Characters of a message at most; whoever reads it has a terminal."""


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def refused(result: Result, *expected: str, code: int = 2) -> None:
    """One line on stderr that names what was expected, nothing else, and no traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert result.stderr.endswith("\n")
    assert result.stderr.count("\n") == 1, result.stderr
    assert len(result.stderr) < LINE
    for words in expected:
        assert words in result.stderr


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, made_up: None) -> Path:  # noqa: ARG001 - needed, not used
    return models.stored(models.trained("dance"), tmp_path_factory.mktemp("run") / "last.ckpt")


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Path:
    path = checkpoint.parent / "m.onnx"
    assert call("onnx", checkpoint, "-o", path).exit_code == 0
    return path


def test_training_tells_where_it_left_what(tmp_path: Path) -> None:
    recipe = synthetic.write(tmp_path / "small.toml", synthetic.recipe())
    result = call("train", recipe, "-o", tmp_path / "run", "--accelerator", "cpu")
    assert result.exit_code == 0, result.output
    assert "a loss below 0 is right" in " ".join(result.stdout.split())
    for name in ("last.ckpt", "metrics.json", "curves.png"):
        assert f"\n{tmp_path / 'run' / name}\n" in result.stdout
        assert (tmp_path / "run" / name).stat().st_size > 100
    assert result.stderr == ""


def test_a_run_goes_where_its_recipe_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = synthetic.write(tmp_path / "small.toml", synthetic.recipe())
    assert call("train", recipe, "--accelerator", "cpu").exit_code == 0
    assert (tmp_path / "runs" / "small" / "last.ckpt").exists()


def test_an_interruption_is_one_line_and_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = synthetic.write(tmp_path / "small.toml", synthetic.recipe())
    words = ("train", recipe, "-o", tmp_path / "run", "--accelerator", "cpu")
    with monkeypatch.context() as patch:

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(lightning_task.Task, "validation_step", stop)
        refused(call(*words), "interrupted", "goes on from the last epoch", code=130)
    assert call(*words).exit_code == 0


def test_exporting_and_verifying(checkpoint: Path, model: Path) -> None:
    assert load(model).spec.name == "a small dancer"
    result = call("verify", checkpoint, model, "--steps", "50")
    assert result.exit_code == 0
    assert result.stdout.count(" ok\n") == 4  # two batches, each on our kernels and on ONNX Runtime
    assert result.stderr == ""


def test_the_size_is_told(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "m.onnx"
    result = call("onnx", checkpoint, "-o", path)
    assert result.stdout == f"{path}: {path.stat().st_size / 1e6:.1f} MB\n"


def test_held_out_figures_are_carried_along(checkpoint: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "last.ckpt").write_bytes(checkpoint.read_bytes())
    (run / "metrics.json").write_text('{"test": {"model": -3.5}}')
    assert call("onnx", run / "last.ckpt", "-o", run / "m.onnx").exit_code == 0
    assert load(run / "m.onnx").spec.metrics == {"likelihood": {"test": {"model": -3.5}}}


def test_a_difference_is_told_and_fails(checkpoint: Path, tmp_path: Path) -> None:
    other = models.trained("dance")
    with torch.no_grad():
        next(other.net.parameters()).add_(0.01)
    to_onnx.write(other, tmp_path / "m.onnx")
    result = call("verify", checkpoint, tmp_path / "m.onnx", "--steps", "20")
    refused(result, str(tmp_path / "m.onnx"), "differs from the checkpoint", code=1)
    assert result.stdout.count("FAILED") == 4


def zipped(thing: object) -> bytes:
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


FOREIGN: dict[str, Callable[[], bytes | None]] = {
    "missing": lambda: None,
    "empty": lambda: b"",
    "random": lambda: bytes(range(256)) * 20,
    "of another program": lambda: zipped({"state_dict": {}, "epoch": 3}),
    "with objects": lambda: zipped(torch.nn.Linear(2, 2)),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_checkpoint_is_one_line(case: str, model: Path, tmp_path: Path) -> None:
    path, contents = tmp_path / "last.ckpt", FOREIGN[case]()
    if contents is not None:
        path.write_bytes(contents)
    refused(call("onnx", path, "-o", tmp_path / "m.onnx"), str(path), "a checkpoint written by engine-export train")
    refused(call("verify", path, model), str(path), "a checkpoint written by engine-export train")
    assert not (tmp_path / "m.onnx").exists()


def test_a_foreign_model_is_one_line(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    refused(call("verify", checkpoint, path), str(path))
    path.write_bytes(b"hello")
    refused(call("verify", checkpoint, path), str(path), "not an ONNX model")
    refused(call("evaluate", path), str(path), "not an ONNX model")
    refused(call("evaluate", tmp_path / "missing.onnx"), str(tmp_path / "missing.onnx"))
    refused(call("evaluate", "nobody"), "no model 'nobody'", "bundled: dance")


def test_the_model_of_another_checkpoint_is_one_line(checkpoint: Path, tmp_path: Path) -> None:
    _, path = models.exported("seed", tmp_path / "m.onnx")
    refused(call("verify", checkpoint, path), "the model of another checkpoint")


def test_recipes_that_are_none_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    refused(call("train", path, "-o", tmp_path / "run"), str(path), "a training recipe (TOML)")
    refused(call("train", tmp_path, "-o", tmp_path / "run"), str(tmp_path), "a training recipe (TOML)")
    path.write_text("x =")
    refused(call("train", path, "-o", tmp_path / "run"), str(path))
    path.write_text('name = "a"\ntitle = "b"\n[data]\nsource = "cmu"\n[train]\nepochs = "many"\n')
    refused(call("train", path, "-o", tmp_path / "run"), f"{path}: train.epochs", "got `str`")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("option", ["--accelerator", "--devices", "--strategy"])
def test_a_device_that_nobody_has_is_one_line(option: str, tmp_path: Path) -> None:
    recipe = synthetic.write(tmp_path / "r.toml", synthetic.recipe())
    refused(call("train", recipe, "-o", tmp_path / "run", option, "banana"), option[2:], "banana")
    assert not (tmp_path / "run").exists()


def test_a_run_of_another_recipe_is_one_line(checkpoint: Path, tmp_path: Path) -> None:
    recipe = synthetic.write(tmp_path / "r.toml", synthetic.recipe(net={"hidden": 17}))
    before = checkpoint.read_bytes()
    refused(call("train", recipe, "-o", checkpoint.parent), str(checkpoint), "--fresh")
    assert checkpoint.read_bytes() == before


@pytest.mark.parametrize("place", ["file/x", "."])
def test_a_place_that_cannot_be_written_is_one_line(place: str, checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / place
    refused(call("onnx", checkpoint, "-o", out), str(out))
    if place != ".":
        recipe = synthetic.write(tmp_path / "r.toml", synthetic.recipe())
        refused(call("train", recipe, "-o", out, "--accelerator", "cpu"), str(out))
    assert (tmp_path / "file").read_text() == "in the way"
    assert {path.name for path in tmp_path.iterdir()} <= {"file", "r.toml"}


@pytest.mark.parametrize("seeds", ["", "a", "1,,2", "1;2", "1.5", "-1", "1,1"])
def test_seeds_that_are_none_are_one_line(seeds: str, model: Path) -> None:
    result = call("evaluate", model, f"--seeds={seeds}")
    refused(result, "seeds")


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_lengths_that_are_none_are_one_line(minutes: str, model: Path) -> None:
    refused(call("evaluate", model, f"--minutes={minutes}"), "minutes")


@pytest.mark.parametrize("words", [["train"], ["onnx", "x"], ["verify", "a", "b", "--steps", "0"], ["dance"]])
def test_missing_and_unknown_words_are_explained(words: list[str]) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert "Usage" in result.stderr
    assert "Traceback" not in result.stderr


def test_kernels_of_older_sources_are_forgotten_before_numba_looks_for_them(tmp_path: Path) -> None:
    (tmp_path / "old.nbi").touch()
    code = "import sys; from export import cli; assert 'numba' not in sys.modules; cli.main()"
    words = ["render", "nobody", "-o", str(tmp_path / "a.csv")]
    where = os.environ | {cache.VARIABLE: str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", code, *words], env=where, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [cache.STAMP]


def test_help_needs_none_of_the_heavy_libraries() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for command in ("train", "onnx", "verify", "evaluate"):
        assert command in result.stdout
    assert train.LAST == "last.ckpt"
