"""Pictures in another size."""

import numpy as np
import pytest
from PIL import Image

from engine.images.resize import resize, target
from engine.schema.errors import ConfigError
from engine.schema.kinds import Scale
from engine.schema.model import Size

SIZE = Size(height=3, width=4)


@pytest.mark.parametrize(
    ("scale", "expected"), [(1, (3, 4)), (4, (12, 16)), ("4", (12, 16)), ("1920x1080", (1080, 1920)), ("1x2", (2, 1))]
)
def test_a_scale_is_a_factor_or_a_size(scale: Scale, expected: tuple[int, int]) -> None:
    wanted = target(SIZE, scale, "here")
    assert (wanted.height, wanted.width) == expected


@pytest.mark.parametrize(("size", "scale"), [(SIZE, "9999x9999"), (Size(height=4096, width=4096), 16)])
def test_a_picture_that_is_too_large_is_refused(size: Size, scale: Scale) -> None:
    with pytest.raises(ConfigError, match=r"here: pictures of \d+ x \d+; expected at most 8294400 pixels"):
        target(size, scale, "here")


def test_nearest_makes_squares_of_pixels() -> None:
    pixels = np.array([[0, 255], [90, 7]], np.uint8)
    grown = np.asarray(resize(Image.fromarray(pixels), Size(height=6, width=6), "nearest"))
    assert np.array_equal(grown, np.kron(pixels, np.ones((3, 3), np.uint8)))


def test_bicubic_is_smooth_and_keeps_what_is_even() -> None:
    edge = np.zeros((8, 8), np.uint8)
    edge[:, 4:] = 200
    grown = np.asarray(resize(Image.fromarray(edge), Size(height=32, width=32), "bicubic"))
    assert len(np.unique(grown)) > 5
    assert (grown[:, :8] == 0).all()
    assert (grown[:, -8:] == 200).all()


def test_another_shape_is_fitted_between_bars_of_black() -> None:
    full = np.full((3, 4), 200, np.uint8)
    wide = np.asarray(resize(Image.fromarray(full), Size(height=6, width=20)))
    assert wide.shape == (6, 20)
    assert (wide[:, 6:14] == 200).all()
    assert not wide[:, :6].any()
    assert not wide[:, 14:].any()


def test_the_size_that_it_has_costs_nothing() -> None:
    picture = Image.fromarray(np.zeros((3, 4), np.uint8))
    assert resize(picture, SIZE) is picture
