"""Films."""

from pathlib import Path

import numpy as np
import pytest
from footage.made import film, sound

from engine.footage import video
from engine.footage.footage import resampled
from engine.schema.errors import DataError
from engine.schema.frame import U8

GREYS = tuple(range(20, 240, 20))


def seen(path: Path) -> list[int]:
    return [round(float(shot.pixels.mean())) for shot in video.read(path).shots()]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "mov"])
def test_pictures_have_their_brightness_and_their_time(tmp_path: Path, suffix: str) -> None:
    path = film(tmp_path / f"a.{suffix}", GREYS)
    found = video.read(path)
    assert (found.shape, found.fps) == ((48, 64), 10.0)
    for _ in range(2):
        np.testing.assert_allclose(seen(path), GREYS, atol=2)
    assert [shot.lasts for shot in found.shots()] == [pytest.approx(0.1, abs=1e-3)] * len(GREYS)


def test_black_and_white_are_in_full_range(tmp_path: Path) -> None:
    assert seen(film(tmp_path / "a.mp4", [0, 255])) == [0, 255]


def test_another_rate_keeps_the_speed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", list(range(10, 250, 8)), fps=30)
    picked = [round(float(picture.mean())) for picture in resampled(video.read(path).shots(), 10)]
    np.testing.assert_allclose(picked, list(range(10, 250, 24)), atol=2)


def test_a_file_whose_name_looks_like_an_address_is_a_file(tmp_path: Path) -> None:
    assert len(seen(film(tmp_path / "concat:a.mp4", GREYS))) == len(GREYS)


def test_a_film_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a.avi: a film without pictures; expected at least one"):
        video.read(film(tmp_path / "a.avi", []))


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "aac"), ("mkv", "pcm_s16le")])
def test_sound_alone_is_refused(tmp_path: Path, suffix: str, codec: str) -> None:
    with pytest.raises(DataError, match=rf"a.{suffix}: no pictures in it; expected a film"):
        video.read(sound(tmp_path / f"a.{suffix}", codec))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"no film" * 100, "Invalid data found"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", ""),
    ],
)
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a.mp4: {found}.*; expected a film"):
        video.read(path)


def test_an_index_without_its_film_is_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", GREYS)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(DataError, match="expected a film"):
        video.read(path)


def test_a_film_of_huge_pictures_is_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "a.mp4", GREYS)
    monkeypatch.setattr("engine.footage.footage.MOST_PIXELS", 48 * 64 - 1)
    with pytest.raises(DataError, match="a picture of 64 x 48"):
        video.read(path)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (-1, 0)), (-90, (0, -1)), (180, (-1, -1))])
def test_a_film_that_was_taken_upright_is_upright(rotation: int, corner: tuple[int, int]) -> None:
    """The angle by which it is to be turned counter-clockwise, as FFmpeg has it; its own player does the same."""

    class Frame:
        def to_ndarray(self, *, format: str) -> U8:  # noqa: A002 (PyAV's word)
            assert format == "gray"
            pixels = np.zeros((4, 6), np.uint8)
            pixels[0, 0] = 255
            return pixels

    frame = Frame()
    frame.rotation = rotation  # type: ignore[attr-defined]
    pixels = video.grey(frame)
    assert pixels.shape == ((4, 6) if rotation % 180 == 0 else (6, 4))
    assert pixels[corner] == 255
    assert pixels.flags.c_contiguous
