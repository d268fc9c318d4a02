"""How far certainty can be believed: expected calibration error, and the temperature that makes it least wrong."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BINS = 10
"""Of certainty, all as wide as each other."""

WIDEST = np.log(20.0)
"""Temperatures from 1/20 to 20: beyond, every probability is 0, 1 or 1/C anyway."""


def temperature(logits: NDArray[np.floating], numbers: I64) -> float:
    """The temperature (Guo et al. 2017) at which right classes `numbers` (N,) are likeliest, of logits (N, C).

    One sign more is counted that could be any class alike, by the rule of succession: where no mistake was made, the
    temperature would else fall to its bound, and every probability become 0 or 1.
    """
    right = np.arange(len(numbers))

    def nats(log: float) -> float:
        found = log_softmax(logits.astype(np.float64) / np.exp(log), axis=1)
        return -float(found[right, numbers].sum() + found.mean()) / (len(numbers) + 1)

    return float(np.exp(minimize_scalar(nats, bounds=(-WIDEST, WIDEST), method="bounded").x))


def reliability(certainty: F64, right: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """For each bin that holds a sign: mean certainty, share that was right, how many signs.

    Args:
        certainty: (N,) probability of the likeliest class.
        right: (N,) whether it was that one.
    """
    bins = np.clip(np.ceil(certainty * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return [
        (float(certainty[bins == one].mean()), float(right[bins == one].mean()), int((bins == one).sum()))
        for one in np.unique(bins)
    ]


def calibration_error(certainty: F64, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: by how much certainty and share of right signs differ, the mean over signs."""
    if not len(right):
        return 0.0
    return sum(abs(sure - share) * count for sure, share, count in reliability(certainty, right)) / len(right)
