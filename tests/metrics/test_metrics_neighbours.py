"""What is near what on a map, and how quietly one moves there."""

import numpy as np
import pytest
from remembering import walks

from export.metrics import neighbours
from export.metrics.neighbours import Ended


def flat(rows: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Rows that lie in a plane, and their places in it."""
    places = np.random.default_rng(2).normal(size=(rows, 2)).astype(np.float32)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(5, 2)))[0].T.astype(np.float32)
    return places @ turn, places


def test_a_plane_is_a_perfect_map() -> None:
    rows, places = flat()
    assert neighbours.trustworthiness(rows, places) == pytest.approx(1.0)
    assert neighbours.continuity(rows, places) == pytest.approx(1.0)


def test_a_map_that_says_nothing_is_not_trusted() -> None:
    rows, places = flat()
    shuffled = np.random.default_rng(4).permutation(places)
    assert 0.3 < neighbours.trustworthiness(rows, shuffled) < 0.7
    assert 0.3 < neighbours.continuity(rows, shuffled) < 0.7


def test_a_folded_map_keeps_what_was_near_but_cannot_be_trusted() -> None:
    rows, places = flat()
    folded = np.abs(places)
    assert neighbours.continuity(rows, folded) > neighbours.trustworthiness(rows, folded) + 0.05


def test_of_many_rows_some_are_taken_and_few_rows_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST", 50)
    rows, places = flat(120)
    assert neighbours.trustworthiness(rows, places) == pytest.approx(1.0)
    assert neighbours.trustworthiness(rows[:7], places[:7]) == pytest.approx(1.0)


def test_signs_are_told_by_the_places_where_known_ones_ended() -> None:
    draw = np.random.default_rng(5)
    middles = np.array([[0, 0], [5, 0], [0, 5]], np.float32)
    labels = [name for name in "abc" for _ in range(10)]
    around = np.repeat(middles, 10, axis=0)
    known = Ended(around + draw.normal(0, 0.3, around.shape).astype(np.float32), labels)
    held = Ended(around + draw.normal(0, 0.3, around.shape).astype(np.float32), labels)
    assert neighbours.recognised(known, held) == 1.0
    assert neighbours.recognised(known, Ended(held.places, labels[::-1])) == pytest.approx(1 / 3)


def test_a_span_is_not_stretched_by_a_stray_and_steps_do_not_cross_streams() -> None:
    line = np.stack([np.linspace(0, 10, 1001), np.zeros(1001)], 1).astype(np.float32)
    strayed = np.concatenate([line, np.full((1, 2), 1e6, np.float32)])
    assert neighbours.span(strayed) == pytest.approx(9.9, abs=0.05)
    assert neighbours.mean_step([line, line + 100], 10.0) == pytest.approx(0.001, rel=1e-3)


def test_how_far_places_moved_is_told_in_spans() -> None:
    rows = walks.sheet()[:, :2]
    assert neighbours.moved(rows + np.array([0.3, 0.4], np.float32), rows, 2.0) == pytest.approx(0.25, rel=1e-4)
