"""The best linear guess from the inputs of a network of touch; a model carries it along."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.families import _touch
from export.data.piano import Piece
from export.metrics.velocity import F64, centred

LINEAR, LINEAR_LEVEL, LINEAR_HEARD = "linear", "linear_level", "linear_heard"
"""Arrays of a model: fitted to velocities as they are; with each piece's mean replaced by the training's; and where the
velocities before are heard."""


def fit(
    pieces: Sequence[Piece],
    shares: NDArray[np.float64],
    *,
    level_mean: float | None = None,
    heard: bool = False,
    penalty: float = 10.0,
) -> F64:
    """Ridge regression (F + 1,) from the inputs of the network to velocities; the last number is the constant.

    Args:
        pieces: to learn from.
        shares: (P,) how often each is chosen.
        level_mean: where it is given, each piece's own mean is replaced by it.
        heard: whether the velocities before are.
        penalty: on the squares of the weights.
    """
    width = _touch.FEATURES + 1
    products, targets = penalty * np.eye(width), np.zeros(width)
    for piece, share in zip(pieces, shares * len(shares), strict=True):
        x = np.concatenate([_inputs(piece, heard=heard), np.ones((len(piece), 1))], 1)
        y = (
            piece.velocities.astype(np.float64)
            if level_mean is None
            else centred(piece.velocities.astype(np.float64)) + level_mean
        )
        products += share * x.T @ x
        targets += share * x.T @ y
    return np.asarray(np.linalg.solve(products, targets))


def predict(weights: F64, piece: Piece, *, heard: bool = False) -> F64:
    """Velocities (N,) of a piece."""
    return np.asarray(_inputs(piece, heard=heard) @ weights[:-1] + weights[-1])


def _inputs(piece: Piece, *, heard: bool) -> F64:
    return _touch.features(piece.events, piece.velocities if heard else None).astype(np.float64)
