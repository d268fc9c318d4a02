"""Deadlines never drift and never bunch up."""

import threading
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.clock import VirtualClock
from engine.runtime.ticker import SECOND, SLICE, Ticker, wait

RATES = st.sampled_from([0.5, 1, 23.976, 24, 29.97, 30, 59.94, 60, 120, 999.9, 1000])


@pytest.mark.parametrize(("fps", "frames", "seconds"), [(30, 108_000, 3600), (29.97, 2997, 100), (0.5, 1, 2)])
def test_a_deadline_is_exact_after_any_time(fps: float, frames: int, seconds: int) -> None:
    assert Ticker(fps, 17).deadline(frames) == 17 + seconds * SECOND


@given(RATES, st.integers(0, 10**8))
def test_a_deadline_is_off_by_less_than_a_nanosecond(fps: float, n: int) -> None:
    assert 0 <= Fraction(n * SECOND) / Fraction(str(fps)) - Ticker(fps).deadline(n) < 1


def test_milliseconds_are_those_of_the_deadline() -> None:
    assert [Ticker(30, 123).milliseconds(n) for n in range(4)] == [0, 33, 67, 100]


@given(RATES, st.integers(0, 10**6), st.integers(-(10**6), 10**11))
def test_the_following_frame_is_the_first_at_half_a_period(fps: float, n: int, late: int) -> None:
    ticker = Ticker(fps, 99)
    now = ticker.deadline(n) + late
    half = SECOND / fps / 2
    following = ticker.following(n, now)
    assert following > n
    assert ticker.deadline(following) - now >= half - 2
    assert following == n + 1 or ticker.deadline(following - 1) - now <= half + 2


def test_a_frame_on_time_is_followed_by_the_next() -> None:
    ticker = Ticker(30)
    assert ticker.following(7, ticker.deadline(7)) == 8


def test_a_frame_ten_periods_late_lets_ten_go() -> None:
    ticker = Ticker(30)
    assert ticker.following(7, ticker.deadline(17)) == 18


@pytest.mark.parametrize(("fps", "seconds", "frames"), [(30, 20, 600), (30, 0.01, 1), (29.97, 10, 300), (60, 0.5, 30)])
def test_frames_that_are_due_in_a_time(fps: float, seconds: float, frames: int) -> None:
    assert Ticker(fps).frames(seconds) == frames


def test_waiting_ends_at_the_deadline() -> None:
    clock = VirtualClock()
    assert wait(clock, 10 * SECOND, threading.Event())
    assert clock.now_ns() == 10 * SECOND


def test_waiting_ends_soon_after_the_stop() -> None:
    stop = threading.Event()

    class Stopping(VirtualClock):
        def sleep_until_ns(self, deadline: int) -> None:
            super().sleep_until_ns(deadline)
            if self.now_ns() >= SECOND:
                stop.set()

    clock = Stopping()
    assert not wait(clock, 100 * SECOND, stop)
    assert clock.now_ns() <= SECOND + SLICE
