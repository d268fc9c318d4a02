"""How early a frame is begun."""

import pytest

from engine.runtime.lead import ENOUGH, LEAST_NS, MARGIN_NS, Lead

MS = 1_000_000


def learnt(*took: int, fps: float = 30) -> Lead:
    lead = Lead(fps)
    for each in took:
        lead.add(each)
    return lead


def test_before_anything_is_known_it_is_the_least() -> None:
    assert learnt().ns == learnt(0).ns == LEAST_NS


def test_at_first_it_is_twice_the_longest() -> None:
    assert learnt(3 * MS, 5 * MS, 2 * MS).ns == 10 * MS


def test_it_is_never_so_early_that_the_last_frame_is_hardly_sent() -> None:
    assert learnt(30 * MS).ns == pytest.approx(0.8 * 1000 / 30 * MS)
    assert learnt(*[9 * MS] * 300, fps=100).ns == 8 * MS


def test_later_it_is_the_percentile_and_a_margin() -> None:
    assert learnt(*[MS] * ENOUGH).ns == MS + MARGIN_NS
    assert learnt(*[8 * MS] * ENOUGH).ns == 10 * MS


def test_the_first_frame_is_forgotten_at_once_and_a_single_one_says_nothing() -> None:
    assert learnt(300 * MS, *[MS] * (ENOUGH - 1)).ns == 2 * MS
    assert learnt(*[MS] * 200, 7 * MS).ns == 2 * MS


def test_two_in_short_time_count_at_once_until_the_next_look() -> None:
    assert learnt(*[MS] * 200, 7 * MS, MS, MS, 8 * MS).ns == 8.75 * MS
    assert learnt(*[MS] * 200, 7 * MS, MS, MS, 8 * MS, *[MS] * 20).ns == 2 * MS
    assert learnt(*[MS] * 200, 7 * MS, *[MS] * 8, 8 * MS).ns == 2 * MS


def test_what_lasts_stays_and_is_forgotten_after_ten_seconds() -> None:
    busy = [*[MS] * 300, *[6 * MS] * 30]
    assert learnt(*busy, *[MS] * 250).ns == 7.5 * MS
    assert learnt(*busy, *[MS] * 330).ns == 2 * MS


def test_two_streams_are_begun_twice_as_early_within_the_same_bound() -> None:
    assert learnt(*[MS] * ENOUGH).twice == 4 * MS
    assert learnt(30 * MS).twice == learnt(30 * MS).ns
