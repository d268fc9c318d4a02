"""Words beside points, without any two on each other."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from mpl_toolkits.mplot3d import Axes3D, proj3d
from numpy.typing import NDArray

from engine.schema.frame import F32

SIZE = 6.5
"""Points of the type."""

RINGS = (7.0, 12.0, 18.0, 26.0, 36.0, 48.0, 62.0)
"""Pixels from a point to the middle of its word, tried one after another."""

TURNS = 16
"""Directions that are tried in each ring."""

AIR = 1.0
"""Pixels around a word."""


def place(axes: Axes, points: F32, words: Sequence[str], colours: NDArray[np.float64]) -> int:
    """Write a word beside each of (n, D) points, and a line from it; words that find no room are left out.

    Returns:
        How many are written.
    """
    anchors = pixels(axes, points)
    halves = np.array([_half(axes, word) for word in words]) + AIR
    frame = axes.get_window_extent()
    edges = np.array([[frame.x0, frame.y0], [frame.x1, frame.y1]])
    found = spread(anchors, halves, edges)
    for word, anchor, centre, colour in zip(words, anchors, found, colours, strict=True):
        if centre is not None:
            line = {"arrowstyle": "-", "linewidth": 0.4, "color": colour, "shrinkA": 0, "shrinkB": 0}
            halo = [withStroke(linewidth=1.8, foreground="white")]
            look = {"path_effects": halo, "fontsize": SIZE, "color": colour, "arrowprops": line}
            look |= {"ha": "center", "va": "center"}
            axes.annotate(
                word, tuple(anchor), tuple(centre), "figure pixels", "figure pixels", annotation_clip=False, **look
            )
    return sum(centre is not None for centre in found)


def pixels(axes: Axes, points: F32) -> NDArray[np.float64]:
    """(n, 2) where points appear in the picture, pixels from its lower left corner."""
    axes.apply_aspect()
    if isinstance(axes, Axes3D):
        x, y, _ = proj3d.proj_transform(*points.T, axes.get_proj())
        points = np.stack([x, y], 1)
    return np.asarray(axes.transData.transform(points), np.float64)


def spread(
    anchors: NDArray[np.float64], halves: NDArray[np.float64], edges: NDArray[np.float64]
) -> list[NDArray[np.float64] | None]:
    """Middles of words, each as near to its anchor as those before have left room; None where none is left.

    Args:
        anchors: (n, 2) pixels.
        halves: (n, 2) half the width and half the height of each word.
        edges: (2, 2) lower left and upper right corner of where words may stand.
    """
    centre = anchors.mean(0)
    outermost = np.argsort(-np.linalg.norm(anchors - centre, axis=1), kind="stable")  # they have the most room
    found: list[NDArray[np.float64] | None] = [None] * len(anchors)
    taken: list[int] = []
    for number in outermost:
        outwards = np.arctan2(*(anchors[number] - centre)[::-1])
        for tried in _ways(outwards):
            middle = anchors[number] + tried * (1.0, 1.0) + np.sign(np.round(tried, 3)) * halves[number]
            if (middle - halves[number] < edges[0]).any() or (middle + halves[number] > edges[1]).any():
                continue
            others = np.array([found[one] for one in taken]).reshape(-1, 2)
            apart = np.abs(others - middle) >= halves[taken] + halves[number]
            if apart.any(1).all():
                found[number] = middle
                taken.append(int(number))
                break
    return found


def _ways(outwards: float) -> NDArray[np.float64]:
    """(n, 2) steps from a point to where its word may stand, nearest first, those that lead outwards before others."""
    turns = np.arange(TURNS)
    angles = outwards + np.where(turns % 2, 1, -1) * (turns + 1) // 2 * 2 * np.pi / TURNS
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    return np.concatenate([ring * circle for ring in RINGS])


def _half(axes: Axes, word: str) -> tuple[float, float]:
    """Half the width and half the height of a word, pixels."""
    text = axes.figure.text(0, 0, word, fontsize=SIZE)
    box = text.get_window_extent()
    text.remove()
    return box.width / 2, box.height / 2
