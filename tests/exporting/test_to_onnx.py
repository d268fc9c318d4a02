"""From a checkpoint to one file that the engine plays."""

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
import torch
from exporting import models

from engine import plugins
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec
from export import problems, to_onnx
from export.lightning_task import Task
from export.metrics.likelihood import mixture_nll
from export.nets.seed import SeedNet
from export.teacher import teacher_forced

pytestmark = pytest.mark.usefixtures("made_up")


@pytest.mark.parametrize("kind", models.KINDS)
def test_every_component_is_that_of_the_network(kind: str, tmp_path: Path) -> None:
    made, path = models.exported(kind, tmp_path / "m.onnx")
    x = np.random.default_rng(0).normal(0, 0.3, (50, made.spec.features)).astype(np.float32)
    logits, mu, sigma = teacher_forced(load(path), x)
    with torch.no_grad():
        expected = [part[:, 0].double() for part in made.net(torch.from_numpy(x)[:, None])[:3]]
    unit = made.net.unit.double()
    expected[1] = expected[1] * unit + (made.net.low if isinstance(made.net, SeedNet) else 0.0)
    expected[2] = (expected[2].sqrt() if isinstance(made.net, SeedNet) else expected[2]) * unit
    for found, wanted in zip((logits, mu, sigma), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * float(wanted.abs().max()))


def test_a_lazy_and_a_full_graph_of_the_same_weights_agree(tmp_path: Path) -> None:
    made, path = models.exported("dance", tmp_path / "lazy.onnx")
    full = made.spec.head.__class__(kind="mdn", components=made.spec.head.components, dims=made.spec.head.dims)
    other = msgspec.structs.replace(made.spec, head=full)
    to_onnx.write(type(made)(made.recipe, made.net, other, made.arrays, 0), tmp_path / "full.onnx")
    x = np.random.default_rng(0).normal(0, 0.3, (50, made.spec.features)).astype(np.float32)
    for lazy, whole in zip(teacher_forced(load(path), x), teacher_forced(load(tmp_path / "full.onnx"), x), strict=True):
        np.testing.assert_allclose(lazy, whole, rtol=1e-4, atol=1e-6)


def test_the_likelihood_of_the_file_is_that_of_training(tmp_path: Path) -> None:
    made, path = models.exported("dance", tmp_path / "m.onnx")
    task = Task(made.recipe, problems.make(made.recipe)).eval()
    task.net = made.net
    x, y = problems.make(made.recipe).held["test"][0]
    with torch.no_grad():
        expected = task.loss(torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None])[:, 0]
    np.testing.assert_allclose(mixture_nll(y, *teacher_forced(load(path), x)), expected, atol=1e-3)


@pytest.mark.parametrize("kind", models.KINDS)
@pytest.mark.parametrize("batch", [1, 8])
def test_the_file_can_be_played(kind: str, batch: int, tmp_path: Path) -> None:
    made, path = models.exported(kind, tmp_path / "m.onnx")
    loaded = load(path)
    model = OnnxModel(loaded, batch)
    family = plugins.family(loaded.spec.family)(loaded, batch)
    x = np.empty((batch, made.spec.features), np.float32)
    for row in range(batch):
        family.place(row, loaded.arrays["primes"][0].astype(np.float32), 0)
    family.encode(x, [Controls()] * batch)
    ones = np.ones(batch, np.float32)
    output = model.step(x, 0.5 * ones, ones, ones)
    assert np.isfinite(output.mu).all()
    assert (output.sigma > 0).all()
    model.close()


@pytest.mark.parametrize("kind", models.KINDS)
def test_the_description_and_the_arrays_come_back(kind: str, tmp_path: Path) -> None:
    made, path = models.trained(kind), tmp_path / "m.onnx"
    metrics: dict[str, Any] = {"likelihood": {"test": {"model": -3.5}}, "note": "measured"}
    to_onnx.write(made, path, metrics=metrics)
    loaded = load(path)
    assert loaded.graph == path.read_bytes()
    expected = msgspec.structs.replace(
        made.spec,
        state=loaded.spec.state,
        training={**made.spec.training, "recipe": msgspec.to_builtins(made.recipe), "updates": 7},
        metrics=metrics,
        code=to_onnx.code_digest(),
    )
    assert loaded.spec == msgspec.json.decode(msgspec.json.encode(expected), type=ModelSpec)
    assert [(tensor.input, tensor.output) for tensor in loaded.spec.state] == [
        (f"{letter}{layer}", f"{letter}{layer}_out") for layer in range(2) for letter in "hc"
    ]
    assert {tensor.shape for tensor in loaded.spec.state} == {(1, -1, 16)}
    assert loaded.arrays.keys() == made.arrays.keys()
    for name, array in made.arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array)
        assert loaded.arrays[name].dtype == array.dtype


def test_a_figure_that_is_no_number_does_not_spoil_the_file(tmp_path: Path) -> None:
    to_onnx.write(models.trained("dance"), tmp_path / "m.onnx", metrics={"nll": math.nan})
    assert load(tmp_path / "m.onnx").spec.metrics == {"nll": None}


def test_writing_does_not_change_the_network(tmp_path: Path) -> None:
    for kind in models.KINDS:
        made = models.trained(kind)
        before = {name: part.clone() for name, part in made.net.state_dict().items()}
        to_onnx.write(made, tmp_path / "m.onnx")
        assert all(torch.equal(part, before[name]) for name, part in made.net.state_dict().items())


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        models.exported("dance", tmp_path / f"{name}.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_the_file_is_little_more_than_its_weights(tmp_path: Path) -> None:
    made, path = models.exported("dance", tmp_path / "m.onnx", net={"hidden": 128})
    weights = sum(4 * part.numel() for part in made.net.parameters())
    arrays = sum(array.nbytes for array in made.arrays.values())
    assert weights < path.stat().st_size < 1.05 * weights + 1.4 * arrays + 20_000


def test_every_weight_is_inside(tmp_path: Path) -> None:
    _, path = models.exported("dance", tmp_path / "m.onnx")
    graph = onnx.load(path, load_external_data=False).graph
    assert not any(tensor.external_data for tensor in graph.initializer)
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    made = models.trained("dance")
    for place in (tmp_path / "file" / "m.onnx", tmp_path, Path("/proc/m.onnx"), Path()):
        with pytest.raises(ConfigError) as caught:
            to_onnx.write(made, place)
        assert caught.value.place == str(place)
        assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, path = models.exported("dance", tmp_path / "m.onnx")
    before = path.read_bytes()
    write = Path.write_bytes

    def full(place: Path, contents: bytes) -> int:
        write(place, contents[: len(contents) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ConfigError, match="No space left"):
        to_onnx.write(made, path)
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_the_digest_is_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(to_onnx.code_digest()) == 64
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "a.py").write_text("a = 1\n")
    monkeypatch.setattr("export.__file__", str(tmp_path / "__init__.py"))
    one = to_onnx.code_digest()
    (tmp_path / "nets" / "a.py").write_text("a = 2\n")
    assert to_onnx.code_digest() != one


def test_the_seeds_fault_is_in_its_graph(tmp_path: Path) -> None:
    made, path = models.exported("seed", tmp_path / "m.onnx")
    x = np.zeros((1, made.spec.features), np.float32)
    sigma = teacher_forced(load(path), x)[2][0]
    with torch.no_grad():
        right = made.net(torch.from_numpy(x)[:, None])[2][0, 0]
    unit = made.net.unit.numpy()
    np.testing.assert_allclose(sigma / unit, right.sqrt(), rtol=1e-4)  # a standard deviation taken for a variance
