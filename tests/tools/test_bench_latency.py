"""From what was sent and what came back to how soon it was seen."""

from itertools import accumulate

import pytest
from bench_latency import Arrival, Figures, Trial, answer, figures, fine

PERIOD = 1 / 30
DANCE = 0.02
"""Metres from frame to frame."""


def frames(*steps: float, first: int = 7) -> list[Arrival]:
    """Frames of a dancer that goes so far along x from each to the next."""
    places = accumulate(steps, initial=0.0)
    return [Arrival(first + number, number * PERIOD, x) for number, x in enumerate(places)]


def test_the_frame_that_carries_a_control_is_the_first_that_turns_its_way() -> None:
    heard = frames(DANCE, DANCE, DANCE + 0.13, DANCE + 0.13)
    trial = answer(heard, 2.5 * PERIOD, 1.0)
    assert trial == pytest.approx(Trial(0.5 * PERIOD, 0.5 * PERIOD, 0))
    assert answer(heard, 1.75 * PERIOD, 1.0) == pytest.approx(Trial(0.25 * PERIOD, 1.25 * PERIOD, 1))


def test_it_may_turn_back() -> None:
    heard = frames(0.13, 0.13, 0.13, -0.13, -0.13)
    assert answer(heard, 3.5 * PERIOD, -1.0) == pytest.approx(Trial(0.5 * PERIOD, 0.5 * PERIOD, 0))
    assert answer(heard, 3.5 * PERIOD, 1.0) is None


def test_a_dance_is_no_answer_and_neither_is_a_frame_that_was_there_before() -> None:
    assert answer(frames(DANCE, -DANCE, DANCE, DANCE), 0.5 * PERIOD, 1.0) is None
    assert answer(frames(0.0, 0.13, 0.13), 2.5 * PERIOD, 1.0) is None
    assert answer([], 0.0, 1.0) is None


def test_where_a_frame_is_missing_nothing_is_known() -> None:
    heard = frames(0.0, 0.0, 0.0, 0.13, 0.13)
    assert answer([*heard[:2], *heard[3:]], 2.5 * PERIOD, 1.0) is None


def test_controls_that_came_too_late_for_their_frame_are_not_counted() -> None:
    trials = [Trial(0.02, 0.02, 0), Trial(0.02, 0.053, 1), Trial(0.02, 0.087, 2), Trial(0.004, 0.037, 1)]
    found = figures(trials)
    assert (found.p50, found.p99) == pytest.approx((45.0, 86.0), abs=0.1)
    assert (found.counted, found.first, found.second) == (3, 0.3333, 0.6667)


def test_what_is_promised() -> None:
    good = {"steady": Figures(1, 1, 9, 0.0, 1.0), "latch": Figures(1, 1, 9, 0.99, 1.0)}
    assert fine(good)
    assert not fine({**good, "latch": Figures(1, 1, 9, 0.98, 1.0)})
    assert not fine({**good, "steady": Figures(1, 1, 9, 0.9, 0.99)})
