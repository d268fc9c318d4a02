"""Pictures as files."""

import io
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from engine.images.jpeg import Jpeg, png

RNG = np.random.default_rng(3)
GREY = np.kron(RNG.integers(0, 256, (15, 26), dtype=np.uint8), np.ones((8, 8), np.uint8))
COLOURED = np.kron(RNG.integers(0, 256, (15, 26, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8))


@pytest.mark.parametrize("pixels", [GREY, COLOURED], ids=["grey", "colour"])
def test_png_is_exact(pixels: np.ndarray) -> None:
    read = Image.open(io.BytesIO(png(Image.fromarray(pixels))))
    read.load()
    assert read.format == "PNG"
    assert np.array_equal(np.asarray(read), pixels)


@pytest.mark.parametrize("pixels", [GREY, COLOURED], ids=["grey", "colour"])
def test_jpeg_is_near(pixels: np.ndarray) -> None:
    with closing(Jpeg()) as jpeg:
        read = np.asarray(Image.open(io.BytesIO(jpeg.encode(Image.fromarray(pixels)))))
    assert read.shape == pixels.shape
    assert np.abs(read.astype(int) - pixels).mean() < 12


def test_a_short_picture_after_a_long_one_is_whole() -> None:
    with closing(Jpeg()) as jpeg:
        long = jpeg.encode(Image.fromarray(COLOURED))
        short = jpeg.encode(Image.fromarray(np.zeros((8, 8), np.uint8)))
        assert len(short) < len(long)
        assert short.endswith(b"\xff\xd9")
        assert jpeg.encode(Image.fromarray(COLOURED)) == long
        jpeg.close()


def longest_wait(compress: Callable[[], object]) -> float:
    """Share of the time of `compress` that another thread waited at a stretch.

    With a switch interval that never ends, that one runs only where this one lets it.
    """
    over, before, stamps = threading.Event(), sys.getswitchinterval(), list[float]()

    def work() -> None:
        while not over.is_set():
            stamps.append(time.perf_counter())
            time.sleep(0)

    thread = threading.Thread(target=work)
    sys.setswitchinterval(1000)
    try:
        thread.start()
        began = time.perf_counter()
        compress()
        ended = time.perf_counter()
    finally:
        sys.setswitchinterval(before)
        over.set()
        thread.join()
    inside = [stamp for stamp in stamps if began < stamp < ended]
    return float(np.diff([began, *inside, ended]).max() / (ended - began))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_other_threads_go_on_while_it_compresses(kind: str) -> None:
    """Pillow's own way, JPEG into memory, keeps them waiting for over 0.8 of the time."""
    height = {"jpeg": 1500, "png": 150}[kind]
    picture = Image.fromarray(RNG.integers(0, 256, (height, 2000, 3), dtype=np.uint8))
    with closing(Jpeg()) as jpeg:
        compress = {"jpeg": jpeg.encode, "png": png}[kind]
        assert min(longest_wait(lambda: compress(picture)) for _ in range(2)) < 0.5
