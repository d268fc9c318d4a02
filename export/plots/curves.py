"""Training curves: losses over the epochs, beside what has to be beaten."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from export.plots.canvas import BLUE, FAINT, INK, ORANGE, figure, save

Curve = Sequence[tuple[float, float]]
"""Points (epoch, loss)."""


def training_curves(
    train: Curve,
    validation: Curve,
    path: Path,
    *,
    unit: str,
    levels: Mapping[str, float] | None = None,
    title: str = "",
) -> None:
    """Draw both curves, mark the best epoch of the validation, and write a PNG.

    Args:
        train: of the training part.
        validation: of the part that chooses the epoch.
        path: of the PNG.
        unit: of the losses.
        levels: names and values of baselines in the same units, drawn as lines.
        title: of the picture.
    """
    sheet = figure(7.2, 4.2)
    axes = sheet.add_axes((0.11, 0.13, 0.86, 0.77))
    for label, curve, colour in (("train", train, ORANGE), ("validation", validation, BLUE)):
        if curve:
            axes.plot(*zip(*curve, strict=True), color=colour, linewidth=1.6, label=label)
    if validation:
        epoch, value = min(validation, key=lambda point: point[1])
        axes.plot([epoch], [value], "o", color=BLUE, markersize=5, label=f"best: {value:.3f} at {epoch:g}")
    for name, level in (levels or {}).items():
        axes.axhline(level, color=INK, linewidth=0.9, linestyle=":")
        words, at = f"{name} {level:.2f}", ("axes fraction", "data")
        axes.annotate(words, (1, level), (-4, 3), at, "offset points", ha="right", fontsize=8, color=INK)
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"loss, {unit}")
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(frameon=False, fontsize=8)
    save(sheet, path)
