"""A model file becomes an act that reads signs."""

from pathlib import Path

import msgspec
import pianos
import pytest
import sign_models

from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.open_signs import open_signs, try_out
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign_models.signs_model(tmp_path_factory.mktemp("signs") / "signs.onnx")


def test_a_file_becomes_an_act(model: Path) -> None:
    act = open_signs(load(model), device="cpu")
    found = [act.sample(values, Controls()) for values in sign_models.stream(["drum", "apple"])]
    assert [label.word for label in found if label is not None] == ["drum", "apple"]
    assert act.path is None
    act.close()
    act.close()


def test_a_file_can_be_tried(model: Path) -> None:
    try_out(model)


def test_a_model_that_plays_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="reads signs"):
        try_out(pianos.tiny(tmp_path / "piano.onnx"))


def test_an_unknown_family_is_refused(model: Path) -> None:
    loaded = load(model)
    with pytest.raises(ConfigError, match="no such kind 'sings'"):
        open_signs(loaded._replace(spec=msgspec.structs.replace(loaded.spec, family="sings")), device="cpu")


def test_a_model_of_signs_is_not_stepped_as_a_mixture(model: Path) -> None:
    with pytest.raises(ModelError, match="a mixture"):
        open_model(load(model), 1)


def test_a_model_whose_settings_are_missing_cannot_be_tried(tmp_path: Path) -> None:
    path = sign_models.signs_model(tmp_path / "signs.onnx", settings={})
    with pytest.raises(ModelError, match="start_speed"):
        try_out(path)
