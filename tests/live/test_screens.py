"""Screens in real time, before other people's programs."""

import json
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from browser import browser
from live.moving import FPS, page, playing
from live.receiving import need

from engine.schema.show import Screen

MJPEG = Screen(kind="mjpeg", scale=4, filter="bicubic", colormap="ember")


@pytest.mark.live
@pytest.mark.timeout(90)
def test_ffmpeg_reads_ten_seconds_of_the_stream_into_a_file(tmp_path: Path) -> None:
    ffmpeg, ffprobe = need("ffmpeg", "ffmpeg"), need("ffprobe", "ffmpeg")
    film = tmp_path / "film.mkv"
    with playing(MJPEG) as shown:
        url = f"{page(shown)}stream.mjpg"
        read = ["-use_wallclock_as_timestamps", "1", "-f", "mpjpeg", "-i", url]
        began = time.monotonic()
        subprocess.run([ffmpeg, "-v", "error", *read, "-t", "10", "-c", "copy", film], check=True, timeout=60)
        took = time.monotonic() - began
    asked = ["-count_frames", "-show_streams", "-of", "json"]
    told = json.loads(subprocess.run([ffprobe, "-v", "error", *asked, film], check=True, capture_output=True).stdout)
    stream = told["streams"][0]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("mjpeg", 832, 480)
    assert abs(int(stream["nb_read_frames"]) - 10 * FPS) <= FPS, f"{stream['nb_read_frames']} in {took:.1f} s"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_browser_shows_the_stream_moving(tmp_path: Path) -> None:
    with playing(MJPEG) as shown, browser(tmp_path) as chromium:
        chromium.open(page(shown))
        chromium.wait("document.getElementById('stage')?.naturalWidth > 0")
        first = chromium.screenshot(tmp_path / "first.png")
        time.sleep(1)
        second = chromium.screenshot(tmp_path / "second.png")
        assert chromium.value("document.title") == "moving"
        assert chromium.value("[stage.naturalWidth, stage.naturalHeight]") == [832, 480]
    for screenshot in (first, second):
        assert screenshot.shape[2] == 3
        assert (screenshot.max(2) > 200).mean() > 0.03, "no disc"
        assert (screenshot.max(2) < 30).mean() > 0.5, "no black around it"
    assert (np.abs(first.astype(int) - second).max(2) > 100).mean() > 0.02, "nothing moves"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_page_finds_a_show_that_begins_again(tmp_path: Path) -> None:
    with browser(tmp_path) as chromium:
        with playing(MJPEG) as shown:
            place = page(shown)
            chromium.open(place)
            chromium.wait("document.getElementById('stage')?.naturalWidth > 0")
        port = int(place.rstrip("/").rpartition(":")[2])
        with playing(Screen(kind="mjpeg", port=port, scale=2)):
            chromium.wait("stage.naturalWidth == 416")
