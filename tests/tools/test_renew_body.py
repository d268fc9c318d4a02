"""Renewing a model's body touches nothing but the body."""

from pathlib import Path

import msgspec
import onnx
import pytest
import renew_body
from onnx import TensorProto, helper

from engine import models
from engine.inference import vet
from engine.motion.core20 import CORE20
from engine.schema.controls import MODEL_CONTROLS
from engine.schema.model import ARRAYS_KEY, SPEC_KEY, Head, ModelSpec
from engine.schema.skeleton import Skeleton

OLD = msgspec.structs.replace(CORE20, hinges=())
SPEC = ModelSpec(
    name="old",
    family="points",
    fps=30,
    features=60,
    head=Head(kind="mdn", components=1, dims=60),
    state=(),
    licence="CC0",
    credit="nobody",
    skeleton=OLD,
)


def _file() -> bytes:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 60))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 60))
    model = helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y]))
    helper.set_model_props(model, {SPEC_KEY: msgspec.json.encode(SPEC).decode(), ARRAYS_KEY: "arrays"})
    return bytes(model.SerializeToString())


def test_only_the_description_changes() -> None:
    spec = renew_body.renewed(SPEC)
    assert spec == msgspec.structs.replace(SPEC, skeleton=CORE20, controls=MODEL_CONTROLS)
    before, after = (onnx.load_from_string(file) for file in (_file(), renew_body.described(_file(), spec)))
    assert msgspec.json.decode(after.metadata_props[0].value, type=ModelSpec) == spec
    assert after.metadata_props[1].value == "arrays"
    after.metadata_props[0].value = before.metadata_props[0].value
    assert after.SerializeToString() == before.SerializeToString()


def test_renewing_twice_changes_nothing() -> None:
    assert renew_body.renewed(renew_body.renewed(SPEC)) == renew_body.renewed(SPEC)


def test_another_body_is_left_alone() -> None:
    other = Skeleton(names=("a", "b"), parents=(-1, 0), offsets=((0, 1, 0), (0, 1, 0)), facing=())
    with pytest.raises(ValueError, match="old does not move the body of 20 joints"):
        renew_body.renewed(msgspec.structs.replace(SPEC, skeleton=other))


def test_the_bundled_dancer_knows_its_hinges() -> None:
    file = Path(models.__file__).parent / "dance.onnx"
    assert vet.load(file).spec.skeleton == CORE20
    assert file.stat().st_size <= 10_000_000
