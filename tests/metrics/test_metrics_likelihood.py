"""Likelihoods against scipy, and the baselines against what is known of them."""

import numpy as np
import pytest
from scipy.special import log_softmax, logsumexp
from scipy.stats import norm

from export.metrics import likelihood

HALF_LOG_2PI_E = 0.5 * np.log(2 * np.pi * np.e)


def test_a_mixture_has_the_density_that_scipy_gives_it() -> None:
    rng = np.random.default_rng(0)
    values, logits, mu = rng.normal(size=(7, 3)), 3 * rng.normal(size=(7, 4)), rng.normal(size=(7, 4, 3))
    sigma = np.exp(rng.normal(size=(7, 4, 3)))
    parts = norm.logpdf(values[:, None], mu, sigma).sum(-1) + log_softmax(logits, -1)
    expected = -logsumexp(parts, -1) / 3
    assert np.allclose(likelihood.mixture_nll(values, logits, mu, sigma), expected, atol=1e-6)


def test_sigma_is_a_standard_deviation_not_a_variance() -> None:
    got = likelihood.mixture_nll(np.array([[2.0]]), np.zeros((1, 1)), np.zeros((1, 1, 1)), np.full((1, 1, 1), 2.0))
    assert got[0] == pytest.approx(-norm.logpdf(2.0, 0, 2.0))


def test_a_far_value_is_unlikely_but_finite() -> None:
    got = likelihood.mixture_nll(np.array([[1e3]]), np.zeros((1, 2)), np.zeros((1, 2, 1)), np.full((1, 2, 1), 1e-2))
    assert np.isfinite(got[0])
    assert got[0] > 1e9


def test_a_narrow_density_has_a_negative_nll() -> None:
    got = likelihood.mixture_nll(np.zeros((1, 2)), np.zeros((1, 1)), np.zeros((1, 1, 2)), np.full((1, 1, 2), 0.01))
    assert got[0] < -3


def test_copy_last_on_white_deltas_reaches_their_entropy() -> None:
    rng = np.random.default_rng(1)
    scale = np.array([0.01, 1.0, 5.0])
    train, test = [rng.normal(0, scale, (20000, 3))], [rng.normal(0, scale, (5000, 3)) for _ in range(2)]
    assert likelihood.CopyLast.fit(train).nll(test) == pytest.approx(HALF_LOG_2PI_E + np.log(scale).mean(), abs=0.01)


def test_constant_velocity_beats_copy_last_on_smooth_motion_only() -> None:
    rng = np.random.default_rng(2)
    smooth = [rng.normal(0, 0.01, (4000, 2)).cumsum(0) for _ in range(2)]
    white = [rng.normal(0, 0.01, (4000, 2)) for _ in range(2)]
    for deltas, better in ((smooth, True), (white, False)):
        still, steady = likelihood.CopyLast.fit(deltas[:1]), likelihood.ConstantVelocity.fit(deltas[:1])
        assert (steady.nll(deltas[1:]) < still.nll(deltas[1:])) is better


def test_clips_are_not_joined() -> None:
    jump = [np.full((50, 1), -9.0), np.full((50, 1), 9.0)]
    assert likelihood.ConstantVelocity.fit(jump).sigma == pytest.approx([likelihood.FLOOR])
