"""Pictures at a steady rate, and of one size."""

from collections.abc import Iterator

import numpy as np
import pytest
from footage.made import flat

from engine.footage.fit import fitted, prepared
from engine.footage.footage import MOST_PIXELS, Shot, check_pixels, resampled
from engine.schema.errors import DataError
from engine.schema.model import Size
from engine.source import Pictures


def at(fps: float, shots: list[tuple[int, float | None]]) -> list[int]:
    def made() -> Iterator[Shot]:
        for grey, lasts in shots:
            yield Shot(flat(grey, 1, 1), lasts)

    return [int(picture[0, 0]) for picture in resampled(made(), fps)]


def test_a_rate_of_thirty_gives_every_third_picture_at_ten() -> None:
    assert at(10, [(number, 1 / 30) for number in range(90)]) == list(range(0, 90, 3))


def test_a_slow_film_repeats_its_pictures_at_its_own_speed() -> None:
    assert at(10, [(1, 0.2), (2, 0.5), (3, 0.1)]) == [1, 1, 2, 2, 2, 2, 2, 3]


def test_times_that_are_rounded_to_milliseconds_lose_no_picture() -> None:
    times = np.round(np.arange(61) / 30, 3)
    assert at(30, [(n, float(lasts)) for n, lasts in enumerate(np.diff(times))]) == list(range(60))


def test_without_a_rate_each_picture_is_one_moment() -> None:
    assert at(7, [(1, None), (2, None), (3, None)]) == [1, 2, 3]


def test_a_film_shorter_than_a_moment_has_one_picture() -> None:
    assert at(1, [(5, 0.0)]) == [5]
    assert at(1, []) == []


def test_a_picture_that_fits_is_itself() -> None:
    picture = flat(3, 4, 6)
    assert fitted(picture, Size(height=4, width=6)) is picture


def test_smaller_pictures_are_averages_over_areas() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8) * 2
    expected = picture.reshape(4, 2, 4, 2).astype(float).mean((1, 3))
    np.testing.assert_allclose(fitted(picture, Size(height=4, width=4)), expected, atol=0.51)


def test_covering_loses_what_stands_out_on_both_sides() -> None:
    picture = np.zeros((10, 30), np.uint8)
    picture[:, 10:20] = 200
    assert (fitted(picture, Size(height=10, width=10)) == 200).all()
    assert (fitted(picture, Size(height=5, width=5)) == 200).all()


def test_containing_keeps_all_between_black_bars() -> None:
    made = fitted(flat(200, 10, 30), Size(height=10, width=10), "contain")
    assert np.flatnonzero(made[:, 0]).tolist() == [3, 4, 5]
    assert (made[3:6] == 200).all()


def test_stretching_fills_the_size_with_all_of_it() -> None:
    picture = np.concatenate([flat(0, 10, 10), flat(200, 10, 10)], 1)
    made = fitted(picture, Size(height=10, width=10), "stretch")
    assert (made[:, :5] == 0).all()
    assert (made[:, 5:] == 200).all()


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 7), (120, 208), (119, 333)])
def test_every_shape_fits_with_its_brightness(fit: str, shape: tuple[int, int]) -> None:
    made = fitted(flat(90, *shape), Size(height=12, width=20), fit)  # type: ignore[arg-type]
    assert made.shape == (12, 20)
    assert made.dtype == np.uint8
    assert set(np.unique(made)) <= ({0, 90} if fit == "contain" else {90})


def test_a_part_is_cut_out_and_turned_white() -> None:
    picture = flat(0, 10, 10)
    picture[2:4, 6:9] = 50
    made = prepared(picture, Size(height=2, width=3), Pictures(crop=(6, 2, 3, 2), invert=True), "film")
    assert (made == 205).all()


def test_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match=r"film: crop: 3 x 2 from 8, 2; expected a part of its 10 x 10 pixels"):
        prepared(flat(0, 10, 10), Size(height=2, width=3), Pictures(crop=(8, 2, 3, 2)), "film")


def test_too_many_pixels_are_refused_by_their_number() -> None:
    check_pixels("film", 4320, 7680)
    for sides in ((20_000, 20_000), (1, MOST_PIXELS + 1), (0, 5)):
        with pytest.raises(DataError, match="at most 40 million"):
            check_pixels("film", *sides)
