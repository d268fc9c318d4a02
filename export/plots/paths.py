"""The maps of a memory that people look at: where a model goes while it hears signs, or while it dances."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.schema.frame import F32
from export.plots import path_panels
from export.plots.canvas import INK, figure, save

Kind = Literal["time", "last", "hands", "errors"]

KINDS: Mapping[Kind, str] = {
    "time": "every step, by the time since its path began",
    "last": "where each path ends, one colour for each sign",
    "hands": "signs of one hand and of two",
    "errors": "where each path ends, and what was taken for another sign",
}
"""What there is to see, and what is written above it."""

SIDE = 7.0
"""Inches of a map."""

HEAD = 0.5
"""Inches above the maps, for the title."""

ANGLES = ((22, -60), (22, 30))
"""Elevation and azimuth from which a map of three numbers is seen, degrees: from two sides at right angles."""


ZOOM = 1.15
"""By how much a box of three axes may be larger than Matplotlib draws it without leaving its place."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Paths:
    """Paths of a memory, one after another.

    Attributes:
        points: (N, D) of all steps, D 2 or 3, -1 to 1: what a show sends.
        lengths: (G,) steps of each path; their sum is N.
        labels: what was shown to the model in each: a sign, a piece, a seed.
        sessions: where each comes from.
        splits: `train`, `validation` or `test`; empty where nothing was learned from it nor kept from learning.
        fps: steps per second.
        right: (G,) whether the model said in the end what was shown; None where it says nothing.
        hands: (G,) how many hands move, 1 or 2; None where there are no hands.
        bodies: (N, E, 2, 2) metres, the bones of a body at each step, seen from the front and centred on its root.
    """

    points: F32
    lengths: NDArray[np.int64]
    labels: tuple[str, ...]
    sessions: tuple[str, ...]
    splits: tuple[str, ...]
    fps: float
    right: NDArray[np.bool_] | None = None
    hands: NDArray[np.int64] | None = None
    bodies: F32 | None = None

    @property
    def starts(self) -> NDArray[np.int64]:
        """(G,) the first step of each path."""
        return np.asarray(np.cumsum(self.lengths) - self.lengths, np.int64)

    @property
    def ends(self) -> F32:
        """(G, D) the last point of each path."""
        return self.points[np.cumsum(self.lengths) - 1]

    @property
    def steps(self) -> NDArray[np.int64]:
        """(N,) how many steps of its path came before each."""
        return np.arange(len(self.points)) - np.repeat(self.starts, self.lengths)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What there is to see of them."""
        there = {"time": True, "last": self.right is not None}
        there |= {"hands": self.hands is not None, "errors": self.right is not None}
        return tuple(kind for kind in KINDS if there[kind])


DRAW: Mapping[Kind, Callable[[Axes, Paths], None]] = {
    "time": path_panels.time,
    "last": path_panels.last,
    "hands": path_panels.hands,
    "errors": path_panels.errors,
}


def draw(paths: Paths, path: Path, kinds: Sequence[Kind], *, title: str) -> None:
    """Write a PNG with a map for each kind; three numbers are seen from two sides.

    Raises:
        ConfigError: the place cannot be written.
    """
    views = ANGLES if paths.points.shape[1] == 3 else (None,)
    columns = min(len(kinds), 2) * len(views)
    rows = -(-len(kinds) // 2)
    width, height = columns * SIDE, rows * SIDE + HEAD
    sheet = figure(width, height)
    sheet.text(0.2 / width, 1 - 0.25 / height, title, fontsize=11, va="center", color=INK)
    for number, kind in enumerate(kinds):
        for side, view in enumerate(views):
            row, column = number // 2, number % 2 * len(views) + side
            left, bottom = column * SIDE, height - HEAD - (row + 1) * SIDE
            box = ((left + 0.3) / width, (bottom + 0.25) / height, (SIDE - 0.6) / width, (SIDE - 0.6) / height)
            axes = _axes(sheet, box, view)
            axes.set_title(KINDS[kind], fontsize=9, loc="left", color=INK)
            DRAW[kind](axes, paths)
    save(sheet, path)


def _axes(sheet: Figure, box: tuple[float, float, float, float], view: tuple[int, int] | None) -> Axes:
    """An empty map of what a show sends, -1 to 1."""
    reach = (-1.04, 1.04)
    if view is None:
        axes = sheet.add_axes(box, xlim=reach, ylim=reach, aspect="equal")
    else:
        axes = sheet.add_axes(box, projection="3d", xlim=reach, ylim=reach, zlim=reach)
        axes.view_init(*view)
        axes.set_box_aspect(None, zoom=ZOOM)
        axes.zaxis.set_ticks((-1, 0, 1))
    axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.tick_params(labelsize=7, color=INK)
    return axes
