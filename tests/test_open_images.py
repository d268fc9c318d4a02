from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pianos
import picture_models as models
import pytest
from counting import counted

from engine.inference.metadata import pack
from engine.inference.open_model import open_model
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


def test_a_model_of_frames_is_not_stepped_as_a_mixture(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a mixture"):
        open_model(load(models.frames_model(tmp_path / "model.onnx")), 1)


@pytest.mark.parametrize("write", KINDS)
def test_what_is_given_may_lie_in_memory_as_it_likes_but_has_the_size_of_the_model(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    one, two = (open_images(load(write(tmp_path / "model.onnx")), device="cpu", seed=3, fps=30.0) for _ in range(2))
    picture = np.random.default_rng(1).integers(0, 256, (one.size.height, one.size.width), np.uint8)
    for given, act in ((picture, one), (np.asfortranarray(picture), two)):
        for _ in range(9):
            shown = act.frame(PLAIN, given, hold=False).pixels
        with pytest.raises(ValueError, match="a picture"):
            act.frame(PLAIN, given[1:], hold=False)
    np.testing.assert_array_equal(shown, one.frame(PLAIN, picture, hold=True).pixels)


@pytest.mark.parametrize("write", KINDS)
def test_frames_make_no_memory(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    act = open_images(load(write(tmp_path / "model.onnx")), device="cpu", seed=3, fps=30.0)
    picture = np.zeros((act.size.height, act.size.width), np.uint8)
    turns = [(PLAIN, None), (Controls(run=0), None), (Controls(posed=0.5, latent=(0.2,)), picture)]
    for controls, given in turns:
        act.frame(controls, given, hold=False)
    with counted() as made:
        for controls, given in turns * 100:
            act.frame(controls, given, hold=False)
    assert all(size <= 8 for size in made)  # the numbers by which a new start is chosen
    assert len(made) < 100
