import numpy as np
import pytest

from engine.images.levels import dim, energy, fade_over, to_grey, to_light
from engine.schema.frame import U8

ALL: U8 = np.arange(256, dtype=np.uint8).reshape(8, 32)


def test_bytes_become_light_and_light_bytes() -> None:
    light, back = np.full((8, 32), np.nan, np.float32), np.zeros((8, 32), np.uint8)
    to_light(ALL, light)
    np.testing.assert_allclose(light, ALL / 255.0, atol=1e-7)
    assert to_grey(light, back)
    np.testing.assert_array_equal(back, ALL)


def test_light_beyond_the_ends_is_bounded() -> None:
    pixels = np.zeros((1, 4), np.uint8)
    assert to_grey(np.array([[-1.0, 0.5, 1.001, 1e9]], np.float32), pixels)
    np.testing.assert_array_equal(pixels, [[0, 128, 255, 255]])


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_light_that_is_no_number_leaves_the_picture(broken: float) -> None:
    light, pixels = np.ones((2, 3), np.float32), np.full((2, 3), 7, np.uint8)
    light[1, 2] = broken
    assert not to_grey(light, pixels)
    assert not np.isfinite(energy(light))
    np.testing.assert_array_equal(pixels, 7)


def test_a_picture_is_darkened_to_black() -> None:
    out = np.zeros_like(ALL)
    for level in (0.0, 0.25, 1.0):
        dim(ALL, level, out)
        np.testing.assert_array_equal(out, np.floor(ALL * level + 0.5))


def test_one_picture_goes_over_to_another() -> None:
    old, new = np.zeros((2, 2), np.float32), np.ones((2, 2), np.float32)
    out = np.zeros_like(old)
    for share in (0.0, 0.25, 1.0):
        fade_over(old, new, share, out)
        np.testing.assert_allclose(out, 1.0 - share)
    assert energy(new) == 1.0


def test_a_picture_of_another_size_is_not_taken() -> None:
    with pytest.raises(ValueError, match="another size"):
        to_light(ALL, np.zeros((8, 31), np.float32))


def test_a_picture_that_blurs_loses_energy_and_no_light() -> None:
    sharp, blurred = np.zeros((4, 4), np.float32), np.full((4, 4), 0.25, np.float32)
    sharp[1] = 1.0
    assert sharp.sum() == blurred.sum()
    assert energy(sharp) == 4 * energy(blurred)
