"""A model in tables."""

import io
from pathlib import Path

import pytest
import sign_models
import toy
from rich.console import Console

from engine.describe import describe, flat
from engine.schema.errors import ModelError


def test_everything_that_a_model_says_is_shown_and_nothing_steers_the_terminal(tmp_path: Path) -> None:
    page = io.StringIO()
    Console(width=200, file=page).print(describe(toy.write(tmp_path / "toy.onnx")))
    text = page.getvalue()
    shown = ["toy [31m", "CC0-1.0", "made of nothing", "points", "0 calm, 1 wild", "held-out.nll", "-1.235", "0.5, 1"]
    shown += [control.description for control in toy.SPEC.controls]
    shown += ["4 joints", "30 steps per second", "1x4x4x3 float32", "freeze_speed", "12 numbers"]
    assert [part for part in shown if part not in text] == []
    assert "\x1b" not in text


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"no")
    with pytest.raises(ModelError, match=r"no\.onnx"):
        describe(tmp_path / "no.onnx")


def test_nested_tables_become_dotted_rows() -> None:
    content = {"a": {"b": 0.123456, "c": {"d": [1, 2.5]}}, "e": {}, "f": None}
    assert list(flat(content)) == [("a.b", "0.1235"), ("a.c.d", "1, 2.5"), ("e", "{}"), ("f", "None")]


def test_of_a_model_that_reads_signs_words_and_channels_are_shown(tmp_path: Path) -> None:
    page = io.StringIO()
    Console(width=400, file=page).print(describe(sign_models.signs_model(tmp_path / "signs.onnx")))
    shown = ["5: apple, boat, cloud, drum, echo", "0 left x, 1 left y", "21 right little", "classes, one of 5"]
    assert [part for part in shown if part not in page.getvalue()] == []
