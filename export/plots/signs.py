"""How signs are recognised: what is taken for what, how early, and whether certainty can be believed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from export.metrics.calibration import F64, calibration_error, reliability
from export.plots.canvas import BLUE, FAINT, GREEN, INK, ORANGE, RED, figure, save

FEW = 30
"""Classes whose names are all written beside a matrix; of more, every n-th."""

LOW = 0.1
"""Shares of a reliability below which a number stands above its dot, not on the axis."""

COLOURS = (BLUE, ORANGE, GREEN, RED)


def draw(
    labels: Sequence[str],
    confusion: NDArray[np.int64],
    curves: Mapping[str, Mapping[float, float]],
    sure: tuple[F64, NDArray[np.bool_]],
    path: Path,
    *,
    title: str,
) -> None:
    """Three panels.

    Args:
        labels: of the classes.
        confusion: (C, C) counts, signs by row.
        curves: of each candidate, share of a sign that was heard (0-1) and share that was right.
        sure: certainty (N,) at the end of each sign, and whether it was right.
        path: of the PNG.
        title: above it.

    Raises:
        ConfigError: the place cannot be written.
    """
    sheet = figure(17.0, 7.4)
    sheet.suptitle(title, x=0.01, ha="left", fontsize=10)
    left, middle, right = sheet.subplots(1, 3, width_ratios=(1.5, 1, 1))
    _matrix(left, labels, confusion)
    _curves(middle, curves)
    _reliability(right, *sure)
    sheet.subplots_adjust(left=0.075, right=0.99, top=0.9, bottom=0.17, wspace=0.18)
    save(sheet, path)


def _matrix(axes: Axes, labels: Sequence[str], confusion: NDArray[np.int64]) -> None:
    """Shares of each sign, so that a rare one counts as much."""
    shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0.0, vmax=1.0, interpolation="nearest")
    rows, columns = np.nonzero(confusion - np.diag(np.diag(confusion)))
    axes.scatter(columns, rows, s=14, facecolors="none", edgecolors=RED, linewidths=0.9)
    every = range(0, len(labels), -(-len(labels) // FEW))
    names = [labels[index] for index in every]
    axes.set_xticks(every, names, rotation=90, fontsize=6)
    axes.set_yticks(every, names, fontsize=6)
    axes.set(xlabel="taken for", ylabel="sign")
    axes.set_title("whole signs; mistakes are circled", fontsize=9, color=INK)


def _curves(axes: Axes, curves: Mapping[str, Mapping[float, float]]) -> None:
    for number, (name, curve) in enumerate(curves.items()):
        shares, found = np.array(list(curve)), np.array(list(curve.values()))
        axes.plot(100 * shares, 100 * found, ".-", color=COLOURS[number % len(COLOURS)], linewidth=1.6, label=name)
    axes.set(xlim=(0, 102), ylim=(0, 102), xlabel="% of the sign that was heard", ylabel="% right")
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(frameon=False, fontsize=8, loc="best")
    axes.set_title("how early a sign is recognised", fontsize=9, color=INK)


def _reliability(axes: Axes, certainty: F64, right: NDArray[np.bool_]) -> None:
    found = reliability(certainty, right)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    sizes = [12 + 260 * count / len(right) for _, _, count in found]
    axes.scatter([sure for sure, _, _ in found], [share for _, share, _ in found], s=sizes, color=BLUE, zorder=3)
    for sure, share, count in found:
        axes.annotate(
            f"{count}",
            (sure, share),
            (0, -14 if share > LOW else 9),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    axes.set(xlim=(0, 1.04), ylim=(0, 1.04), xlabel="certainty at the end of a sign", ylabel="share that was right")
    axes.set_title(f"certainty; calibration error {calibration_error(certainty, right):.3f}", fontsize=9, color=INK)
