from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import tiny
from onnx import helper

from engine.inference.device import CPU
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import HeadKind

BATCH = 3


def noise(steps: int) -> tuple[F32, F32]:
    draw = np.random.default_rng(3)
    x = draw.normal(size=(steps, BATCH, tiny.FEATURES)).astype(np.float32)
    return x, draw.random((steps, BATCH), np.float32)


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_bound_steps_equal_plain_runs_bit_for_bit(tmp_path: Path, kind: HeadKind) -> None:
    loaded = tiny.lstm(tmp_path, kind)
    model = OnnxModel(loaded, BATCH)
    session = onnxruntime.InferenceSession(loaded.graph, providers=[CPU])
    names = [value.name for value in session.get_outputs()]
    knobs = np.array([0.5, 1.0, 2.0], np.float32), np.array([0.3, 0.9, 1.0], np.float32)
    state = {name: np.zeros((1, BATCH, tiny.HIDDEN), np.float32) for name in ("h", "c")}
    for x, u in zip(*noise(25), strict=True):
        extra = {"u": u, "pi_temperature": knobs[0], "top_p": knobs[1]} if kind == "mdn-lazy" else {}
        feed = {"x": x} | state | {name: value[:, None] for name, value in extra.items()}
        plain = dict(zip(names, session.run(None, feed), strict=True))
        state = {"h": plain["h_next"], "c": plain["c_next"]}
        head = model.step(x, u, *knobs)
        np.testing.assert_array_equal(head.mu, plain["mu"])
        np.testing.assert_array_equal(head.sigma, plain["sigma"])
        if kind == "mdn-lazy":
            np.testing.assert_array_equal(head.component, plain["component"][:, 0])
        else:
            np.testing.assert_array_equal(head.logits, plain["logits"])
    for mine, theirs in zip(model.state(), state.values(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_steps_write_into_the_same_memory(tmp_path: Path) -> None:
    model = OnnxModel(tiny.lstm(tmp_path), BATCH)
    ones = np.ones(BATCH, np.float32)
    heads = [model.step(x, u, ones, ones) for x, u in zip(*noise(4), strict=True)]
    assert all(head.mu is heads[0].mu and head.sigma is heads[0].sigma for head in heads)


def test_a_model_starts_afresh_and_says_where_it_runs(tmp_path: Path) -> None:
    model = OnnxModel(tiny.lstm(tmp_path), BATCH)
    assert model.provider == CPU
    assert model.batch == BATCH
    assert not any(tensor.any() for tensor in model.state())


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    model = OnnxModel(tiny.lstm(tmp_path), 1)
    model.close()
    model.close()
    one = np.ones(1, np.float32)
    with pytest.raises(ValueError, match="closed"):
        model.step(np.zeros((1, tiny.FEATURES), np.float32), one, one, one)


def test_an_empty_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch 0"):
        OnnxModel(tiny.lstm(tmp_path), 0)


def test_an_operator_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    model = tiny.lstm_model()
    model.graph.node.append(helper.make_node("Nothing", ["x"], ["y"]))
    loaded = load(tiny.save(model, tmp_path / "odd.onnx", tiny.lstm_spec()))
    with pytest.raises(ModelError, match="tiny: ") as caught:
        OnnxModel(loaded, 1)
    assert "\n" not in str(caught.value)


def test_a_graph_that_lies_about_its_shapes_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    """The file's text says (batch, 3), but the last axis is left open and turns out to be 6."""
    model = tiny.lstm_model("mdn")
    model.graph.node[-1].CopyFrom(helper.make_node("Concat", ["spreads", "spreads"], ["sigma"], axis=2))
    sigma = next(value for value in model.graph.output if value.name == "sigma")
    sigma.type.tensor_type.shape.dim[2].dim_param = "open"
    loaded = load(tiny.save(model, tmp_path / "odd.onnx", tiny.lstm_spec("mdn")))
    with pytest.raises(ModelError, match="shapes of its description"):
        OnnxModel(loaded, 1)


def test_sizes_of_batch_share_one_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = OnnxModel(tiny.lstm(tmp_path), 1)

    def refuse(*_: object) -> None:
        pytest.fail("another session was opened")

    monkeypatch.setattr("engine.inference.onnx_model.open_session", refuse)
    larger = model.resized(8).resized(64)
    assert (larger.batch, larger.provider) == (64, CPU)


def test_a_closed_model_is_not_resized(tmp_path: Path) -> None:
    model = OnnxModel(tiny.lstm(tmp_path), 1)
    larger = model.resized(2)
    model.close()
    assert larger.resized(4).batch == 4
    with pytest.raises(ValueError, match="closed"):
        model.resized(2)
