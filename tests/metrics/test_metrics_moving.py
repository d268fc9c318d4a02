"""Figures of foreseen pictures, on pictures whose figures are known."""

import numpy as np
import pytest

from export.data import moving_mnist
from export.metrics import moving


def blank(frames: int = 8, side: int = 64) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.zeros((1, frames, side, side), np.float32)


def test_errors_are_summed_over_a_picture_and_averaged_over_sequences() -> None:
    truth, guess = np.zeros((2, 3, 4, 4), np.float32), np.zeros((2, 3, 4, 4), np.float32)
    guess[0, 1] = 0.5
    assert moving.squared(truth, guess).tolist() == [0.0, 0.5 * 0.25 * 16, 0.0]


def test_the_likeness_of_even_pictures_is_that_of_their_levels() -> None:
    one, other = np.full((1, 1, 32, 32), 0.3, np.float32), np.full((1, 1, 32, 32), 0.6, np.float32)
    a, b, c = np.float64(np.float32(0.3)), np.float64(np.float32(0.6)), 0.01**2
    assert moving.likeness(one, other) == pytest.approx((2 * a * b + c) / (a * a + b * b + c), abs=1e-6)
    assert moving.likeness(one, one) == pytest.approx(1.0)


def test_a_picture_and_its_negative_are_unlike() -> None:
    rng = np.random.default_rng(1)
    noise = rng.random((1, 2, 32, 32), np.float32)
    assert moving.likeness(noise, 1.0 - noise) < 0.0


def test_a_trail_is_what_is_left_where_a_digit_was_and_none_is() -> None:
    films = blank()
    for frame in range(8):
        films[0, frame, 10:14, 6 * frame : 6 * frame + 4] = 1.0
    clean = films[:, 4:]
    assert moving.trail(films, clean) == (1.0, 0.0)
    smeared = np.maximum(clean, 0.4 * films[:, 1:5])
    assert moving.trail(films, smeared).ratio == pytest.approx(0.4)
    assert np.isnan(moving.trail(films, np.zeros_like(clean)).ratio)


def two_apart(step: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Corners of a digit that moves by `step`, and of another that stands far away."""
    start = np.array([0 if one > 0 else 4 for one in step])
    moved = start + np.arange(4)[:, None] * np.array(step)
    return np.stack([moved, np.full((4, 2), 36)])[None].astype(np.int64)


@pytest.mark.parametrize(
    ("step", "name"), [((-1, -1), "left up"), ((1, -1), "left down"), ((-1, 1), "right up"), ((1, 1), "right down")]
)
def test_errors_are_told_by_where_digits_move(step: tuple[int, int], name: str) -> None:
    corners = two_apart(step)
    digits = np.full((1, 2, 28, 28), 255, np.uint8)
    films = moving_mnist.scaled(moving_mnist.draw(digits, corners))
    last = films[:, 1:3]
    assert moving.by_direction(films, last, corners) == {name: pytest.approx(1.0)}
    assert moving.by_direction(films, films[:, 2:], corners) == {name: 0.0}


@pytest.mark.parametrize("step", [(0, 3), (3, 0), (0, -3), (-3, 0), (3, 3), (-3, 3)])
def test_a_map_of_trails_has_what_is_behind_a_digit_on_its_left(step: tuple[int, int]) -> None:
    corners = two_apart(step)
    corners[0, 0] += 9
    corners[0, 1] = corners[0, 0] + 60  # nowhere near
    guess = blank(1, 160)
    row, column = corners[0, 0, 0] + 12  # where its centre was three frames ago
    guess[0, 0, row : row + 4, column : column + 4] = 1.0
    found = moving.trails(guess, corners)
    place = np.array(np.nonzero(found)) @ found[found > 0] / found.sum()
    centre = moving.AROUND - 0.5
    np.testing.assert_allclose(place, (centre, centre - 3 * np.hypot(*step)), atol=0.2)
