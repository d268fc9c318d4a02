"""Pictures that a model made, as videos, GIFs, sheets, arrays and files of their own."""

import resource
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from recordings import keys, recorded

from engine.footage.open_footage import open_footage
from engine.images.colour import table
from engine.schema.errors import ConfigError, DataError, EngineError
from engine.schema.frame import U8
from engine.source import File
from export.drawing.paintings import Paintings
from export.formats import sequence
from export.formats.options import Options
from export.formats.table import MODULES
from export.produce import produce, targets
from export.recording import Lane, Pictures, Recording


def drawn(frames: int = 12, size: tuple[int, int] = (20, 30), lanes: int = 1, fps: float = 10.0) -> Recording:
    """A bright bar that goes down, over a ramp of greys."""
    ramp = np.broadcast_to(np.linspace(0, 160, size[1]).astype(np.uint8), (frames, *size)).copy()
    for frame in range(frames):
        ramp[frame, frame % size[0]] = 255
    found = tuple(Lane(("comes", "foreseen", "apart")[lane], ramp) for lane in range(lanes))
    latents = np.arange(frames * 4, dtype=np.float32).reshape(frames, 4)
    return Recording(
        name="toy pictures", fps=fps, skeleton=None, rig=None, performers=(), notes=(), frames=frames,
        credit="nobody", made="model toy, seed 1",
        pictures=Pictures(lanes=found, latents=latents, given=frames // 2 if lanes > 1 else 0),
    )  # fmt: skip


def pixels(recording: Recording) -> U8:
    assert recording.pictures is not None
    return recording.pictures.lanes[0].pixels


def decoded(path: Path) -> list[U8]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def test_a_video_has_every_picture_at_its_rate(tmp_path: Path) -> None:
    recording = drawn()
    produce(recording, targets([tmp_path / "a.mp4"]), Options(scale=4))
    found = decoded(tmp_path / "a.mp4")
    assert len(found) == 12
    assert found[0].shape == (80, 120, 3)
    for one, two in zip(found, pixels(recording), strict=True):
        assert np.abs(one[2::4, 2::4, 0].astype(int) - two).mean() < 4
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].average_rate == 10
        assert (container.metadata["copyright"], container.metadata["title"]) == ("nobody", "toy pictures")


def test_odd_sides_gain_a_line(tmp_path: Path) -> None:
    produce(drawn(size=(15, 21)), targets([tmp_path / "a.mp4"]), Options())
    assert decoded(tmp_path / "a.mp4")[0].shape == (16, 22, 3)


@pytest.mark.parametrize("colormap", ["grey", "ember"])
def test_a_gif_has_the_very_colours(colormap: str, tmp_path: Path) -> None:
    recording = drawn()
    produce(recording, targets([tmp_path / "a.gif"]), Options(scale=2, colormap=colormap))  # type: ignore[arg-type]
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.n_frames, image.size, image.info["duration"]) == (12, (60, 40), 100)  # type: ignore[attr-defined]
        for frame in range(12):
            image.seek(frame)
            found = np.asarray(image.convert("RGB"))[::2, ::2]
            assert np.array_equal(found, table(colormap)[pixels(recording)[frame]])


def test_a_sequence_has_a_file_for_each_picture(tmp_path: Path) -> None:
    recording = drawn()
    (told,) = produce(recording, targets([tmp_path / "new" / "a-%03d.png"]), Options(invert=True))
    assert told == tmp_path / "new" / "a-%03d.png"
    names = sorted(path.name for path in told.parent.iterdir())
    assert names == [f"a-{number:03d}.png" for number in range(1, 13)]
    for name, expected in zip(names, pixels(recording), strict=True):
        with Image.open(told.parent / name) as image:
            assert (image.mode, image.info["Copyright"]) == ("L", "nobody")
            assert np.array_equal(np.asarray(image), 255 - expected)
    produce(recording, targets([told], recording.outline), Options(colormap="ice"))
    with Image.open(told.parent / names[3]) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), table("ice")[pixels(recording)[3]])


