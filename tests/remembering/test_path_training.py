"""A path from a recipe to a model's file, and what is wrong with some of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sign_models
from remembering import signed, walks

from engine.inference.vet import load
from engine.path import make_path
from engine.schema.errors import ConfigError, DataError
from export import path_arrays, path_training
from export.metrics.path_report import PathReport
from export.path_study import Study
from export.path_training import Task
from export.recipe import Recipe, of_path

TOML = """
name = "path"
title = "a path"
data = {{ source = "{source}" }}
net = {{ kind = "{kind}", hidden = 16 }}
path = {{ {path} }}
train = {{ batch = 16, epochs = 1, updates = 8 }}
"""


def write(place: Path, source: Path | str = "", kind: str = "path", path: str = "hold = 0.3") -> Path:
    place.write_text(TOML.format(source=source, kind=kind, path=path))
    return place


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, recordings, recipes, and a run in it."""
    folder = tmp_path_factory.mktemp("stage")
    sign_models.signs_model(folder / "signs.onnx")
    signed.record(folder / "glove")
    write(folder / "seed.toml", folder / "glove", "seed-path", "last = 9")
    write(folder / "path.toml", folder / "glove", path='hold = 0.3, beside = "seed.toml"')
    return folder


@pytest.fixture(scope="module")
def report(stage: Path) -> PathReport:
    return path_training.train(Task(stage / "path.toml", stage / "signs.onnx", stage / "run"))


def test_a_run_writes_the_model_with_its_path_and_what_was_measured(stage: Path, report: PathReport) -> None:
    made = load(stage / "run" / "signs.onnx")
    encoder = make_path(made, "plain")
    assert encoder is not None
    assert encoder.dims == 2
    assert made.spec == load(stage / "signs.onnx").spec
    assert report.file == str(stage / "run" / "signs.onnx")
    assert [line.who for line in report.lines] == ["this path", "the first one", "principal components"]
    assert json.loads((stage / "run" / "metrics.json").read_text())["lines"][0]["mse"] == report.lines[0].mse
    assert report.streams == {"train": 6, "validation": 3, "test": 3}
    for line in report.lines:
        assert 0 <= line.trustworthiness <= 1
        assert line.recognised is not None
    assert [line.held is None for line in report.lines] == [False, True, True]
    assert len(report.tables()) == 2


def test_a_path_is_laid_upon_the_one_that_the_model_has_and_keeps_its_box(stage: Path, report: PathReport) -> None:
    before = Path(report.file)
    path_training.train(Task(stage / "path.toml", before, stage / "again"))
    first, second = (load(place).arrays for place in (before, stage / "again" / "signs.onnx"))
    np.testing.assert_array_equal(first["path_low"], second["path_low"])
    rows = np.random.default_rng(1).uniform(0, 1, (50, 5)).astype(np.float32)
    places = [path_arrays.encoded(arrays, rows) for arrays in (first, second)]
    low, high = path_arrays.box_of(first)
    unit = float((high - low).max())
    assert np.linalg.norm(places[0] - places[1], axis=1).mean() < 0.2 * unit


def test_another_files_map_can_be_named(stage: Path, report: PathReport) -> None:
    write(stage / "like.toml", stage / "glove", path='align = "run/signs.onnx"')
    path_training.train(Task(stage / "like.toml", stage / "signs.onnx", stage / "like"))
    first, second = (load(stage / name / "signs.onnx").arrays for name in ("run", "like"))
    np.testing.assert_array_equal(first["path_high"], second["path_high"])
    write(stage / "deep.toml", stage / "glove", path='dims = 3, align = "run/signs.onnx"')
    with pytest.raises(ConfigError, match="a map of 2 dimensions; expected one of 3"):
        path_training.train(Task(stage / "deep.toml", stage / "signs.onnx", stage / "deep"))
    assert report.passed in {True, False}
    assert not (stage / "deep").exists()


def test_the_folder_of_the_model_is_no_folder_for_the_run(stage: Path) -> None:
    before = (stage / "signs.onnx").read_bytes()
    with pytest.raises(ConfigError, match="as the model stays"):
        path_training.train(Task(stage / "path.toml", stage / "signs.onnx", stage))
    assert (stage / "signs.onnx").read_bytes() == before


def test_a_path_needs_a_model_and_other_recipes_take_none(tmp_path: Path) -> None:
    path, other = write(tmp_path / "path.toml"), write(tmp_path / "dance.toml", "cmu", "dance")
    assert of_path(path, Path("dance"))
    assert not of_path(other, None)
    with pytest.raises(ConfigError, match=r"--of: nothing"):
        of_path(path, None)
    with pytest.raises(ConfigError, match=r"a recipe of the kind 'dance'"):
        of_path(other, Path("dance"))


def test_a_recipe_beside_must_be_one_of_a_path(stage: Path) -> None:
    write(stage / "dance.toml", "cmu", "dance")
    write(stage / "odd.toml", stage / "glove", path='beside = "dance.toml"')
    with pytest.raises(ConfigError, match=r"path\.beside"):
        path_training.train(Task(stage / "odd.toml", stage / "signs.onnx", stage / "odd"))


def test_too_little_to_learn_from_is_said(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_training, "FEWEST", 10_000)
    with pytest.raises(DataError, match="at least 10000"):
        path_training.train(Task(stage / "path.toml", stage / "signs.onnx", stage / "few"))


def figures(recipe: Recipe, **changes: Any) -> dict[str, Any]:
    study = Study(recipe, (2,), walks.streams(**changes), lambda _, __: None)
    return {"ours": study.line(study.map(recipe), recipe), "linear": study.linear()}


def test_a_bent_sheet_is_flattened_better_than_by_a_plane() -> None:
    found = figures(walks.recipe(train={"updates": 50, "batch": 64, "lr": 1e-2}, noise=0.0), count=24)
    assert found["ours"].mse < found["linear"].mse
    assert found["ours"].recognised is None
    assert found["ours"].moved < 0.5
    assert found["linear"].moved is None


def test_steps_are_measured_in_the_view() -> None:
    plain, log = (figures(walks.recipe(train={"updates": 1}, view=view))["linear"] for view in ("plain", "log"))
    assert plain.mse == log.mse
    assert plain.step != log.step
