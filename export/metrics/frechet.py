"""Whether a body moves like the recordings as a whole: the Fréchet distance between kinetic features of 2-s windows.

The features follow the kinetic set used for dance generation (Onuma et al. 2008; AIST++): for every joint the mean
horizontal and vertical kinetic energy per unit mass, and the mean length of its acceleration.
"""

from dataclasses import dataclass

import numpy as np

from export.metrics.dance import Floats, Motion, takes

WINDOW_S = 2.0
"""Length of a window, seconds."""

HOP_S = 1.0
"""Seconds from one window to the next."""

COMPONENTS = 8
"""Principal components kept: a covariance of 8 can be had from some 50 windows, one of 60 cannot."""

SMOKE = 50
"""Fewer windows than this make the distance a smoke test."""


def features(motion: Motion, fps: float) -> Floats:
    """Kinetic features (N, 3 J) of every window of a motion; takes shorter than a window give none."""
    width, hop = max(3, round(WINDOW_S * fps)), max(1, round(HOP_S * fps))
    recorded = takes(motion)
    rows = [
        _window(take[start : start + width], fps) for take in recorded for start in range(0, len(take) - width + 1, hop)
    ]
    return np.array(rows).reshape(len(rows), 3 * recorded[0].shape[1])


def _window(part: Floats, fps: float) -> Floats:
    velocity = np.diff(part, axis=0) * fps
    acceleration = np.linalg.norm(np.diff(velocity, axis=0) * fps, axis=-1)
    energy = 0.5 * np.square(velocity).mean(0)
    return np.concatenate([energy[:, 0] + energy[:, 2], energy[:, 1], acceleration.mean(0)])


@dataclass(frozen=True, eq=False, kw_only=True)
class KineticSpace:
    """Standardised principal axes of real motion, in which distances are taken.

    Attributes:
        mean: (3 J,) of the real features.
        scale: (3 J,) their standard deviation.
        axes: (3 J, up to 8) principal axes of the standardised features.
        real: (N, up to 8) the real windows themselves.
    """

    mean: Floats
    scale: Floats
    axes: Floats
    real: Floats

    @classmethod
    def of(cls, real: Floats) -> "KineticSpace":
        """The space of real features (N, 3 J)."""
        mean, scale = real.mean(0), real.std(0) + 1e-9
        standard = (real - mean) / scale
        axes = np.linalg.svd(standard, full_matrices=False)[2][:COMPONENTS].T
        return cls(mean=mean, scale=scale, axes=axes, real=standard @ axes)

    def distance(self, other: Floats) -> float:
        """Fréchet distance of features (M, 3 J) to the real ones; nan under 2 windows, or where one is no number."""
        if min(len(other), len(self.real)) < 2 or not np.isfinite(other).all():
            return float("nan")
        return gaussian_distance(((other - self.mean) / self.scale) @ self.axes, self.real)


def gaussian_distance(a: Floats, b: Floats) -> float:
    """Fréchet distance |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2) of the Gaussians fitted to a (N, D) and b (M, D).

    Dowson and Landau 1982. The trace of the root is that of (S1^1/2 S2 S1^1/2)^1/2, whose argument is symmetric.
    """
    first, second = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0)).sum()
    distance = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(first) + np.trace(second) - 2 * shared
    return max(0.0, float(distance))
