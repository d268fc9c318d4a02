"""Parity of a file and its checkpoint: it passes where it should, and above all fails where it should."""

from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from exporting import models
from onnx import numpy_helper

from engine.inference.device import CPU
from engine.schema.errors import ModelError
from export import to_onnx
from export.checkpoint import Trained
from export.verify import LIMIT, Parity, verify

pytestmark = pytest.mark.usefixtures("made_up")

STEPS = 200


@pytest.mark.parametrize("kind", models.KINDS)
def test_a_fresh_export_passes_over_a_thousand_steps(kind: str, tmp_path: Path) -> None:
    found = verify(*models.exported(kind, tmp_path / "m.onnx"))
    ways = ("CPU, packed float32", CPU)
    expected = [(way, batch, 1000) for batch in (1, 8) for way in ways]
    assert [(parity.provider, parity.batch, parity.steps) for parity in found] == expected
    assert all(parity.passed for parity in found)
    assert all(0 < parity.mu < LIMIT for parity in found)  # it did compare two things that differ by rounding


def weights(path: Path) -> list[str]:
    names = [weight.name for weight in onnx.load(path).graph.initializer]
    return [name for name in names if any(part in name for part in ("lstm", "head", "embed", "gate", "spread.r"))]


def perturbed(path: Path, name: str, amount: float) -> None:
    """Add noise to one weight of a file."""
    model = onnx.load(path)
    weight = next(weight for weight in model.graph.initializer if weight.name == name)
    array = numpy_helper.to_array(weight)
    noise = np.random.default_rng(0).standard_normal(array.shape)
    weight.CopyFrom(numpy_helper.from_array((array + amount * noise).astype(array.dtype), name))
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize("kind", models.KINDS)
def test_a_thousandth_in_any_weight_is_noticed(kind: str, tmp_path: Path) -> None:
    made, path = models.exported(kind, tmp_path / "m.onnx")
    whole = path.read_bytes()
    names = weights(path)
    assert {"lstm0.input", "lstm1.recurrent", "head.pi.weight", "head.pi.bias", "head.unit"} <= set(names)
    for name in names:
        path.write_bytes(whole)
        perturbed(path, name, 1e-3)
        assert not any(parity.passed for parity in verify(made, path, steps=STEPS, batches=(8,))), name


def test_a_state_that_is_lost_is_noticed(tmp_path: Path) -> None:
    made, path = models.exported("dance", tmp_path / "m.onnx")
    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type == "LSTM":
            node.input[5] = node.input[6] = ""
            for name in ("h", "c"):
                held = f"{name}{node.output[1][1]}"
                model.graph.node.append(onnx.helper.make_node("Identity", [held], [f"{held}_kept"]))
    path.write_bytes(model.SerializeToString())
    assert not any(parity.passed for parity in verify(made, path, steps=20))


def test_what_is_no_number_does_not_pass() -> None:
    assert Parity(CPU, 1, 10, 0.0, 0.0, 0.0).passed
    for index in range(3):
        gaps = [0.0, 0.0, 0.0]
        gaps[index] = float("nan")
        assert not Parity(CPU, 1, 10, *gaps).passed


def test_a_model_that_gives_no_numbers_fails(tmp_path: Path) -> None:
    made, path = models.exported("dance", tmp_path / "m.onnx")
    model = onnx.load(path)
    unit = next(weight for weight in model.graph.initializer if weight.name == "head.unit")
    unit.CopyFrom(numpy_helper.from_array(np.full_like(numpy_helper.to_array(unit), np.nan), "head.unit"))
    path.write_bytes(model.SerializeToString())
    assert not any(parity.passed for parity in verify(made, path, steps=20))


@pytest.mark.parametrize("net", [{"components": 4}, {"hidden": 20}], ids=["another mixture", "another size"])
def test_the_model_of_another_checkpoint_is_told_or_fails(net: dict[str, int], tmp_path: Path) -> None:
    made = models.trained("dance")
    _, path = models.exported("dance", tmp_path / "m.onnx", net=net)
    if "components" in net:
        with pytest.raises(ModelError, match="the model of another checkpoint") as caught:
            verify(made, path, steps=20)
        assert caught.value.place == str(path)
        assert "4 components" in caught.value.found
        assert "3 components" in caught.value.expected
        assert "\n" not in str(caught.value)
    else:
        assert not any(parity.passed for parity in verify(made, path, steps=20))


def test_the_model_of_another_family_is_told(tmp_path: Path) -> None:
    _, path = models.exported("seed", tmp_path / "m.onnx")
    with pytest.raises(ModelError, match="points: 60 features"):
        verify(models.trained("dance"), path, steps=20)


def test_a_full_head_is_compared_as_well(tmp_path: Path) -> None:
    made = models.trained("dance")
    head = msgspec.structs.replace(made.spec.head, kind="mdn")
    full = Trained(made.recipe, made.net, msgspec.structs.replace(made.spec, head=head), made.arrays, 0)
    path = tmp_path / "m.onnx"
    to_onnx.write(full, path)
    assert all(parity.passed for parity in verify(full, path, steps=STEPS))
    perturbed(path, "head.pi.bias", 1e-3)
    found = verify(full, path, steps=20)
    assert all(parity.choice > LIMIT > parity.mu for parity in found)


def test_a_file_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"hello")
    with pytest.raises(ModelError, match="not an ONNX model") as caught:
        verify(models.trained("dance"), path)
    assert caught.value.place == str(path)
