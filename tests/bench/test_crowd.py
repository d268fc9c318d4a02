"""Looking for the largest crowd."""

import pytest

from engine.bench.crowd import CLOSE, LARGEST, guess, most, narrow
from engine.bench.results import Crowd


def tried(performers: int, pace: str = "60", late: int = 0, median_us: float = 1.0) -> Crowd:
    return Crowd(performers=performers, pace=pace, median_us=median_us, p99_us=1.0, frames=10, late=late)


@pytest.mark.parametrize("first", [1, 50, 200, 210, 1000, LARGEST])
@pytest.mark.parametrize("limit", [0, 1, 3, 200, LARGEST])
def test_the_largest_that_fits_is_found(first: int, limit: int) -> None:
    found = list(narrow(lambda size: tried(size, late=int(size > limit)), first))
    assert limit * (1 - 2 * CLOSE) - 1 <= most(found, "60") <= limit
    assert len(found) < 100


def test_one_late_frame_is_too_many_and_larger_crowds_do_not_make_good_for_it() -> None:
    found = [tried(1), tried(2), tried(4, late=1), tried(8), tried(16, "30")]
    assert most(found, "60") == 2
    assert most(found, "30") == 16
    assert most(found, "hot") == 0


def test_the_second_try_counts() -> None:
    lates = iter([1, 0, 1, 1])
    found = list(narrow(lambda size: tried(size, late=next(lates)), LARGEST))[:2]
    assert [each.late for each in found] == [1, 0]
    assert most(found, "60") == LARGEST
    assert most([*found, tried(7, late=1)], "60") == 0


def test_the_search_begins_where_the_curve_meets_the_frame() -> None:
    curve = [tried(1, "hot", median_us=100.0), tried(100, "hot", median_us=10_000.0)]
    assert guess(curve, 200.0) == 50
    assert guess(curve, 50.0) == 200
    assert guess(curve, 1e6) == 1
    assert guess([], 60.0) == 1
