"""A model of touch from made-up recordings to a file that the engine plays."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import recitals
import torch
from typer.testing import CliRunner

from engine.contracts import Loaded
from engine.families import _touch, velocity
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, DataError
from export import checkpoint, to_onnx, train, velocity_evaluate
from export.checkpoint import Trained
from export.cli import app
from export.data import piano
from export.train import Where
from export.verify import verify

CPU = Where(accelerator="cpu", devices="1")

TEXT = """
name = "tiny"
title = "tiny touch"
[data]
source = "{source}"
[net]
kind = "{kind}"
hidden = 12
layers = 2
components = 3
cap = 1.5
dropout = 0.1
[touch]
average = 0.9
shape = 1.0
[train]
batch = 4
window = 32
epochs = 2
updates = 8
lr = 5e-3
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recitals.folder(tmp_path_factory.mktemp("recitals"), notes=120)


def written(folder: Path, recordings: Path, kind: str = "velocity", **changes: str) -> Path:
    text = TEXT.format(source=recordings, kind=kind)
    for name, value in changes.items():
        assert f"{name} = " in text
        text = "\n".join(f"{name} = {value}" if line.startswith(f"{name} = ") else line for line in text.split("\n"))
    path = folder / "tiny.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def last(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    return train.train(written(folder, recordings), folder / "run", where=CPU, progress=False)


@pytest.fixture(scope="module")
def trained(last: Path) -> Trained:
    return checkpoint.load(last)