def test_a_shorter_sequence_is_not_mixed_with_a_longer_one(tmp_path: Path) -> None:
    path = tmp_path / "a-%d (1).png"
    produce(drawn(12), targets([path]), Options())
    (tmp_path / "a-012 (1).png").write_text("of somebody else")
    short = drawn(4)
    with pytest.raises(ConfigError, match=r"'a-\d+ \(1\).png' of a longer sequence"):
        targets([path], short.outline)
    assert len([*tmp_path.iterdir()]) == 13


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other systems differ")
def test_a_disk_that_is_full_leaves_no_part_of_a_sequence(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (3, 100, 100)).astype(np.uint8)
    recording = replace(drawn(3), pictures=Pictures(lanes=(Lane("noise", noise),)))
    wanted, before = targets([tmp_path / "a-%d.png"]), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))
    try:
        with pytest.raises(ConfigError, match=r"a-%d\.png: File too large"):
            produce(recording, wanted, Options())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [*tmp_path.iterdir()] == []


def test_arrays_can_be_fed_to_a_model_again(tmp_path: Path) -> None:
    recording = drawn()
    produce(recording, targets([tmp_path / "a.npz", tmp_path / "a.npy"]), Options())
    with np.load(tmp_path / "a.npz") as arrays:
        assert np.array_equal(arrays["frames"], pixels(recording))
        assert arrays["latents"].shape == (12, 4)
        assert (float(arrays["fps"]), str(arrays["credit"])) == (10.0, "nobody")
    for name in ("a.npz", "a.npy"):
        footage = open_footage(File(path=tmp_path / name))
        assert np.array_equal(np.stack([shot.pixels for shot in footage.shots()]), pixels(recording))


def test_a_sheet_shows_moments(tmp_path: Path) -> None:
    produce(drawn(), targets([tmp_path / "a.png"]), Options(size=(480, 270), title=""))
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (480, 270)
        assert np.asarray(image).max() == 255


def test_what_is_compared_stands_beside_each_other(tmp_path: Path) -> None:
    recording = drawn(lanes=3)
    paintings = Paintings(recording, Options(scale=4))
    tall, (width, height) = 20 * 4, paintings.size
    assert width > 3 * 30 * 4
    assert height > tall
    grey = paintings.grey(3)
    assert grey.shape == (height, width)
    strip = (height - tall) // 2
    for lane in range(3):
        left = lane * (width - 120) // 2
        assert np.array_equal(grey[strip : strip + tall : 4, left : left + 120 : 4], pixels(recording)[3])
    sees, alone = (paintings.grey(frame)[strip + tall :] for frame in (5, 6))
    assert not np.array_equal(sees, alone)
    produce(recording, targets([tmp_path / "a.png", tmp_path / "a.npz"]), Options(size=(640, 360)))
    with np.load(tmp_path / "a.npz") as arrays:
        assert {"comes", "foreseen", "apart", "given"} <= {*arrays}


@pytest.mark.parametrize("suffix", sorted({*MODULES} - {".mp4", ".gif", ".png", ".npz", ".npy"}))
def test_formats_of_bodies_and_keys_refuse_pictures(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pictures; expected bodies or keys \(write .mp4"):
        targets([tmp_path / f"a{suffix}"], drawn().outline)
    assert [*tmp_path.iterdir()] == []


def test_a_sequence_has_one_place_for_numbers(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several places for numbers"):
        targets([tmp_path / "a%d%d.png"], drawn().outline)
    assert not list(tmp_path.iterdir())


def test_sequences_refuse_bodies_and_keys(tmp_path: Path) -> None:
    for recording in (recorded(5), keys()):
        with pytest.raises(DataError, match="no pictures of a model"):
            produce(recording, targets([tmp_path / "a-%02d.png"]), Options())
    with pytest.raises(EngineError):
        sequence.write(recorded(5), tmp_path / "a", Options())
    assert [*tmp_path.iterdir()] == []


def test_pictures_that_would_be_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--scale: pictures of 9000 x 9000"):
        produce(drawn(), targets([tmp_path / "a.mp4"]), Options(scale="9000x9000"))
    assert [*tmp_path.iterdir()] == []
