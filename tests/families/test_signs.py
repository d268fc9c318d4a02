"""What a model file of signs must say of itself."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import sign_models

from engine.families.signs import create
from engine.inference.vet import load
from engine.schema.errors import ModelError
from engine.schema.model import Head

F, C = sign_models.FEATURES, sign_models.CLASSES


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign_models.signs_model(tmp_path_factory.mktemp("signs") / "signs.onnx")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": ()}, "0 words; expected 5"),
        ({"labels": ("a", "b", "c", "d")}, "4 words; expected 5"),
        ({"labels": ("a", "b", "c", "d", "a")}, "'a' twice"),
        ({"labels": ("a", "b", "c", "d", " ")}, "labels: ' '"),
        ({"channels": sign_models.CHANNELS[:-1]}, "21 names; expected 22"),
        ({"channels": (*sign_models.CHANNELS[:-1], "left x")}, "'left x' twice"),
        ({"channels": (*sign_models.CHANNELS[:-1], "")}, "channels: ''"),
        ({"head": Head(kind="mdn", components=C, dims=1)}, "'mdn' of 1 dims"),
        ({"head": Head(kind="classes", components=C, dims=2)}, "'classes' of 2 dims"),
        ({"head": Head(kind="classes", components=257, dims=1)}, "257; expected 1 to 256"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(model: Path, changes: dict[str, object], said: str) -> None:
    loaded = load(model)
    with pytest.raises(ModelError, match=said):
        create(loaded._replace(spec=msgspec.structs.replace(loaded.spec, **changes)), "cpu")


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("mean", None, "mean: nothing"),
        ("mean", np.zeros(F - 1, np.float32), "mean: float32"),
        ("mean", np.full(F, np.nan, np.float32), "mean: float32"),
        ("scale", None, "scale: nothing"),
        ("scale", np.zeros(F, np.float32), "scale: 0; expected numbers above 0"),
        ("motion", None, "motion: nothing"),
        ("motion", np.zeros(0, np.int64), r"motion: int64 \(0,\)"),
        ("motion", np.zeros((1, 1), np.int64), r"motion: int64 \(1, 1\)"),
        ("motion", np.zeros(1, np.float32), "motion: float32"),
        ("motion", np.array([0, F]), "motion: 0, 22"),
        ("motion", np.array([-1, 0]), "motion: -1, 0"),
        ("motion", np.array([3, 3]), "motion: 3, 3"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(model: Path, name: str, array: np.ndarray | None, said: str) -> None:
    loaded = load(model)
    arrays = {key: value for key, value in loaded.arrays.items() if key != name}
    with pytest.raises(ModelError, match=said):
        create(loaded._replace(arrays=arrays if array is None else arrays | {name: array}), "cpu")


def test_a_graph_that_gives_fewer_probabilities_than_are_said_is_refused(tmp_path: Path) -> None:
    words = tuple("abcdef")
    head = Head(kind="classes", components=6, dims=1)
    path = sign_models.signs_model(tmp_path / "signs.onnx", words=words, head=head)
    with pytest.raises(ModelError):
        create(load(path), "cpu")
