"""The mixture density head and its likelihood."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp
from scipy.stats import norm

from export.metrics.likelihood import mixture_nll
from export.nets.mdn import MixtureHead, negative_log_likelihood

K, D = 5, 7


def mixture(frames: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits, mu, sigma and targets in float64."""
    draw = np.random.default_rng(seed)
    return (
        torch.from_numpy(draw.normal(0, 2, (frames, K))),
        torch.from_numpy(draw.normal(0, 1, (frames, K, D))),
        torch.from_numpy(draw.uniform(0.02, 2.0, (frames, K, D))),
        torch.from_numpy(draw.normal(0, 1, (frames, D))),
    )


def test_the_likelihood_is_that_of_a_known_mixture() -> None:
    logits, mu, sigma, target = mixture(50, 0)
    found = negative_log_likelihood(logits, mu, sigma, target).numpy()
    parts = norm.logpdf(target.numpy()[:, None], mu.numpy(), sigma.numpy()).sum(-1)
    expected = -logsumexp(log_softmax(logits.numpy(), axis=-1) + parts, axis=-1) / D
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found, mixture_nll(target.numpy(), logits.numpy(), mu.numpy(), sigma.numpy()), atol=1e-9)


def test_leading_axes_are_kept() -> None:
    parts = [part.reshape(3, 4, *part.shape[1:]) for part in mixture(12, 1)]
    assert negative_log_likelihood(*parts).shape == (3, 4)
    np.testing.assert_array_equal(negative_log_likelihood(*parts).reshape(-1), negative_log_likelihood(*mixture(12, 1)))


def test_a_narrow_density_gives_a_negative_loss_and_that_is_right() -> None:
    logits, mu = torch.zeros(1, 1), torch.zeros(1, 1, D)
    losses = [
        float(negative_log_likelihood(logits, mu, torch.full((1, 1, D), sigma), torch.zeros(1, D)))
        for sigma in (0.1, 0.398, 0.3995, 1.0)
    ]
    assert losses[0] < losses[1] < 0 < losses[2] < losses[3]  # the border is at 1 / sqrt(2 pi) on the mean itself


def test_at_the_expected_distance_the_border_is_a_sigma_of_0_242() -> None:
    for sigma, sign in ((0.2415, -1), (0.2425, 1)):
        spread = torch.full((1, 1, D), sigma)
        loss = negative_log_likelihood(torch.zeros(1, 1), torch.zeros(1, 1, D), spread, torch.full((1, D), sigma))
        assert np.sign(float(loss)) == sign


def test_a_sigma_taken_for_a_variance_would_be_noticed() -> None:
    logits, mu, sigma, target = mixture(50, 2)
    right = negative_log_likelihood(logits, mu, sigma, target).mean()
    wrong = negative_log_likelihood(logits, mu, sigma.sqrt(), target).mean()
    assert abs(float(right - wrong)) > 0.1


def test_far_targets_give_numbers() -> None:
    logits, mu, sigma, _ = mixture(4, 3)
    found = negative_log_likelihood(logits.float(), mu.float(), sigma.float(), torch.full((4, D), 1e4))
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("size", [0.0, 1.0, 1e3, 1e6])
@torch.no_grad()
def test_sigma_stays_between_floor_and_cap(size: float) -> None:
    torch.manual_seed(0)
    head = MixtureHead(8, K, D, floor=0.05, cap=2.0)
    logits, mu, sigma = head(size * torch.randn(100, 8))
    assert logits.shape == (100, K)
    assert mu.shape == sigma.shape == (100, K, D)
    assert float(sigma.min()) >= 0.05
    assert float(sigma.max()) <= 2.0
    assert float(head.spread(torch.tensor(0.0))) == pytest.approx(0.4, abs=0.02)
