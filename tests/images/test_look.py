"""What a screen makes of a picture."""

import numpy as np
import pytest

from engine.images.colour import table
from engine.images.look import Look, look
from engine.schema.errors import ConfigError
from engine.schema.model import Size
from engine.schema.show import Screen

PIXELS = np.array([[0, 255], [100, 30]], np.uint8)
SIZE = Size(height=2, width=2)


def test_as_it_is() -> None:
    assert np.array_equal(np.asarray(Look(SIZE).picture(PIXELS)), PIXELS)


def test_a_negative() -> None:
    assert np.array_equal(np.asarray(Look(SIZE, invert=True).picture(PIXELS)), 255 - PIXELS)


def test_a_negative_gets_its_own_colours() -> None:
    shown = np.asarray(Look(SIZE, invert=True, colormap="neon").picture(PIXELS))
    assert np.array_equal(shown, table("neon")[255 - PIXELS])


def test_bars_have_the_colour_of_black() -> None:
    shown = np.asarray(Look(Size(height=2, width=4), colormap="ink").picture(PIXELS))
    assert np.array_equal(shown[:, 0], table("ink")[[0, 0]])


def test_a_screen_says_it_all() -> None:
    screen = Screen(kind="mjpeg", port=1, scale=2, filter="bicubic", invert=True, colormap="ice")
    assert look(screen, SIZE) == Look(Size(height=4, width=4), "bicubic", invert=True, colormap="ice")
    with pytest.raises(ConfigError, match=r"mjpeg://127\.0\.0\.1:1: scale: pictures of 9999 x 9999"):
        look(Screen(kind="mjpeg", port=1, scale="9999x9999"), SIZE)
