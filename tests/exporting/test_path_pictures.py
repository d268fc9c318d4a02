"""The command that draws a memory's path, from a model and recorded signs to a picture, a page and a table."""

from pathlib import Path

import numpy as np
import pytest
import sign_models
from matplotlib.image import imread
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from engine.inference.vet import load
from engine.path import make_path
from export import cli, path_pictures
from export.memories import Run, memories
from export.metrics import path_worth

SESSIONS = ("monday", "tuesday", "wednesday")


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["paths", *map(str, words)])


def a_map(dims: int, width: int) -> dict[str, NDArray[np.generic]]:
    """Arrays of a path: a flat map of a memory of `width` numbers."""
    return {
        "path_states": np.array([0], np.int64),
        "path_mean": np.zeros(width, np.float32),
        "path_scale": np.full(width, 0.5, np.float32),
        "path_weight_0": np.random.default_rng(2).normal(size=(width, dims)).astype(np.float32),
        "path_bias_0": np.zeros(dims, np.float32),
        "path_low": np.full(dims, -2, np.float32),
        "path_high": np.full(dims, 2, np.float32),
    }


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sessions of each of the five words; on wednesday somebody calls a boat an apple."""
    draw = np.random.default_rng(4)
    arrays: dict[str, NDArray[np.float64]] = {}
    for session in SESSIONS:
        for word in sign_models.WORDS:
            told = "apple" if (session, word) == ("wednesday", "boat") else word
            for number in range(2):
                values = sign_models.sign(word, seconds=0.3)
                arrays[f"{session}/{told}-{number + 1 + 2 * (told != word)}"] = values + draw.normal(
                    0, 1e-3, values.shape
                )
    path = tmp_path_factory.mktemp("signs") / "signs.npz"
    np.savez(path, allow_pickle=False, **arrays)
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A model of signs with a map of 2 numbers, one of 3, and one without, under 0."""
    folder = tmp_path_factory.mktemp("models")
    made = {dims: a_map(dims, sign_models.CLASSES) for dims in (2, 3)} | {0: {}}
    return {dims: sign_models.signs_model(folder / f"{dims}.onnx", arrays=made[dims]) for dims in made}


def test_points_are_what_a_show_would_send(models: dict[int, Path], signs: Path) -> None:
    loaded = load(models[3])
    encoder = make_path(loaded, "plain")
    assert encoder is not None
    (stream, *_) = memories(loaded, encoder.numbers, Run(source=str(signs)))
    found = path_pictures.points(encoder, loaded.spec, stream.states)
    expected = stream.states / 0.5 @ np.asarray(loaded.arrays["path_weight_0"], np.float32) / 2
    np.testing.assert_allclose(found, np.clip(expected, -1, 1), atol=1e-5)


def test_what_was_signed_is_told_with_its_session_hands_and_whether_it_was_recognised(
    models: dict[int, Path], signs: Path
) -> None:
    loaded = load(models[2])
    encoder = make_path(loaded, "plain")
    assert encoder is not None
    streams = memories(loaded, encoder.numbers, Run(source=str(signs)))
    found = path_pictures.paths(
        loaded, streams, [path_pictures.points(encoder, loaded.spec, one.states) for one in streams]
    )
    assert sorted(set(found.splits)) == ["test", "train", "validation"]
    assert found.right is not None
    assert found.hands is not None
    assert set(found.hands.tolist()) == {1}
    wrong = [
        (label, session)
        for label, session, right in zip(found.labels, found.sessions, found.right, strict=True)
        if not right
    ]
    assert wrong == [("apple", "wednesday")] * 2
    assert found.lengths.tolist() == [30] * 30


def test_a_picture_and_a_table(models: dict[int, Path], signs: Path, tmp_path: Path) -> None:
    result = call(models[2], signs, "-o", tmp_path / "paths.png", "--kind", "hands")
    assert result.exit_code == 0, result.output
    for word in ("trustworthiness", "continuity", "signs told by neighbours", "this map", "principal components"):
        assert word in result.stdout
    assert "show it with: nobody's hands" in result.stderr
    assert imread(tmp_path / "paths.png").std() > 0.02


def test_a_page_in_space_in_the_other_view(models: dict[int, Path], signs: Path, tmp_path: Path) -> None:
    result = call(models[3], signs, "-o", tmp_path / "paths.html", "--view", "log")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "paths.html").read_text("utf-8")
    assert "scatter3d" in page
    assert "apple, wednesday" in page
    assert "<title>tiny signs: the path of its memory, log</title>" in page


def test_a_map_that_is_its_principal_components_is_worth_as_much(models: dict[int, Path], signs: Path) -> None:
    loaded = load(models[2])
    streams = memories(loaded, (0,), Run(source=str(signs)))
    mean, scale = np.zeros(sign_models.CLASSES, np.float32), np.ones(sign_models.CLASSES, np.float32)
    every = np.concatenate([one.states for one in streams if one.part == "train"])
    _, _, axes = np.linalg.svd(every - every.mean(0), full_matrices=False)
    ours, components = path_worth.measured(streams, [one.states @ axes[:2].T for one in streams], (mean, scale))
    assert ours.trustworthiness == pytest.approx(components.trustworthiness, abs=0.02)
    assert ours.continuity == pytest.approx(components.continuity, abs=0.02)
    assert ours.recognised == components.recognised
    noise = np.random.default_rng(1)
    lost, _ = path_worth.measured(
        streams, [noise.normal(size=(len(one.states), 2)).astype(np.float32) for one in streams], (mean, scale)
    )
    assert lost.trustworthiness < components.trustworthiness - 0.2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-o", "paths.svg"), ".png or .html"),
        (("-o", "paths.png", "--kind", "colour"), "time, last, hands, errors"),
        (("-o", "paths.html", "--kind", "time"), "buttons"),
        (("-o", "paths.png", "--view", "sideways"), "plain or log"),
        (("-o", "paths.png", "--minutes", "nan"), "--minutes"),
    ],
)
def test_words_that_make_no_sense_are_one_line(models: dict[int, Path], words: tuple[str, ...], expected: str) -> None:
    result = call(models[2], *words)
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr


def test_a_model_without_a_path_says_how_to_get_one(models: dict[int, Path], signs: Path, tmp_path: Path) -> None:
    result = call(models[0], signs, "-o", tmp_path / "paths.png")
    assert result.exit_code == 2
    assert "engine-export train configs/train/path.toml --of MODEL" in result.stderr
    assert not list(tmp_path.iterdir())


def test_recordings_that_do_not_fit_are_one_line_and_nothing_is_written(
    models: dict[int, Path], tmp_path: Path
) -> None:
    narrow = tmp_path / "narrow.npz"
    np.savez(
        narrow,
        allow_pickle=False,
        **{f"{session}/apple-1": np.zeros((20, 21)) + np.eye(20, 21) for session in SESSIONS},
    )
    for data, expected in ((narrow, "22"), (tmp_path / "nowhere", "nowhere")):
        result = call(models[2], data, "-o", tmp_path / "paths.png")
        assert result.exit_code == 2, result.output
        assert result.stderr.count("\n") == 1
        assert expected in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["narrow.npz"]
