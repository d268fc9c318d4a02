"""Small bodies on a map: which poses lie where."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from engine.schema.frame import F32
from export.plots.canvas import INK

MOST = 14
"""Bodies on a map."""

TALL = 0.2
"""Height of a body of two metres, in the map's units."""

NEAREST = 0.16
"""Two bodies whose points are nearer than this would stand on each other."""


def place(axes: Axes, points: F32, bodies: F32) -> None:
    """Draw some of the (N, E, 2, 2) bodies of (N, 2) points beside their points."""
    for number in chosen(points):
        shape = np.nan_to_num(bodies[number], nan=0.0) * (TALL / 2)
        inside = np.clip(points[number], TALL / 2 - 1, 1 - TALL / 2)
        shape = shape - shape.reshape(-1, 2).mean(0) + inside
        for colour, width in (("white", 3.0), (INK, 1.0)):
            axes.add_collection(LineCollection(list(shape), colors=colour, linewidths=width, zorder=3, alpha=0.9))


def chosen(points: F32) -> list[int]:
    """Points far from each other: the one nearest to the middle, then always the one farthest from all so far."""
    first = int(np.argmin(np.linalg.norm(points - points.mean(0), axis=1)))
    found, apart = [first], np.linalg.norm(points - points[first], axis=1)
    while len(found) < MOST and apart.max() >= NEAREST:
        found.append(int(np.argmax(apart)))
        apart = np.minimum(apart, np.linalg.norm(points - points[found[-1]], axis=1))
    return found
