"""Videos, GIFs and contact sheets: other programs read what they say of themselves, and see somebody move."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image
from recordings import CREDIT, keys, recorded

from engine.schema.errors import ConfigError, DataError
from export.formats import gif, sheet, video
from export.formats.options import Options
from export.recording import Recording

SMALL = Options(size=(96, 54))


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe reads of a video, each of its frames decoded."""
    if shutil.which("ffprobe") is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("ffprobe is missing: apt install ffmpeg")
    asked = ["-count_frames", "-show_streams", "-show_format", "-of", "json"]
    found = subprocess.run(["ffprobe", "-v", "error", *asked, path], check=True, capture_output=True, text=True)
    assert found.stderr == ""
    read: dict[str, Any] = json.loads(found.stdout)
    return read


def pictures(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


@pytest.mark.parametrize(("fps", "rate"), [(30.0, "30/1"), (30000 / 1001, "30000/1001"), (12.5, "25/2")])
def test_a_video_says_what_it_is(tmp_path: Path, fps: float, rate: str) -> None:
    path = tmp_path / "a:b %d.mp4"
    video.write(recorded(20, fps=fps), path, SMALL)
    read = probed(path)
    (stream,) = read["streams"]
    assert (stream["codec_name"], stream["pix_fmt"], stream["color_space"]) == ("h264", "yuv420p", "bt709")
    assert (stream["width"], stream["height"]) == (96, 54)
    assert (stream["nb_read_frames"], stream["r_frame_rate"], stream["avg_frame_rate"]) == ("20", rate, rate)
    assert float(stream["duration"]) == pytest.approx(20 / Fraction(rate), abs=1e-3)
    tags = read["format"]["tags"]
    assert (tags["title"], tags["copyright"], tags["comment"]) == ("toy dance", CREDIT, "model toy, seed 1")


def test_a_video_plays_before_it_is_whole(tmp_path: Path) -> None:
    video.write(recorded(5), tmp_path / "dance.mp4", SMALL)
    contents = (tmp_path / "dance.mp4").read_bytes()
    assert contents.index(b"moov") < contents.index(b"mdat")


def test_each_picture_of_a_video_shows_somebody_elsewhere(tmp_path: Path) -> None:
    video.write(recorded(12), tmp_path / "dance.mp4", Options(size=(160, 90), title=""))
    shown = pictures(tmp_path / "dance.mp4")
    assert len(shown) == 12
    assert all(np.abs(one - other).max() > 20 for one, other in pairwise(shown))
    red = [((one[..., 0] > 170) & (one[..., 2] < 130)).sum() for one in shown]
    assert min(red) > 20


def test_colours_come_back_as_they_were_drawn(tmp_path: Path) -> None:
    """The matrix in the file is the one that its pictures were made with."""
    path = tmp_path / "dance.mp4"
    video.write(recorded(1), path, Options(size=(640, 360), title=""))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert int(frame.colorspace) == 1
    # 255, 112, 64 is the performer's colour, red first; BT.601's matrix would give it back with a green of 98.
    (shown,) = pictures(path)
    red = shown[(shown[..., 0] > 225) & (shown[..., 2] < 110)]
    assert len(red) > 100
    assert 105 < np.median(red[:, 1]) < 150


def test_colours_are_turned_as_ffmpeg_turns_them() -> None:
    draw = np.random.default_rng(1)
    for picture in (draw.integers(0, 256, (54, 96, 3)), draw.choice([0, 255], (36, 64, 3))):
        pixels = picture.astype(np.uint8)
        turned = av.VideoFrame.from_ndarray(pixels, "bgr24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
        assert np.abs(video.planes(pixels).astype(int) - turned.to_ndarray()).max() <= 2


def test_odd_sizes_are_rounded_down(tmp_path: Path) -> None:
    video.write(recorded(2), tmp_path / "dance.mp4", Options(size=(97, 55)))
    assert pictures(tmp_path / "dance.mp4")[0].shape == (54, 96, 3)


def test_keys_alone_make_a_video(tmp_path: Path) -> None:
    recording = keys(0.4)
    video.write(recording, tmp_path / "piano.mp4", SMALL)
    assert len(pictures(tmp_path / "piano.mp4")) == recording.frames


@pytest.mark.parametrize("write", [video.write, gif.write])
def test_progress_rises_to_the_end(tmp_path: Path, write: Callable[..., None]) -> None:
    shares: list[float] = []
    write(recorded(20), tmp_path / "dance.any", SMALL, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_what_goes_wrong_in_the_encoder_is_heard(tmp_path: Path) -> None:
    def broken(_picture: Any) -> None:
        raise OSError(28, "No space left on device")

    drawn: list[int] = []

    def draw() -> Any:
        for number in range(1000):
            drawn.append(number)
            yield np.zeros((2, 2, 3), np.uint8)

    with pytest.raises(OSError, match="No space"):
        list(video._beside(broken, draw()))
    assert len(drawn) < 10
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", [video, gif, sheet])
def test_absurd_sizes_and_empty_recordings_are_refused_and_nothing_is_written(tmp_path: Path, module: Any) -> None:
    with pytest.raises(ConfigError, match="16 to 7680 pixels"):
        module.write(recorded(2), tmp_path / "dance.any", Options(size=(10, 100_000)))
    with pytest.raises(DataError, match="neither bodies nor notes"):
        module.write(replace(keys(), notes=()), tmp_path / "dance.any", SMALL)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("fps", "period", "count"), [(30.0, 80, 5), (10.0, 100, 12), (48.0, 80, 3)])
def test_a_gif_repeats_at_its_pace(tmp_path: Path, fps: float, period: int, count: int) -> None:
    gif.write(recorded(12, fps=fps), tmp_path / "dance.gif", Options(size=(1920, 1080)))
    with Image.open(tmp_path / "dance.gif") as picture:
        assert picture.size == (480, 270)
        assert (picture.info["loop"], picture.info["duration"]) == (0, period)
        assert getattr(picture, "n_frames", 1) == count
        first = np.asarray(picture.convert("RGB")).astype(int)
        picture.seek(count - 1)
        assert np.abs(np.asarray(picture.convert("RGB")).astype(int) - first).max() > 80


def test_performers_keep_their_colours_in_a_gif(tmp_path: Path) -> None:
    gif.write(recorded(3, 3), tmp_path / "dance.gif", Options(size=(480, 270)))
    with Image.open(tmp_path / "dance.gif") as picture:
        red, green, blue = np.asarray(picture.convert("RGB")).astype(int).transpose(2, 0, 1)
    assert ((red > 220) & (blue < 110) & (green < 150)).sum() > 100  # coral
    assert ((blue > 220) & (red < 120)).sum() > 100  # sky
    assert ((red > 220) & (green > 170) & (blue < 110)).sum() > 100  # amber


def tiles(picture: Any, columns: int, rows: int) -> list[Any]:
    return [tile for row in np.array_split(picture, rows) for tile in np.array_split(row, columns, 1)]


def sheet_of(recording: Recording, path: Path, options: Options) -> Any:
    sheet.write(recording, path, options)
    with Image.open(path) as picture:
        picture.load()
        assert picture.info.get("Copyright", "") == recording.credit
        return np.asarray(picture.convert("RGB")).astype(int)


def test_a_sheet_shows_sixteen_moments(tmp_path: Path) -> None:
    picture = sheet_of(recorded(64), tmp_path / "dance.png", Options(size=(480, 270)))
    assert picture.shape == (270, 480, 3)
    shown = tiles(picture[20:-14], 4, 4)
    assert all(((tile[..., 0] > 170) & (tile[..., 2] < 130)).sum() > 15 for tile in shown)


def test_a_short_recording_gives_fewer_moments(tmp_path: Path) -> None:
    picture = sheet_of(recorded(1), tmp_path / "dance.png", Options(size=(480, 270), title=""))
    assert ((picture[..., 0] > 170) & (picture[..., 2] < 130))[:, :120].sum() > 15
    assert picture[:250, 130:].max() < 60


@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 16)])
def test_the_smallest_sheets_are_written(tmp_path: Path, size: tuple[int, int]) -> None:
    for recording in (recorded(20), keys()):
        picture = sheet_of(recording, tmp_path / "dance.png", Options(size=size))
        assert picture.shape == (size[1], size[0], 3)


@pytest.mark.usefixtures("_little_room")
@pytest.mark.parametrize("write", [video.write, gif.write, sheet.write])
def test_a_full_disk_is_heard(tmp_path: Path, write: Callable[..., None]) -> None:
    with pytest.raises(OSError, match="large"):
        write(recorded(12), tmp_path / "dance.any", Options(size=(320, 180)))
