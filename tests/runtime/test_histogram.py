"""Percentiles from buckets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.histogram import Histogram


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=300), st.floats(0.01, 1))
def test_a_percentile_is_exact_to_two_percent(durations: list[int], share: float) -> None:
    histogram = Histogram()
    for duration in durations:
        histogram.add(duration)
    rank = max(1, round(share * len(durations)))
    exact = sorted(durations)[rank - 1] * 1e-6
    assert histogram.percentile(share) == pytest.approx(exact, rel=0.02)


def test_nothing_has_no_duration() -> None:
    histogram = Histogram()
    assert histogram.percentile(0.99) == 0
    histogram.add(5)
    histogram.clear()
    assert (histogram.count, histogram.percentile(0.5)) == (0, 0)


def test_what_is_out_of_range_counts_at_the_ends() -> None:
    histogram = Histogram()
    histogram.add(-1)
    assert histogram.percentile(1) == 0
    histogram.add(10**30)
    assert histogram.percentile(1) > 3_600_000


def test_the_store_does_not_grow() -> None:
    histogram = Histogram()
    size = histogram._counts.nbytes
    for duration in np.geomspace(1, 1e13, 1000):
        histogram.add(int(duration))
    assert histogram._counts.nbytes == size
