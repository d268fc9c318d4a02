"""One map laid upon another: turned, mirrored, scaled and shifted, so that what people know stays where it was."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import orthogonal_procrustes

from engine.schema.frame import F32


class Similarity(NamedTuple):
    """`places @ turn + shift`; the turn (D, D) holds the scale, the shift is (D,)."""

    turn: F32
    shift: F32

    def of(self, places: F32) -> F32:
        """Places (N, D), moved."""
        found: F32 = (places @ self.turn + self.shift).astype(np.float32)
        return found


def procrustes(places: F32, to: F32) -> Similarity:
    """What brings places (N, D) nearest to others (N, D), by the mean square (Schoenemann 1966)."""
    here, there = places.mean(axis=0, dtype=np.float64), to.mean(axis=0, dtype=np.float64)
    own, wanted = places - here, to - there
    turn, strength = orthogonal_procrustes(own, wanted)
    scaled = turn * (strength / max(float(np.square(own).sum()), np.finfo(np.float32).tiny))
    return Similarity(scaled.astype(np.float32), (there - here @ scaled).astype(np.float32))
