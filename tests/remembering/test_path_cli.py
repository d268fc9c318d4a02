"""`engine-export train --of`: what it prints, and one line for every mistake."""

from pathlib import Path

import pytest
import sign_models
from remembering import signed
from typer.testing import CliRunner, Result

from export import cli

RECIPE = """
name = "path"
title = "a path"
data = {{ source = "{source}" }}
net = {{ kind = "{kind}", hidden = 16 }}
train = {{ batch = 16, epochs = 1, updates = 4 }}
"""


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["train", *(str(word) for word in words)])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    signed.record(tmp_path / "glove")
    for kind in ("path", "dance"):
        (tmp_path / f"{kind}.toml").write_text(RECIPE.format(source=tmp_path / "glove", kind=kind))
    return sign_models.signs_model(tmp_path / "signs.onnx")


def test_a_path_is_trained_and_its_files_are_told(model: Path) -> None:
    folder = model.parent
    result = call(folder / "path.toml", "--of", model, "-o", folder / "run")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(f"{folder / 'run' / 'signs.onnx'}\n{folder / 'run' / 'metrics.json'}\n")
    assert "principal components" in result.stdout
    assert "trustworthiness" in result.stdout


def test_mistakes_are_one_line(model: Path) -> None:
    folder = model.parent
    wrong: dict[str, list[str | Path]] = {
        "the model whose memory becomes a path": [folder / "path.toml"],
        "a recipe of the kind 'dance'": [folder / "dance.toml", "--of", model],
        "no such file": [folder / "path.toml", "--of", folder / "nobody.onnx"],
        "it remembers pictures": [folder / "path.toml", "--of", "movingmnist"],
        "as the model stays": [folder / "path.toml", "--of", model, "-o", folder],
    }
    for told, words in wrong.items():
        result = call(*words, *(() if "-o" in words else ("-o", folder / "none")))
        assert result.exit_code == 2, (told, result.output)
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
        assert not (folder / "none").exists()
