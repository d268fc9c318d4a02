"""Rounded shapes as polygons, and how they come into a picture: smooth edges, places finer than a pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from export.drawing.palette import Colour

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
Picture = NDArray[np.uint8]

FINE = 4
"""Bits of a pixel: OpenCV takes places as whole sixteenths."""

ARC = np.linspace(0.0, 1.0, 13)
"""Points along each end of a stroke: at 40 pixels' radius within a third of one."""


def strokes(starts: F64, ends: F64, thick: F64, thin: F64) -> F64:
    """Outlines (N, 26, 2) of tapered strokes with round ends.

    Args:
        starts: (N, 2) pixels.
        ends: (N, 2).
        thick: (N,) radii at the starts, pixels.
        thin: (N,) radii at the ends.
    """
    along = ends - starts
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    turn = np.arctan2(along[:, 1], along[:, 0])
    lean = np.arccos(np.clip((thick - thin) / length, -1.0, 1.0))  # from the axis to where the sides touch both ends
    front = turn[:, None] + lean[:, None] * (2 * ARC - 1)
    back = turn[:, None] + lean[:, None] + (2 * np.pi - 2 * lean)[:, None] * ARC
    return np.concatenate([_arc(ends, thin, front), _arc(starts, thick, back)], 1)


def _arc(middles: F64, radii: F64, angles: F64) -> F64:
    found: F64 = middles[:, None] + radii[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], -1)
    return found


def fine(points: F64) -> I32:
    """Places as OpenCV takes them; what is far outside every picture stays within its numbers."""
    return np.rint(np.clip(points - 0.5, -30000.0, 30000.0) * (1 << FINE)).astype(np.int32)


def fill(picture: Picture, outline: I32, colour: Colour) -> None:
    """Fill one convex outline (N, 2)."""
    cv2.fillConvexPoly(picture, outline, colour, cv2.LINE_AA, FINE)


def hull(outline: I32) -> I32:
    """The convex hull (M, 2) of points (N, 2)."""
    return np.asarray(cv2.convexHull(outline)[:, 0], np.int32)


def box(points: F64, margin: float, size: tuple[int, int]) -> tuple[slice, slice] | None:
    """Rows and columns of a picture that hold all points (N, 2) and a margin, pixels; None: all are outside."""
    low = np.floor(points.min(0) - margin)
    high = np.ceil(points.max(0) + margin)
    left, top = np.clip(low, 0, size).astype(int).tolist()
    right, bottom = np.clip(high, 0, size).astype(int).tolist()
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None
