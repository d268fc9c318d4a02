"""From a recipe for moving digits to a model that the engine plays, in small, with made-up digits."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from training import synthetic
from typer.testing import CliRunner

from engine.inference.vet import load as load_model
from engine.schema.errors import ModelError
from export import convlstm_evaluate, convlstm_problem, convlstm_verify, problems, to_onnx
from export.checkpoint import load
from export.cli import app
from export.convlstm_task import forced, given, rollout
from export.data import moving_mnist
from export.metrics.moving_report import MovingReport
from export.nets.convlstm import FrameNet
from export.recipe import DataRecipe, ForecastRecipe, NetRecipe, Recipe, TrainRecipe, read
from export.recorded import evaluated
from export.train import LAST, Where, train

CONFIGS = Path(__file__).parents[2] / "configs" / "train"


def recipe(kind: str = "convlstm") -> Recipe:
    """A few updates of a tiny network."""
    fields = {"kind": kind, "hidden": 4, "layers": 2}
    whole = kind == "seed-convlstm"
    return Recipe(
        name="small",
        title=f"a small {kind}",
        data=DataRecipe(source="movingmnist"),
        net=msgspec.convert(fields, NetRecipe),
        forecast=ForecastRecipe(context=12 if whole else 4, short=4, short_share=0.5, clips=3 if whole else 0),
        train=TrainRecipe(batch=2, window=12, epochs=2, updates=1),
    )


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Made-up digits, a folder for files, and the models of both kinds in it."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "mnist").mkdir()
    rng = np.random.default_rng(1)
    for part, count in (("train", 40), ("test", 20)):
        pixels = np.zeros((count, 28, 28), np.uint8)
        pixels[:, 8:20, 8:20] = rng.integers(128, 256, (count, 12, 12))
        header = np.array([0x803, count, 28, 28], ">u4").tobytes()
        (folder / moving_mnist.FILES[part]).write_bytes(gzip.compress(header + pixels.tobytes(), 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENGINE_DATA", str(folder))
        patch.setattr(convlstm_problem, "HELD_OUT", 1)
        patch.setattr(moving_mnist, "KEPT_BACK", 20)
        moving_mnist.library.cache_clear()
        for kind in ("convlstm", "seed-convlstm"):
            to_onnx.write(load(learned(folder, kind)), folder / f"{kind}.onnx")
        yield folder
    moving_mnist.library.cache_clear()


def learned(folder: Path, kind: str) -> Path:
    """Train a small network of a kind and give its checkpoint."""
    path = synthetic.write(folder / f"{kind}.toml", recipe(kind))
    return train(path, folder / kind, where=Where(accelerator="cpu", devices="1"), progress=False)


def test_a_run_says_how_wrong_it_is_beside_the_last_picture(digits: Path) -> None:
    for kind in ("convlstm", "seed-convlstm"):
        figures = json.loads((digits / kind / "metrics.json").read_text())
        assert set(figures["validation"]) == {"model", "copy_last"}
        assert figures["unit"].startswith("squared error")


@pytest.mark.usefixtures("digits")
def test_windows_are_short_at_first_and_the_same_whenever_asked() -> None:
    problem = problems.make(recipe())
    short, again, whole = (list(problem.epoch(number, 0)) for number in (0, 0, 1))
    assert short[0][0].shape == (3, 2, 64, 64)
    assert whole[0][0].shape == (11, 2, 64, 64)
    assert all(np.array_equal(one, other) for one, other in zip(short[0], again[0], strict=True))
    x, y = whole[0]
    assert np.array_equal(x[1:], y[:-1])
    assert (given(recipe(), 0), given(recipe(), 1)) == (2, 4)


@pytest.mark.usefixtures("digits")
def test_a_set_of_clips_stays_the_same_set() -> None:
    problem = problems.make(recipe("seed-convlstm"))
    windows = [window for number in (1, 2, 3) for window in problem.epoch(number, 0)]
    films = {x[:, row].tobytes() for x, _ in windows for row in range(2)}
    assert len(films) <= 3


def test_help_fades() -> None:
    one = msgspec.structs.replace(recipe(), train=TrainRecipe(epochs=10))
    assert [round(forced(one, epoch), 2) for epoch in (0, 1, 4, 5, 9)] == [0.5, 0.4, 0.1, 0.0, 0.0]


@pytest.mark.usefixtures("digits")
def test_after_the_context_a_network_sees_what_it_foresaw_unless_it_is_helped() -> None:
    net = problems.make(recipe()).net
    x = torch.rand(8, 1, 64, 64)
    other = x.clone()
    other[4:] = 0.0
    with torch.no_grad():
        assert torch.equal(rollout(net, x, 4), rollout(net, other, 4))  # type: ignore[arg-type]
        always = rollout(net, x, 4, torch.ones(8, 1, dtype=torch.bool))  # type: ignore[arg-type]
        torch.testing.assert_close(always, rollout(net, x, 8))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["convlstm", "seed-convlstm"])
def test_a_model_foresees_what_its_network_does(digits: Path, kind: str) -> None:
    trained = load(digits / kind / LAST)
    parity = convlstm_verify.verify(trained, digits / f"{kind}.onnx", steps=12)
    assert parity.passed
    assert parity.gap < 1e-5
    spec = load_model(digits / f"{kind}.onnx").spec
    assert isinstance(trained.net, FrameNet)
    assert spec.training["parameters"] == trained.net.counted()


def test_a_model_of_other_weights_is_found_out(digits: Path, tmp_path: Path) -> None:
    trained = load(digits / "convlstm" / LAST)
    with torch.no_grad():
        trained.net.out.weight.mul_(1.01)  # type: ignore[union-attr,operator]
    to_onnx.write(trained, tmp_path / "other.onnx")
    assert not convlstm_verify.verify(load(digits / "convlstm" / LAST), tmp_path / "other.onnx", steps=12).passed


def test_a_dancer_cannot_be_asked_for_pictures() -> None:
    with pytest.raises(ModelError, match="one that foresees pictures"):
        convlstm_evaluate.evaluate(Path(__file__).parents[2] / "engine" / "models" / "dance.onnx", sequences=1)


def test_an_evaluation_stands_beside_others_and_is_carried_along(digits: Path, tmp_path: Path) -> None:
    pair, report = [digits / f"{kind}.onnx" for kind in ("convlstm", "seed-convlstm")], tmp_path / "report.json"
    found = convlstm_evaluate.evaluate(pair[0], sequences=1, beside=pair[1:], plot=tmp_path / "sheet.png")
    assert [line.who for line in found.lines] == ["a small convlstm", "a small seed-convlstm", "copy last", "all black"]
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    copy = found.lines[2]
    assert copy.frames[0] < copy.frames[-1]
    assert copy.next_mse < copy.mse
    assert copy.directions == dict.fromkeys(copy.directions, 1.0)
    found.save(report)
    to_onnx.write(load(digits / "convlstm" / LAST), tmp_path / "told.onnx", metrics=evaluated(report))
    alone = convlstm_evaluate.evaluate(tmp_path / "told.onnx", sequences=1)
    assert alone.lines[-1] == msgspec.structs.replace(found.lines[1], who="a small seed-convlstm (recorded at export)")


def test_the_command_measures_and_says_whether_targets_are_met(digits: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        app, ["evaluate", str(digits / "convlstm.onnx"), "--sequences", "1", "--json", str(tmp_path / "r.json")]
    )
    assert said.exit_code == 1  # two updates foresee nothing
    assert "trail/hit" in said.output
    kept = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=MovingReport)
    assert not kept.passed
    said = CliRunner().invoke(
        app, ["verify", str(digits / "convlstm" / LAST), str(digits / "convlstm.onnx"), "--steps", "6"]
    )
    assert (said.exit_code, "6 steps" in said.output, "ok" in said.output) == (0, True, True)


def test_the_command_says_which_file_is_of_other_weights(digits: Path, tmp_path: Path) -> None:
    trained = load(digits / "convlstm" / LAST)
    with torch.no_grad():
        trained.net.out.weight.mul_(1.01)  # type: ignore[union-attr,operator]
    to_onnx.write(trained, tmp_path / "other.onnx")
    words = ["verify", str(digits / "convlstm" / LAST), str(tmp_path / "other.onnx"), "--steps", "6"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 1
    assert f"{tmp_path / 'other.onnx'}: differs from the checkpoint" in said.output


@pytest.mark.parametrize("name", ["movingmnist", "seed_convlstm"])
def test_the_recipes_can_be_read(name: str) -> None:
    wanted = read(CONFIGS / f"{name}.toml")
    assert wanted.data.source == "movingmnist"
    assert wanted.train.window in {12, 20}
