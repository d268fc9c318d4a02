"""What is measured of velocities along a piece, for a pianist and for whoever is held against it.

Every figure is in units of velocity, 0 to 127, and stands twice: as it is, and with each piece's mean taken from both
sides, as no score tells how loud its recording was. Errors are means over all notes, correlations over the pieces.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

BIN = 4
"""Velocities of a bin of the histograms."""

COUNTED = 0.5
"""What is added to each bin, so that an empty one has a logarithm."""


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """How far predictions are from what was played.

    Attributes:
        mae: mean absolute error.
        rmse: root of the mean square.
        mae_level: as `mae`, each piece's mean taken from both sides.
        rmse_level: likewise.
        r: correlation, the mean over the pieces; None where nothing varies.
        std: standard deviation of the prediction within a piece, as a share of the truth's; the mean over the pieces.
        least_std: the least standard deviation of a piece's prediction.
    """

    mae: float
    rmse: float
    mae_level: float
    rmse_level: float
    r: float | None
    std: float
    least_std: float


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How samples are spread beside what was played.

    Attributes:
        ratio: standard deviation of all samples over that of all velocities.
        kl: nats, from the histogram of velocities to that of samples.
        ratio_level: as `ratio`, each piece's mean taken from both sides.
        kl_level: likewise.
    """

    ratio: float
    kl: float
    ratio_level: float
    kl_level: float


def errors(truth: Sequence[F64], predicted: Sequence[F64]) -> Errors:
    """Hold predictions against the velocities of pieces."""
    gaps = np.concatenate([p - t for t, p in zip(truth, predicted, strict=True)])
    level = np.concatenate([centred(p) - centred(t) for t, p in zip(truth, predicted, strict=True)])
    related = [r for r in map(correlation, truth, predicted) if r is not None]
    stds = [float(p.std()) for p in predicted]
    shares = [std / max(float(t.std()), 1e-9) for t, std in zip(truth, stds, strict=True)]
    return Errors(
        mae=float(np.abs(gaps).mean()),
        rmse=float(np.sqrt(np.square(gaps).mean())),
        mae_level=float(np.abs(level).mean()),
        rmse_level=float(np.sqrt(np.square(level).mean())),
        r=float(np.mean(related)) if related else None,
        std=float(np.mean(shares)),
        least_std=min(stds),
    )


def correlation(truth: F64, predicted: F64) -> float | None:
    """Of one piece; None where one side is flat."""
    if min(truth.std(), predicted.std()) < 1e-6:
        return None
    return float(np.corrcoef(truth, predicted)[0, 1])


def spread(truth: Sequence[F64], sampled: Sequence[F64]) -> Spread:
    """Hold samples against the velocities of pieces."""
    played, drawn = np.concatenate(truth), np.concatenate(sampled)
    even, level = (np.concatenate([centred(piece) for piece in pieces]) for pieces in (truth, sampled))
    return Spread(
        ratio=float(drawn.std() / played.std()),
        kl=divergence(played, drawn),
        ratio_level=float(level.std() / even.std()),
        kl_level=divergence(even, level),
    )


def divergence(truth: F64, sampled: F64) -> float:
    """Nats from one histogram to the other, over bins of `BIN` velocities."""
    edges = np.arange(-128, 128 + BIN, BIN)
    p, q = (np.histogram(values, edges)[0] + COUNTED for values in (truth, sampled))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum(p * np.log(p / q)))


def centred(values: F64) -> F64:
    """Values less their mean."""
    return np.asarray(values - values.mean())
