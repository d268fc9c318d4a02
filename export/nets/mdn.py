"""The mixture density head (Bishop 1994): K diagonal Gaussians over D dimensions. Sigma is a standard deviation."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

LOG_TWO_PI = math.log(2.0 * math.pi)


class MixtureHead(nn.Module):
    """Linear maps from a hidden state (..., H) to logits (..., K) and, per component, mu and raw sigma (..., K, 2 D).

    Sigma is squashed into `floor`..`cap`: without a floor a component shrinks onto a single training frame, and the
    held-out likelihood explodes; without a cap one outlier makes it useless.
    """

    def __init__(self, hidden: int, components: int, dims: int, *, floor: float, cap: float) -> None:
        super().__init__()
        self.components = components
        self.dims = dims
        self.floor = floor
        self.cap = cap
        self.pi = nn.Linear(hidden, components)
        self.rows = nn.Linear(hidden, components * 2 * dims)
        with torch.no_grad():
            self.rows.weight.mul_(0.3)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (..., K), mu (..., K, D) and sigma (..., K, D)."""
        rows = self.rows(hidden)
        rows = rows.reshape(*rows.shape[:-1], self.components, 2 * self.dims)
        return self.pi(hidden), rows[..., : self.dims], self.spread(rows[..., self.dims :])

    def spread(self, raw: Tensor) -> Tensor:
        """Raw outputs to standard deviations between floor and cap; starts near a fifth of the way."""
        return self.floor + (self.cap - self.floor) * torch.sigmoid(raw - 1.5)


def negative_log_likelihood(logits: Tensor, mu: Tensor, sigma: Tensor, target: Tensor) -> Tensor:
    """Nats per dimension (...,) of targets (..., D) under mixtures (..., K), (..., K, D), (..., K, D).

    A density may exceed 1, so this may be negative: it is as soon as the geometric mean of sigma is below
    1 / sqrt(2 pi e) = 0.242 units. That is no fault; how good a value is, only a baseline in the same units tells.
    """
    error = (target.unsqueeze(-2) - mu) / sigma
    dims = mu.shape[-1]
    density = -0.5 * error.square().sum(-1) - sigma.log().sum(-1) - 0.5 * dims * LOG_TWO_PI
    return -torch.logsumexp(functional.log_softmax(logits, -1) + density, -1) / dims
