"""Rounding whole models: the gate passes what is as good and refuses what is not, and leaves nothing half-written."""

import json
from pathlib import Path
from typing import Any

import dancers
import numpy as np
import pianos
import pytest
import toy
from exporting.test_export_cli import call, refused
from numpy.typing import NDArray

from engine.inference import int8_graph
from engine.inference.recognise import recognise
from engine.inference.vet import load
from export.data import place
from export.quantize import Quantized, Task, quantize

SHORT: dict[str, Any] = {"minutes": 0.2, "seeds": (1, 2)}

LOOSE = 100.0
"""Percent. Two free runs of twelve seconds move by more than 2 %, whatever changes; the likelihood is held to that."""


@pytest.fixture(scope="module")
def dancer(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert data_dir.is_dir()
    return dancers.dancing(tmp_path_factory.mktemp("models") / "dance.onnx")


def task(model: Path, out: Path, to: str = "fp16", **changes: Any) -> Task:
    return Task(model=model, out=out, to=to, **SHORT | changes)


@pytest.fixture(scope="module")
def written(dancer: Path) -> Quantized:
    return quantize(task(dancer, dancer.parent / "half.onnx", limit=LOOSE, json=dancer.parent / "half.json"))


def test_half_precision_is_the_very_graph_that_export_describes(dancer: Path, written: Quantized) -> None:
    before, after = load(dancer), load(written.file)
    mine, theirs = recognise(after.graph, after.spec), recognise(before.graph, before.spec)
    assert mine is not None
    assert theirs is not None
    assert mine.half
    assert not theirs.half
    np.testing.assert_allclose(mine.weights.row_weight, theirs.weights.row_weight, rtol=1e-3, atol=1e-4)
    assert after.arrays.keys() == before.arrays.keys()


def test_a_file_says_what_was_done_and_carries_its_own_figures(dancer: Path, written: Quantized) -> None:
    spec = load(written.file).spec
    said = spec.training["quantized"]
    assert isinstance(said, dict)
    assert (said["to"], said["limit"]) == ("fp16", LOOSE)
    likelihood = next(change for change in said["changes"] if change["metric"] == "nll")
    assert abs(likelihood["after"] - likelihood["before"]) <= 0.02 * likelihood["allowed"]
    figures = spec.metrics["evaluation"]
    assert isinstance(figures, dict)
    assert figures["nll"] == likelihood["after"]
    assert spec.training["data"] == load(dancer).spec.training["data"]
    stored = json.loads((dancer.parent / "half.json").read_text("utf-8"))
    assert stored["bytes_after"] == Path(written.file).stat().st_size
    assert all(change["kept"] for change in stored["changes"])


def test_what_is_rounded_already_is_refused(written: Quantized, tmp_path: Path) -> None:
    refused(call("quantize", written.file, "--to", "fp16", "-o", tmp_path / "o.onnx"), "half precision", "float32")


def broken(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rounding with one step to either side."""
    scale = np.maximum(np.abs(weight).max(-2), 1e-20).astype(np.float32)
    return np.rint(weight / scale[..., None, :]).astype(np.int8), scale


def test_a_broken_rounding_is_refused_and_nothing_is_written(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = data_dir / "piano_midi"
    model = pianos.tiny(tmp_path / "piano.onnx", hidden=16)
    few = tmp_path / "few"
    few.mkdir()
    for source in sorted(pieces.rglob("*.mid"), key=lambda path: path.stat().st_size)[:2]:
        (few / source.name).symlink_to(source)
    monkeypatch.setattr(int8_graph, "SMALL", 1)
    words: list[str | Path] = ["quantize", model, "--to", "int8", "--data", few, "--seeds", "1"]
    fine = tmp_path / "fine.onnx"
    result = call(*words, "-o", fine, "--limit", "20")
    assert result.exit_code == 0, result.output
    assert load(fine).spec.training["quantized"]
    monkeypatch.setattr(int8_graph, "rounded", broken)
    out, figures = tmp_path / "bad.onnx", tmp_path / "bad.json"
    refused(call(*words, "-o", out, "--json", figures, "--limit", "20"), "in int8", "instead of", "nothing is written")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few", "fine.onnx", "piano.onnx"]


def test_without_recordings_nothing_passes(dancer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "nowhere"))
    out = tmp_path / "o.onnx"
    refused(call("quantize", dancer, "--to", "int8", "-o", out), "no such file", place.VARIABLE)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--to", "int4"], "fp16 or int8"),
        (["--to", "int8", "--limit", "0"], "more than 0"),
        (["--to", "int8", "--limit", "nan"], "more than 0"),
        (["--to", "int8", "--seeds", "x"], "whole numbers"),
    ],
)
def test_settings_without_sense_are_one_line(words: list[str], expected: str, tmp_path: Path) -> None:
    model = pianos.tiny(tmp_path / "m.onnx")
    refused(call("quantize", model, "-o", tmp_path / "o.onnx", *words), expected)


def test_the_original_stays(tmp_path: Path) -> None:
    model = pianos.tiny(tmp_path / "m.onnx")
    contents = model.read_bytes()
    refused(call("quantize", model, "--to", "int8", "-o", model), "the model itself")
    refused(call("quantize", model, "--to", "int8", "-o", tmp_path), "a folder")
    assert model.read_bytes() == contents


def test_a_graph_of_another_making_is_refused(tmp_path: Path) -> None:
    model = toy.write(tmp_path / "toy.onnx")
    refused(call("quantize", model, "--to", "int8", "-o", tmp_path / "o.onnx"), "another making")
