"""How a body lies over the floor."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

Floats = NDArray[np.floating[Any]]


@kernel
def lowest(body: Floats) -> float:
    """Height of the lowest joint of a body (J, 3)."""
    least = float(body[0, 1])
    for joint in range(1, body.shape[0]):
        least = min(least, float(body[joint, 1]))
    return least


@kernel
def rise(body: F32, way: float) -> None:
    """Move a body (J, 3) up by metres."""
    for joint in range(body.shape[0]):
        body[joint, 1] += way


@kernel
def lift(body: F32) -> None:
    """Raise a body (J, 3) whose lowest joint is under the floor until it lies on it."""
    low = lowest(body)
    if low < 0.0:
        rise(body, -low)
