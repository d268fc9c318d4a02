from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny
from onnx import TensorProto, helper

from engine.inference.vet import load
from engine.schema.errors import ModelError
from engine.schema.model import Head, HeadKind, ModelSpec, Tensor


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_a_model_of_ours_is_loaded(tmp_path: Path, kind: HeadKind) -> None:
    bank = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = tiny.save(tiny.lstm_model(kind), tmp_path / "tiny.onnx", tiny.lstm_spec(kind), {"bank": bank})
    loaded = load(path)
    assert loaded.spec == tiny.lstm_spec(kind)
    assert loaded.graph == path.read_bytes()
    np.testing.assert_array_equal(loaded.arrays["bank"], bank)
    assert load(str(path)).spec == loaded.spec


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"", "0 bytes"),
        (b"hello, world", "not an ONNX model"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not an ONNX model"),
        (b"PK\x03\x04" + bytes(100), "not an ONNX model"),
        (b"\x08\x08", "not an ONNX model"),
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "tiny.onnx"
    if content is not None:
        path.write_bytes(content)
    refused(path, message)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    refused(tmp_path, "[Dd]irectory|[Pp]ermission")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_model(tmp_path: Path, share: float) -> None:
    path = tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", tiny.lstm_spec())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, "truncated")


def test_a_model_of_others(tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny.lstm_model().SerializeToString())
    refused(path, "no figurant.spec in the metadata")


def test_every_cut_is_refused_with_one_line(tmp_path: Path) -> None:
    path = tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", tiny.lstm_spec())
    data = path.read_bytes()
    for end in range(1, len(data), 37):
        path.write_bytes(data[:end])
        refused(path, ".")


def refused(path: Path, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["x"], ["y"], body=body))


def hidden_graph(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("BeamSearch", ["x"], ["y"], domain="com.microsoft", decoder=body))


def stranger(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Shell", ["x"], ["y"], domain="evil"))


def function(model: onnx.ModelProto) -> None:
    model.functions.append(helper.make_function("own", "F", ["a"], ["b"], [], [helper.make_opsetid("", 17)]))


def external(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL


def external_entry(model: onnx.ModelProto) -> None:
    entry = model.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"


def external_constant(model: onnx.ModelProto) -> None:
    tensor = TensorProto(dims=[1], data_type=TensorProto.FLOAT, name="t", data_location=TensorProto.EXTERNAL)
    model.graph.node.append(helper.make_node("Constant", [], ["t"], value=tensor))


def twice(model: onnx.ModelProto) -> None:
    entry = model.metadata_props.add()
    entry.key, entry.value = "figurant.spec", "{}"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (loop, "the operator Loop"),
        (hidden_graph, "a graph inside the operator BeamSearch"),
        (stranger, "domain 'evil'"),
        (function, "functions"),
        (external, "weights in another file"),
        (external_entry, "weights in another file"),
        (external_constant, "weights in another file"),
        (twice, "stands twice"),
    ],
)
def test_a_hostile_model(tmp_path: Path, spoil: Callable[[onnx.ModelProto], None], message: str) -> None:
    path = tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", tiny.lstm_spec())
    model = onnx.load_model_from_string(path.read_bytes())
    spoil(model)
    path.write_bytes(model.SerializeToString())
    refused(path, message)


def test_a_second_graph_cannot_hide_behind_the_first(tmp_path: Path) -> None:
    """Protobuf merges a message that stands twice: what was checked would not be what is run."""
    path = tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", tiny.lstm_spec())
    extra = onnx.ModelProto()
    loop(extra)
    path.write_bytes(path.read_bytes() + extra.SerializeToString())
    assert onnx.load_model_from_string(path.read_bytes()).graph.node[-1].op_type == "Loop"
    refused(path, "not an ONNX model")


SPEC = tiny.lstm_spec()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (tiny.other(SPEC, features=4), r"inputs: x: float32 \(batch, 3\); expected float32 \(batch, 4\)"),
        (tiny.other(SPEC, head=Head(kind="mdn-lazy", components=4, dims=2)), r"outputs: mu: float32 \(batch, 3\)"),
        (tiny.other(SPEC, head=Head(kind="mdn", components=4, dims=3)), "inputs: c, h, pi_temperature"),
        (tiny.other(SPEC, state=SPEC.state[:1]), "inputs: c, h"),
        (tiny.other(SPEC, state=(SPEC.state[0], SPEC.state[0])), "expected h, h"),
        (tiny.other(SPEC, state=(Tensor(input="h", output="h_next", shape=(-1, 1, 5)), SPEC.state[1])), "inputs: h"),
    ],
)
def test_a_graph_that_is_not_the_described_one(tmp_path: Path, spec: ModelSpec, message: str) -> None:
    refused(tiny.save(tiny.lstm_model(), tmp_path / "tiny.onnx", spec), message)


def test_a_fixed_batch_is_refused(tmp_path: Path) -> None:
    model = tiny.lstm_model()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    refused(tiny.save(model, tmp_path / "tiny.onnx", SPEC), r"inputs: x: float32 \(1, 3\)")


def test_another_type_is_refused(tmp_path: Path) -> None:
    model = tiny.lstm_model()
    next(value for value in model.graph.output if value.name == "component").type.tensor_type.elem_type = 6
    refused(tiny.save(model, tmp_path / "tiny.onnx", SPEC), r"outputs: component: type 6 \(batch, 1\); expected int64")


def test_weights_that_stand_among_the_inputs_are_no_inputs(tmp_path: Path) -> None:
    model = tiny.lstm_model()
    model.graph.input.append(helper.make_tensor_value_info("floor", TensorProto.FLOAT, []))
    assert load(tiny.save(model, tmp_path / "tiny.onnx", SPEC)).spec == SPEC