@pytest.fixture(scope="module")
def model(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    to_onnx.write(trained, path)
    return path


@pytest.fixture(scope="module")
def grid_last(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, told = tmp_path_factory.mktemp("grid"), list[str]()
    recipe = written(folder, recordings, "grid")
    last = train.train(recipe, folder / "run", where=CPU, progress=False, tell=told.append)
    assert told == []  # its losses are squares, and nothing was left out
    return last


def test_it_learns(last: Path, recordings: Path, tmp_path: Path) -> None:
    found = json.loads((last.parent / "metrics.json").read_text())
    long = written(tmp_path, recordings, epochs="10", updates="40")
    more = json.loads(
        (train.train(long, tmp_path / "run", where=CPU, progress=False).parent / "metrics.json").read_text()
    )
    assert more["test"]["model"] < found["test"]["model"]
    assert more["test"]["model"] < more["test"]["constant"] - 0.2


def test_resuming_changes_nothing(
    last: Path, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, recordings)
    write = train.EveryEpoch.on_train_epoch_end

    def stop(self: train.EveryEpoch, trainer: object, module: object) -> None:
        write(self, trainer, module)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train.EveryEpoch, "on_train_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            train.train(path, tmp_path / "run", where=CPU, progress=False)
    again = train.train(path, tmp_path / "run", where=CPU, progress=False)
    one, other = (torch.load(file, weights_only=True) for file in (last, again))
    assert one["global_step"] == other["global_step"] == 16
    for name, tensor in one["state_dict"].items():
        assert torch.equal(tensor, other["state_dict"][name]), name


def test_the_averaged_weights_are_kept_beside_those_that_learn(last: Path) -> None:
    weights = torch.load(last, weights_only=True)["state_dict"]
    assert not torch.equal(weights["net.input.weight"], weights["learner.input.weight"])


def test_the_file_is_the_network(trained: Trained, model: Path) -> None:
    assert all(parity.passed for parity in verify(trained, model, steps=300))


@pytest.mark.parametrize("heard", [True, False])
def test_note_by_note_is_what_the_network_gives_for_the_whole_piece(
    trained: Trained, model: Path, recordings: Path, *, heard: bool
) -> None:
    piece = piano.load(str(recordings)).pieces[0]
    x = _touch.features(piece.events, piece.velocities if heard else None)
    with torch.no_grad():
        logits, mu, _, _ = trained.net(torch.from_numpy(x)[:, None])
        means = (logits.softmax(-1) * mu[..., 0]).sum(-1)[:, 0] * trained.net.unit + trained.net.loudness
    np.testing.assert_allclose(live(load(model), piece, heard=heard), means.numpy(), atol=1e-3)


def live(loaded: Loaded, piece: piano.Piece, *, heard: bool) -> list[float]:
    """What a player gets at temperature 0, one event after the other, whose own velocities are heard or all alike."""
    step, touch, one = OnnxModel(loaded, 1), velocity.create(loaded, 1), np.ones(1, np.float32)
    x, got = np.zeros((1, _touch.FEATURES), np.float32), []
    own = iter(piece.velocities.tolist() if heard else [_touch.FLAT] * len(piece))
    for at, kind, what in piece.events.tolist():
        if kind == _touch.DOWN_EVENT:
            touch.press(at, what + 21, int(next(own)), x)
            got.append(touch.decode(step.step(x, one, one, one), 0.0, Controls(temperature=0.0)))
        elif kind == _touch.UP_EVENT:
            touch.release(at, what + 21)
        else:
            touch.pedal(at, what)
    step.close()
    return got


def test_the_file_says_what_it_learned_from(model: Path, recordings: Path) -> None:
    spec = load(model).spec
    parts = piano.split(piano.load(str(recordings)).pieces)
    assert spec.training["split"] == piano.digest(parts)
    assert spec.head.kind == "mdn"
    assert spec.skeleton is None
    assert 40 < float(spec.settings["mean"]) < 90
    assert {control.name for control in spec.controls} >= {"temperature", "loudness", "contrast"}


def test_a_grid_cannot_be_exported(grid_last: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="to its end"):
        to_onnx.write(checkpoint.load(grid_last), tmp_path / "grid.onnx")


def test_it_is_evaluated_beside_the_others(model: Path, grid_last: Path, recordings: Path, tmp_path: Path) -> None:
    report, plot = tmp_path / "report.json", tmp_path / "plot.png"
    arguments = ["evaluate", model, "--data", recordings, "--beside", grid_last, "--json", report, "--plot", plot]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 1, result.output  # sixteen updates reach no target
    assert plot.stat().st_size > 10_000
    found = json.loads(report.read_text())
    lines = {line["who"]: line for line in found["sets"][0]["lines"]}
    assert {"this model", "linear, causal", "last velocity (oracle)", "tiny touch"} <= set(lines)
    assert lines["piece's own mean (oracle)"]["errors"]["mae"] == lines["training's mean"]["errors"]["mae_level"]
    assert lines["this model"]["nll"] > 0.0
    limits = [target["limit"] for one in found["sets"] for target in one["targets"]]
    assert sum("linear, causal, hearing" in limit for limit in limits) == 2  # as it is and level, where it is heard
    assert not found["passed"]


@pytest.mark.slow
def test_its_own_held_out_pieces_are_found_again(model: Path, recordings: Path) -> None:
    report = velocity_evaluate.evaluate(model)
    held = next(one for one in report.sets if one.name == "held out")
    assert held.pieces == len(piano.split(piano.load(str(recordings)).pieces).test) == 1
    assert not any("not those of the training" in note for note in report.notes)


def test_a_model_that_nothing_was_held_out_from_is_not_passed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_DATA", str(tmp_path))
    monkeypatch.setattr(piano, "split", lambda pieces: piano.Parts(tuple(pieces), (), ()))
    with pytest.raises(DataError, match="no piece held out"):
        velocity_evaluate.evaluate(model)


def test_files_that_are_left_out_of_a_training_are_told(recordings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    shutil.copytree(recordings, folder)
    (folder / "broken.mid").write_bytes(b"MThd but not much more")
    short = written(tmp_path, folder, epochs="1", updates="1")
    result = CliRunner().invoke(app, ["train", str(short), "-o", str(tmp_path / "run"), "--accelerator", "cpu"])
    assert result.exit_code == 0, result.output
    assert "Losses are nats" in result.stdout
    assert "1 files left out" in result.stdout
    assert "broken.mid: " in result.stdout


def test_a_report_goes_into_the_file_and_stands_beside_later_ones(
    last: Path, grid_last: Path, model: Path, recordings: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    velocity_evaluate.evaluate(model, data=recordings, beside=[grid_last]).save(report)
    out = tmp_path / "again.onnx"
    result = CliRunner().invoke(app, ["onnx", str(last), "--out", str(out), "--report", str(report)])
    assert result.exit_code == 0, result.output
    metrics = load(out).spec.metrics
    assert set(metrics) >= {"likelihood", "sets"}
    again = velocity_evaluate.evaluate(out, data=recordings)
    assert f"tiny touch {velocity_evaluate.RECORDED}" in [line.who for line in again.sets[0].lines]
    assert again.sets[0].lines[0].errors == velocity_evaluate.evaluate(model, data=recordings).sets[0].lines[0].errors
