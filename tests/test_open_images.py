from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pianos
import picture_models as models
import pytest

from engine.inference.metadata import pack
from engine.inference.vet import load
from engine.open_images import open_images, try_out
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError

PLAIN = Controls()
KINDS: list[Callable[[Path], Path]] = [models.latents_model, models.frames_model]


@pytest.mark.parametrize("write", KINDS)
def test_a_file_becomes_an_act(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    loaded = load(write(tmp_path / "model.onnx"))
    size = loaded.spec.image
    assert size is not None
    first, second = (open_images(loaded, device="cpu", seed=3, fps=30.0) for _ in range(2))
    for _ in range(50):
        one, two = (act.frame(PLAIN, None, hold=False).pixels for act in (first, second))
        assert one.shape == (size.height, size.width)
        np.testing.assert_array_equal(one, two)
    for act in (first, second):
        act.close()
        act.close()


@pytest.mark.parametrize("write", KINDS)
def test_a_file_can_be_tried(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    try_out(write(tmp_path / "model.onnx"))


def test_a_model_that_plays_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="makes pictures"):
        try_out(pianos.tiny(tmp_path / "piano.onnx"))


def test_an_unknown_family_is_refused(tmp_path: Path) -> None:
    loaded = load(models.frames_model(tmp_path / "model.onnx"))
    with pytest.raises(ConfigError, match="no such kind 'frame'"):
        open_images(
            loaded._replace(spec=msgspec.structs.replace(loaded.spec, family="frame")), device="cpu", seed=1, fps=30.0
        )


@pytest.mark.parametrize(
    "changes", [{"image": None}, {"features": 5}, {"image": {"height": 4, "width": 4}}], ids=["none", "less", "other"]
)
def test_a_frame_that_is_not_as_large_as_its_picture_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = models.frames_model(tmp_path / "model.onnx")
    loaded, model = load(path), onnx.load(path)
    spec = msgspec.convert(msgspec.to_builtins(loaded.spec) | changes, type(loaded.spec))
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, pack(spec, loaded.arrays))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="rows times columns"):
        load(path)
