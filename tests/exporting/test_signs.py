"""Models that read signs: their files hold what their networks are, and evaluations say what is true of them."""

from pathlib import Path

import gloves
import msgspec
import numpy as np
import onnx
import pytest
from exporting import models
from onnx import numpy_helper
from typer.testing import CliRunner

from engine.inference.recognise import recognise
from engine.inference.vet import load
from engine.schema.errors import ConfigError, DataError, ModelError
from export import recorded, sign_evaluate, sign_verify, to_onnx
from export.checkpoint import Trained
from export.cli import app
from export.metrics import signs
from export.metrics.sign_report import SignReport, confused
from export.nets.signs import SignNet


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gloves.write(tmp_path_factory.mktemp("gloves") / "signs.npz")


@pytest.fixture(scope="module")
def made(source: Path) -> Trained:
    return gloves.trained(source)


@pytest.fixture(scope="module")
def model(made: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "signs.onnx"
    to_onnx.write(made, path)
    return path


def test_a_fresh_export_says_what_the_network_says(made: Trained, model: Path) -> None:
    found = sign_verify.verify(made, model, steps=200)
    assert found.passed
    assert 0 < found.probabilities < sign_verify.LIMIT


@pytest.mark.parametrize("name", ["lstm0.input", "lstm1.recurrent", "head.pi.weight", "normal.mean", "normal.scale"])
def test_a_hundredth_in_any_weight_is_noticed(made: Trained, model: Path, tmp_path: Path, name: str) -> None:
    graph = onnx.load(model)
    weight = next(weight for weight in graph.graph.initializer if weight.name == name)
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * np.float32(1.01), name))
    path = tmp_path / "other.onnx"
    path.write_bytes(graph.SerializeToString())
    assert not sign_verify.verify(made, path, steps=60).passed


def test_a_file_has_one_lstm_for_each_layer_and_says_its_state(model: Path) -> None:
    loaded = load(model)
    assert [node.op_type for node in onnx.load(model).graph.node].count("LSTM") == 2
    assert [(state.input, state.shape) for state in loaded.spec.state] == [
        (name, (1, -1, 6)) for name in ("h0", "c0", "h1", "c1")
    ]
    assert loaded.spec.training["parameters"] == 3 * 7 + 4 * 6 * (4 + 6 + 1) + 4 * 6 * (6 + 6 + 1)
    assert recognise(loaded.graph, loaded.spec) is None  # packed weights draw mixtures, not classes


def test_the_first_network_is_not_played(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="for comparison"):
        to_onnx.write(gloves.trained(source, "seed-signs"), tmp_path / "m.onnx")


def test_the_file_of_another_checkpoint_is_refused(made: Trained, model: Path) -> None:
    spec = msgspec.structs.replace(made.spec, labels=("a", "b"))
    with pytest.raises(ModelError, match="another checkpoint"):
        sign_verify.verify(Trained(made.recipe, made.net, spec, made.arrays, 1), model, steps=5)


def test_an_evaluation_is_carried_along(made: Trained, source: Path, model: Path, tmp_path: Path) -> None:
    first = models.stored(gloves.trained(source, "seed-signs"), tmp_path / "first.ckpt")
    found = sign_evaluate.evaluate(model, beside=[first], plot=tmp_path / "signs.png")
    assert (found.signs, sum(map(sum, found.confusion))) == (6, 6)
    assert isinstance(made.net, SignNet)
    assert [line.parameters for line in found.lines] == [made.net.counted(), 4 * 100 * 105 + 303]
    assert found.lines[0].right["100"] == pytest.approx(np.trace(found.confusion) / 6)
    assert {line.session for line in found.sessions} == {"s3"}
    assert (tmp_path / "signs.png").stat().st_size > 10_000
    found.save(tmp_path / "report.json")
    again = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=SignReport)
    assert again == found
    assert recorded.evaluated(tmp_path / "report.json")["signs"][0]["who"] == "tiny signs"
    assert all(table.row_count for table in found.tables())


def test_words_that_it_does_not_know_are_named_and_left_out(model: Path, tmp_path: Path) -> None:
    other = gloves.write(tmp_path / "other.npz", words=("fold", "zap"))
    found = sign_evaluate.evaluate(model, data=other)
    assert (found.signs, found.unknown) == (6, {"zap": 6})
    assert "zap (6)" in found.notes[0]
    assert "has learned from sessions of these names" in found.notes[1]
    assert found.notes[1].endswith(": s1")
    assert len(found.sessions) == 3


def test_recordings_that_do_not_fit_are_one_line(model: Path, tmp_path: Path) -> None:
    narrow = gloves.write(tmp_path / "narrow.npz", channels=gloves.CHANNELS[:3])
    strange = gloves.write(tmp_path / "strange.npz", words=("zip", "zap"))
    turned = gloves.write(tmp_path / "turned.npz", channels=gloves.CHANNELS[::-1])
    for data, said in (
        (narrow, "3 channels"),
        (turned, "in another order"),
        (strange, "none of the 3 signs"),
        (tmp_path / "no.npz", "no such file"),
    ):
        asked = CliRunner().invoke(app, ["evaluate", str(model), "--data", str(data)])
        assert (asked.exit_code, asked.output.count("\n")) == (2, 1)
        assert said in asked.output


def test_recordings_that_were_split_otherwise_are_refused(made: Trained, model: Path, tmp_path: Path) -> None:
    spec = msgspec.structs.replace(made.spec, training=made.spec.training | {"split": "another"})
    to_onnx.write(Trained(made.recipe, made.net, spec, made.arrays, 1), tmp_path / "m.onnx")
    with pytest.raises(DataError, match="other recordings"):
        sign_evaluate.evaluate(tmp_path / "m.onnx")
    beside = models.stored(made, tmp_path / "c.ckpt")
    with pytest.raises(ConfigError, match="split otherwise"):
        sign_evaluate._beside(beside, load(tmp_path / "m.onnx"), own=True)
    assert sign_evaluate._beside(beside, load(model), own=True).spec.labels == gloves.WORDS


def test_parts_of_signs_by_hand() -> None:
    said = np.eye(4, dtype=np.float32)
    assert [int(signs.after(said, share).argmax()) for share in (0.1, 0.5, 0.75, 1.0)] == [0, 1, 2, 3]


def test_the_most_frequent_mistakes_come_first() -> None:
    assert confused(np.array([[5, 1, 0], [0, 5, 3], [0, 0, 5]]), 8) == [(1, 2, 3), (0, 1, 1)]
