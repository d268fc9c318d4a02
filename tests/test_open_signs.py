"""A model file becomes an act that reads signs."""

from pathlib import Path

import msgspec
import numpy as np
import pianos
import pytest
import sign_models

from engine.families.signs import create
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.open_signs import open_signs, try_out
from engine.path import make_path
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.kinds import PathView


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


def straight() -> dict[str, np.ndarray]:
    """A path that shows the memories of the first two words, of one layer."""
    weight = np.zeros((sign_models.CLASSES, 2), np.float32)
    weight[0, 0] = weight[1, 1] = 1.0
    ones = np.ones(sign_models.CLASSES, np.float32)
    return {
        "path_states": np.array([0]),
        "path_mean": 0.0 * ones,
        "path_scale": ones,
        "path_weight_0": weight,
        "path_bias_0": np.zeros(2, np.float32),
        "path_low": np.full(2, -2.0, np.float32),
        "path_high": np.full(2, 2.0, np.float32),
    }


@pytest.mark.parametrize("view", ["plain", "log"])
def test_an_act_follows_its_memory_on_the_map_that_its_file_holds(tmp_path: Path, view: PathView) -> None:
    loaded = load(sign_models.signs_model(tmp_path / "signs.onnx", arrays=straight()))
    act, encoder = open_signs(loaded, device="cpu", view=view), make_path(loaded, view)
    alone = create(loaded, "cpu")
    assert encoder is not None
    assert act.path is not None
    heard = sign_models.sign("boat")
    for values in heard:
        act.sample(values, Controls())
    for values in heard:  # all of it: the movement is noticed within its first five samples
        alone.sample(values)
    np.testing.assert_allclose(act.path, encoder.encode(alone.state())[0], atol=1e-6)
    assert act.path[1] > 0.2 > abs(act.path[0])
    act.close()
    alone.close()


def test_a_path_can_be_off(tmp_path: Path) -> None:
    act = open_signs(load(sign_models.signs_model(tmp_path / "s.onnx", arrays=straight())), device="cpu", view="off")
    assert act.path is None
    act.close()


def test_a_path_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    arrays = straight() | {"path_mean": np.zeros(3, np.float32)}
    with pytest.raises(ModelError, match="path_mean"):
        try_out(sign_models.signs_model(tmp_path / "signs.onnx", arrays=arrays))


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
