"""Contact sheet of pictures: one row per film, as many moments of it as fit."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.schema.frame import U8
from export.plots.canvas import INK, figure, save

COLUMNS = 8

TILE = 1.3
"""Width in inches."""

MARGIN, HEAD, GAP = 1.5, 0.4, 0.05
"""Inches at the left for the names of the rows, above for the title, and between pictures."""


class Strip(NamedTuple):
    """Pictures (N, H, W) and what they are."""

    label: str
    pictures: U8


def sheet(strips: Sequence[Strip], path: Path, *, title: str) -> None:
    """Write a PNG; the moments of a row lie evenly over its film.

    Raises:
        ConfigError: the place cannot be written.
    """
    rows, columns = strips[0].pictures.shape[1:]
    high = TILE * rows / columns
    width, height = MARGIN + COLUMNS * (TILE + GAP), HEAD + len(strips) * (high + GAP) + GAP
    drawn = figure(width, height)
    drawn.text(0.1 / width, 1.0 - 0.2 / height, title, color=INK, fontsize=9, va="center")
    for row, strip in enumerate(strips):
        bottom = height - HEAD - (row + 1) * (high + GAP)
        drawn.text(0.1 / width, (bottom + high / 2) / height, strip.label, color=INK, fontsize=6.5, va="center")
        chosen = np.linspace(0, len(strip.pictures) - 1, COLUMNS).astype(np.int64)
        for column, picture in enumerate(strip.pictures[chosen]):
            left = MARGIN + column * (TILE + GAP)
            axes = drawn.add_axes((left / width, bottom / height, TILE / width, high / height))
            axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="bilinear", aspect="auto")
            axes.set_axis_off()
    save(drawn, path)
