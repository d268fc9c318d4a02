"""Pictures in folders, and single ones."""

from pathlib import Path

import numpy as np
import pytest
from footage.made import flat, huge_png, png
from PIL import Image

from engine.footage import folder
from engine.schema.errors import DataError


def greys(path: Path, *, mixed: bool = False) -> list[int]:
    found = folder.read(path, mixed=mixed) if path.is_dir() else folder.read_one(path)
    return [int(shot.pixels[0, 0]) for shot in found.shots()]


def test_numbers_in_names_are_in_their_order(tmp_path: Path) -> None:
    for number in (10, 2, 1, 33):
        png(tmp_path / f"frame{number}.png", number)
    (tmp_path / "notes.txt").write_text("no picture")
    png(tmp_path / ".hidden.png", 99)
    found = folder.read(tmp_path)
    assert (found.shape, found.fps, found.length) == ((24, 32), None, 4)
    assert greys(tmp_path) == [1, 2, 10, 33]
    assert all(shot.lasts is None for shot in found.shots())


def test_mixed_sizes_are_refused_with_the_first_that_differs_unless_they_are_wanted(tmp_path: Path) -> None:
    png(tmp_path / "a1.png", 1)
    png(tmp_path / "a2.png", 2)
    png(tmp_path / "a3.png", 3, 20, 20)
    with pytest.raises(DataError, match=r"a3.png: 20 x 20; expected 32 x 24 as a1.png \(\?fit=cover takes all sizes\)"):
        folder.read(tmp_path)
    assert folder.read(tmp_path, mixed=True).shape is None
    assert greys(tmp_path, mixed=True) == [1, 2, 3]


@pytest.mark.parametrize(
    ("mode", "colour", "grey"),
    [
        ("RGB", (255, 255, 255), 255),
        ("RGBA", (255, 255, 255, 0), 0),
        ("RGBA", (200, 200, 200, 255), 200),
        ("LA", (100, 128), 50),
        ("I;16", 0x8000, 128),
        ("1", 1, 255),
    ],
)
def test_any_kind_of_pixels_becomes_brightness(tmp_path: Path, mode: str, colour: object, grey: int) -> None:
    Image.new(mode, (3, 2), colour).save(tmp_path / "a.png")  # type: ignore[arg-type]
    assert greys(tmp_path / "a.png") == [pytest.approx(grey, abs=1)]


def test_a_photo_that_was_taken_upright_is_upright(tmp_path: Path) -> None:
    picture = flat(0, 8, 16)
    picture[:, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    Image.fromarray(picture).save(tmp_path / "a.jpg", exif=exif, quality=95)
    found = folder.read(tmp_path)
    pixels = next(found.shots()).pixels
    assert found.shape == pixels.shape == (16, 8)
    assert pixels[:7].min() > 200
    assert pixels[9:].max() < 50


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_a_picture_that_moves_is_a_film(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    first, *others = (Image.fromarray(flat(grey)) for grey in (0, 100, 200))
    first.save(path, save_all=True, append_images=others, duration=[40, 80, 0], loop=0, lossless=True)
    found = folder.read_one(path)
    assert found.length == 3
    assert greys(path) == [pytest.approx(grey, abs=2) for grey in (0, 100, 200)]
    assert [shot.lasts for shot in found.shots()] == [0.04, 0.08, folder.INSTANT]
    assert len(greys(tmp_path)) == 1, "in a folder it is one of many"


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder without pictures"):
        folder.read(tmp_path)
    with pytest.raises(DataError, match="No such file or directory; expected a readable folder"):
        folder.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "found"), [(b"", "an empty file"), (b"no picture at all", "UnidentifiedImageError")]
)
def test_a_file_that_is_no_picture_is_named(tmp_path: Path, content: bytes, found: str) -> None:
    png(tmp_path / "a1.png", 1)
    (tmp_path / "a2.png").write_bytes(content)
    with pytest.raises(DataError, match=rf"a2.png: {found}.*; expected a whole picture"):
        folder.read(tmp_path)
    with pytest.raises(DataError, match=rf"a2.png: {found}.*; expected a whole picture"):
        folder.read_one(tmp_path / "a2.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tiff"])
def test_a_picture_that_ends_early_is_named_when_it_is_read(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
    path = tmp_path / f"a2.{suffix}"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    png(tmp_path / "a1.png", 1, 64, 64)
    with pytest.raises(DataError, match=r"a2\.\w+: .*; expected a whole picture"):
        list(folder.read(tmp_path).shots())


def test_a_huge_picture_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        raise AssertionError

    png(tmp_path / "a1.png", 1)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    for side in (7000, 12_000, 20_000):  # under, between and over the limits of Pillow itself
        huge_png(tmp_path / "a2.png", side)
        with pytest.raises(
            DataError, match=r"a2.png: (a picture of 7000 x 7000|Image size .\d+ pixels.*); expected .* 40 million"
        ):
            folder.read(tmp_path)
        with pytest.raises(
            DataError, match=r"a2.png: (a picture of 7000 x 7000|Image size .\d+ pixels.*); expected .* 40 million"
        ):
            folder.read_one(tmp_path / "a2.png")
