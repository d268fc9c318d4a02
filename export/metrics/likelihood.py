"""How likely held-out motion is: negative log-likelihood in nats per dimension, of mixtures and of what must be beaten.

A density has units, so every model is asked about the same numbers: the change from one frame to the next in metres
and radians. A negative value is no mistake: where a density is narrower than a unit it is larger than 1.
Deltas come as arrays (T, D), one per clip; nothing is predicted across the border of two clips.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from export.metrics.dance import Floats

LOG_2PI = float(np.log(2 * np.pi))

FLOOR = 1e-6
"""Smallest standard deviation: a dimension that never moves in training keeps a finite density."""


def gaussian_nll(residual: Floats, sigma: Floats) -> Floats:
    """-log N(residual; 0, sigma) in nats, elementwise; `sigma` is a standard deviation and is broadcast."""
    result: Floats = 0.5 * (LOG_2PI + np.square(residual / sigma)) + np.log(sigma)
    return result


def mixture_nll(values: Floats, logits: Floats, mu: Floats, sigma: Floats) -> Floats:
    """-log of a mixture of diagonal Gaussians, nats per dimension, for every frame.

    Args:
        values: (T, D) what came.
        logits: (T, K) weights of the components before the softmax.
        mu: (T, K, D) means.
        sigma: (T, K, D) standard deviations.

    Returns:
        (T,) float64.
    """
    weights = np.asarray(logits, np.float64)
    weights = weights - _log_sum_exp(weights)[:, None]
    parts = gaussian_nll(np.asarray(values, np.float64)[:, None] - mu, np.asarray(sigma, np.float64)).sum(-1)
    result: Floats = -_log_sum_exp(weights - parts) / values.shape[-1]
    return result


def _log_sum_exp(values: Floats) -> Floats:
    top = values.max(-1)
    result: Floats = top + np.log(np.exp(values - top[..., None]).sum(-1))
    return result


@dataclass(frozen=True, eq=False)
class CopyLast:
    """The frame is repeated: a delta is Gaussian around nothing, with the spread (D,) that it has in training."""

    sigma: Floats

    @classmethod
    def fit(cls, deltas: Sequence[Floats]) -> "CopyLast":
        """Learn the spread from training clips (T, D)."""
        return cls(_spread(np.concatenate(deltas)))

    def nll(self, deltas: Sequence[Floats]) -> float:
        """Mean over frames and dimensions of held-out clips, nats."""
        return float(gaussian_nll(np.concatenate(deltas).astype(np.float64), self.sigma).mean())


@dataclass(frozen=True, eq=False)
class ConstantVelocity:
    """The last delta is repeated: its change is Gaussian, with the spread (D,) that it has in training."""

    sigma: Floats

    @classmethod
    def fit(cls, deltas: Sequence[Floats]) -> "ConstantVelocity":
        """Learn the spread from training clips (T, D)."""
        return cls(_spread(_changes(deltas)))

    def nll(self, deltas: Sequence[Floats]) -> float:
        """Mean over frames, from each clip's second delta on, and dimensions of held-out clips, nats."""
        return float(gaussian_nll(_changes(deltas), self.sigma).mean())


def _changes(deltas: Sequence[Floats]) -> Floats:
    return np.concatenate([np.diff(np.asarray(clip, np.float64), axis=0) for clip in deltas])


def _spread(residual: Floats) -> Floats:
    """Root mean square (D,): the standard deviation around nothing."""
    spread: Floats = np.maximum(np.sqrt(np.square(residual.astype(np.float64)).mean(0)), FLOOR)
    return spread
