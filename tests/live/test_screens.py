"""Screens in real time, before other people's programs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import browser
from live.moving import FPS, page, playing
from live.receiving import need
from picture_models import latents_model
from receivers.shm_reader import pictures

from engine.schema.show import Screen
from engine.screens._ring import path_of

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


@pytest.fixture
def ring() -> Iterator[str]:
    name = f"live-{os.getpid()}"
    yield name
    path_of(name, "").unlink(missing_ok=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trying:
        return int(trying.getsockname()[1])


@pytest.mark.live
@pytest.mark.timeout(120)
def test_a_show_is_seen_by_readers_and_one_that_was_killed_blocks_nobody(tmp_path: Path, ring: str) -> None:
    model, port = latents_model(tmp_path / "tiny.onnx"), free_port()
    engine = str(Path(sys.executable).with_name("engine"))
    screens = ["--screen", f"mjpeg://127.0.0.1:{port}", "--screen", f"shm://{ring}"]
    command = [engine, "serve", str(model), "--fps", "30", "--control", "0", "--oscquery", "0", *screens]

    with subprocess.Popen([*command, "--for", "60s"], stdout=subprocess.PIPE, text=True) as killed:
        seen = pictures(str(path_of(ring, "")), 60)
        assert next(seen)[2] == 24
        taken = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert taken.returncode == 2
        assert taken.stderr == (
            f"engine: tcp 127.0.0.1:{port}: a port that another program listens to; expected a free one "
            "(is another engine running? end it, or choose another port)\n"
        )
        killed.send_signal(signal.SIGKILL)

    numbers: list[int] = []
    with subprocess.Popen([*command, "--for", "3s"], stdout=subprocess.PIPE, text=True) as process:
        for sequence, *_ in pictures(str(path_of(ring, "")), 10):
            numbers.append(sequence)
            if sequence == 89 and 0 in numbers:
                break
        told = process.communicate(timeout=60)[0]
    numbers = numbers[numbers.index(0) :]  # before it are pictures that the first show left
    sent = re.search(r"^(\d+) frames in", told, re.MULTILINE)
    assert sent is not None, told
    assert len(numbers) == int(sent.group(1)), told  # a frame that the clock skipped is nobody's
    assert numbers == sorted(set(numbers))
