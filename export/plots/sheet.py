"""Contact sheet: one row per motion, one stick figure per moment, seen from the front and centred on the root.

The camera stands on +Z, so the dancer's left, +X at heading 0, is on the right of the picture. Left limbs are red,
right ones blue, the spine is black, the grey line is the floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from engine.schema.skeleton import Skeleton
from export.data.pairs import pairs
from export.metrics.dance import Floats
from export.plots.canvas import BLUE, FAINT, INK, RED, figure, save

COLUMNS = 12

TILE = 1.15
"""Width in inches."""

MARGIN = 1.35
"""Inches at the left for the names of the rows."""

REACH = 0.98
"""Metres shown to either side of the root: an arm and a step."""

UNDER = 0.12
"""Metres shown below the floor."""

OVER = 2.0
"""Metres shown above it: a raised hand."""

HEIGHT = TILE * (UNDER + OVER) / (2 * REACH)
"""Inches."""

GAP = 0.2
"""Inches between rows, for the times."""

HEAD = 0.5
"""Inches above the first row, for the title and its times."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """A motion to be drawn.

    Attributes:
        label: what it is.
        positions: (T, J, 3) metres, Y up.
        fps: frames per second.
        skeleton: the body.
    """

    label: str
    positions: Floats
    fps: float
    skeleton: Skeleton


def contact_sheet(rows: Sequence[Row], path: Path, *, title: str = "", columns: int = COLUMNS) -> None:
    """Draw `columns` moments of every row, evenly spread over its length, and write a PNG."""
    width, height = MARGIN + columns * TILE, (HEIGHT + GAP) * len(rows) + HEAD
    sheet = figure(width, height)
    sheet.text(0.12 / width, 1 - 0.16 / height, title, fontsize=10, va="center", color=INK)
    for line, row in enumerate(rows):
        bottom = height - HEAD - line * (HEIGHT + GAP) - HEIGHT
        sheet.text(0.12 / width, (bottom + HEIGHT / 2) / height, row.label, fontsize=8, va="center", color=INK)
        for column, frame in enumerate(moments(len(row.positions), columns)):
            left = MARGIN + column * TILE
            box = (left / width, bottom / height, 0.96 * TILE / width, 0.96 * HEIGHT / height)
            _tile(sheet.add_axes(box), row, frame)
    save(sheet, path)


def moments(frames: int, columns: int) -> list[int]:
    """Frames from the first to the last at even distances, fewer where there are not as many."""
    return sorted({round(moment) for moment in np.linspace(0, frames - 1, columns)})


def clock(seconds: float, length: float) -> str:
    """A moment of a motion: tenths of a second where that lasts less than two minutes, else minutes and seconds."""
    return f"{seconds:.1f} s" if length < 120 else f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def colours(skeleton: Skeleton) -> list[str]:
    """The colour of every bone, by the side of the joint at its end."""
    sides = {joint: colour for pair in pairs(skeleton.names) for joint, colour in zip(pair, (RED, BLUE), strict=True)}
    return [sides.get(child, INK) for _, child in skeleton.edges]


def _tile(axes: Axes, row: Row, frame: int) -> None:
    body = np.nan_to_num(np.asarray(row.positions[frame], np.float64), nan=0.0, posinf=1e3, neginf=-1e3)
    body[:, [0, 2]] -= body[row.skeleton.root, [0, 2]]
    segments = [body[list(edge), :2] for edge in row.skeleton.edges]
    axes.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    axes.add_collection(LineCollection(segments, colors=colours(row.skeleton), linewidths=1.4, capstyle="round"))
    moment = clock(frame / row.fps, len(row.positions) / row.fps)
    axes.set_title(moment, fontsize=6.5, pad=1.5, color=INK)
    axes.set(xlim=(-REACH, REACH), ylim=(-UNDER, OVER), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set(color=FAINT, linewidth=0.6)
