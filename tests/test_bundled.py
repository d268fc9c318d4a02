"""Models, scores and recorded gloves by their names."""

from pathlib import Path

import pytest

from engine import bundled
from engine.schema.errors import ConfigError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "bundled"
    made.mkdir()
    for name in ("dance.onnx", "waltz.mid", "made-up.csv"):
        (made / name).touch()
    monkeypatch.setattr(bundled, "MODELS", made)
    monkeypatch.setattr(bundled, "SCORES", made)
    monkeypatch.setattr(bundled, "GLOVES", made)
    return made


def test_a_model_is_found_by_name_or_path(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").touch()
    assert bundled.find_model("dance", tmp_path, "act.model") == folder / "dance.onnx"
    assert bundled.find_model("mine.onnx", tmp_path, "act.model") == tmp_path / "mine.onnx"
    assert bundled.find_model(str(tmp_path / "mine.onnx"), Path("/"), "act.model") == tmp_path / "mine.onnx"


def test_a_suffix_does_no_harm_but_a_file_that_is_there_comes_first(folder: Path, tmp_path: Path) -> None:
    assert bundled.find_model("dance.onnx", tmp_path, "act.model") == folder / "dance.onnx"
    assert bundled.find_score("waltz.mid", tmp_path, "act.score") == folder / "waltz.mid"
    (tmp_path / "dance.onnx").touch()
    assert bundled.find_model("dance.onnx", tmp_path, "act.model") == tmp_path / "dance.onnx"


def test_a_score_is_found_likewise(folder: Path, tmp_path: Path) -> None:
    assert bundled.find_score("waltz", tmp_path, "act.score") == folder / "waltz.mid"
    with pytest.raises(ConfigError, match=r"act\.score: no score 'dance'; expected a \.mid file \(bundled: waltz\)"):
        bundled.find_score("dance", tmp_path, "act.score")


def test_recorded_gloves_are_found_by_name_alone(folder: Path) -> None:
    assert bundled.find_gloves("made-up") == folder / "made-up.csv"
    assert bundled.find_gloves("made-up.csv") is None


@pytest.mark.parametrize("name", ["jazz", "jazz.onnx", "no/such/jazz", "."])
def test_a_model_that_is_not_there_is_one_line_that_names_the_bundled_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"act\.model: no .*expected an \.onnx file \(bundled: dance\)"):
        bundled.find_model(name, tmp_path, "act.model")
