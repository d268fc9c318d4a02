"""Calibration on made-up logits whose truth is known."""

import numpy as np
import pytest
from scipy.special import softmax

from export.metrics.calibration import calibration_error, reliability, temperature

RNG = np.random.default_rng(3)
TRUE = RNG.standard_normal((4000, 5)) * 1.5
NUMBERS = np.array([RNG.choice(5, p=row) for row in softmax(TRUE, axis=1)])


def error(logits: np.ndarray) -> float:
    said = softmax(logits, axis=1)
    return calibration_error(said.max(1), said.argmax(1) == NUMBERS)


@pytest.mark.parametrize("factor", [3.0, 0.3])
def test_the_temperature_undoes_what_made_logits_too_sure_or_too_shy(factor: float) -> None:
    wrong = TRUE * factor
    found = temperature(wrong, NUMBERS)
    assert found == pytest.approx(factor, rel=0.1)
    assert error(wrong) > 0.1
    assert error(wrong / found) < 0.03


def test_errors_by_hand() -> None:
    certainty, right = np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, False, True, True])
    assert reliability(certainty, right) == [(0.55, 1.0, 2), (0.95, 0.5, 2)]
    assert calibration_error(certainty, right) == pytest.approx(0.45)


def test_nothing_is_not_wrong() -> None:
    assert calibration_error(np.zeros(0), np.zeros(0, np.bool_)) == 0.0


def test_certainty_at_the_ends_has_a_bin() -> None:
    assert reliability(np.array([0.0, 1.0]), np.array([False, True])) == [(0.0, 0.0, 1), (1.0, 1.0, 1)]
