"""A sheet of maps of a memory, seen flat or from two sides."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

from export.plots import path_panels
from export.plots.canvas import INK, figure, save
from export.plots.paths import KINDS, Kind, Paths

SIDE = 7.0
"""Inches of a map."""

HEAD = 0.5
"""Inches above the maps, for the title."""

ANGLES = ((22, -60), (22, 30))
"""Elevation and azimuth from which a map of three numbers is seen, degrees: from two sides at right angles."""


ZOOM = 1.15
"""By how much a box of three axes may be larger than Matplotlib draws it without leaving its place."""

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
            axes = empty(sheet, box, view)
            axes.set_title(KINDS[kind], fontsize=9, loc="left", color=INK)
            DRAW[kind](axes, paths)
    save(sheet, path)


def empty(sheet: Figure, box: tuple[float, float, float, float], view: tuple[int, int] | None) -> Axes:
    """An empty map of what a show sends, -1 to 1."""
    reach, ticks = (-1.04, 1.04), (-1, 0, 1)
    if view is None:
        axes = sheet.add_axes(box, xlim=reach, ylim=reach, aspect="equal")
    else:
        axes = Axes3D(sheet, box, xlim=reach, ylim=reach, zlim=reach, zticks=ticks)
        sheet.add_axes(axes)
        axes.view_init(*view)
        axes.set_box_aspect(None, zoom=ZOOM)
    axes.set(xticks=ticks, yticks=ticks)
    axes.tick_params(labelsize=7, color=INK)
    return axes
