"""Ticks become nanoseconds in whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.midi.tempo import TempoMap
from engine.schema.errors import DataError


def test_without_a_tempo_a_minute_has_120_quarter_notes() -> None:
    assert TempoMap(480, (), "x").at(120 * 480) == 60 * 10**9


def test_of_two_tempi_at_one_tick_the_last_counts() -> None:
    found = TempoMap(1, [(5, 3), (0, 1_000_000), (5, 2_000_000)], "x")
    assert [found.at(tick) for tick in (0, 5, 6)] == [0, 5 * 10**9, 7 * 10**9]


@given(
    st.integers(1, 32767),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 0xFFFFFF)), max_size=20, unique_by=lambda each: each[0]),
    st.integers(0, 10**7),
)
def test_it_is_the_nearest_nanosecond_and_never_runs_back(
    division: int, changes: list[tuple[int, int]], tick: int
) -> None:
    exact, tempo, before = Fraction(0), 500_000, 0
    for at, following in sorted(changes):
        if at > tick:
            break
        exact += Fraction((at - before) * tempo * 1000, division)
        tempo, before = following, at
    exact += Fraction((tick - before) * tempo * 1000, division)
    found = TempoMap(division, changes, "x")
    assert abs(found.at(tick) - exact) <= Fraction(1, 2)
    assert found.at(tick) <= found.at(tick + 1)


@pytest.mark.parametrize(("frames", "second"), [(24, 24), (25, 25), (30, 30)])
def test_time_code_counts_frames(frames: int, second: int) -> None:
    division = (256 - frames) << 8 | 4
    assert TempoMap(division, [(0, 1)], "x").at(4 * second) == 10**9


@pytest.mark.parametrize("division", [0, 0xE700, 0xFE04, 0x8001])
def test_a_tick_that_lasts_nothing_is_refused(division: int) -> None:
    with pytest.raises(DataError, match="x: "):
        TempoMap(division, (), "x")
