"""What models foresee beside what came, and the trails that digits leave."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from engine.schema.frame import F32
from export.metrics import moving
from export.plots.canvas import INK, figure, save

TILE = 0.95
"""Inches of a side of a picture."""

COPIED = "copy last"
"""The row that has no trail of its own to show: it stands still."""


def draw(rows: Mapping[str, F32], corners: NDArray[np.int64], path: Path, *, title: str) -> None:
    """A contact sheet of one sequence and, below, the mean trail of all of them.

    Args:
        rows: pictures (N, S, H, W) by their names, the truth first.
        corners: (N, 2, T, 2) of the digits.
        path: of the PNG.
        title: above it.

    Raises:
        ConfigError: the place cannot be written.
    """
    shown = _typical(rows)
    length = next(iter(rows.values())).shape[1]
    maps = {name: moving.trails(pictures, corners) for name, pictures in rows.items() if name != COPIED}
    height = (len(rows) + 2.9) * TILE
    sheet = figure(1.5 + length * TILE, height)
    sheet.suptitle(
        f"{title}: foreseen alone after ten that were given; below, the mean around a digit that moves to the right",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    ratios = (len(rows) * TILE + 0.35, height - len(rows) * TILE - 0.35)
    upper, lower = sheet.subfigures(2, 1, squeeze=False, height_ratios=ratios)[:, 0]
    upper.subplots_adjust(left=1.4 / (1.5 + length * TILE), right=0.995, top=0.9, bottom=0.01, wspace=0.04, hspace=0.04)
    grid = upper.subplots(len(rows), length, squeeze=False)
    for axes, (name, pictures) in zip(grid, rows.items(), strict=True):
        axes[0].set_ylabel(textwrap.fill(name, 16), rotation=0, ha="right", va="center", fontsize=8, color=INK)
        for panel, picture in zip(axes, pictures[shown], strict=True):
            _picture(panel, picture, "gray")
    lower.subplots_adjust(left=0.02, right=0.99, top=0.84, bottom=0.02, wspace=0.06)
    brightest = max(1e-6, *(float(one.max()) for one in maps.values()))  # few sequences may have no digit to itself
    for panel, (name, one) in zip(lower.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True):
        _picture(panel, one / brightest, "inferno")
        panel.set_title(textwrap.fill(name, 30), fontsize=8, color=INK)
    save(sheet, path)


def _picture(axes: Axes, picture: F32, colours: str) -> None:
    axes.imshow(picture, cmap=colours, vmin=0.0, vmax=1.0, interpolation="nearest")
    axes.set(xticks=[], yticks=[])


def _typical(rows: Mapping[str, F32]) -> int:
    """The sequence whose error in the last row is in the middle of all."""
    truth, *_, ours = rows.values()
    errors = np.square(truth - ours).sum((1, 2, 3))
    return int(np.argsort(errors)[len(errors) // 2])
