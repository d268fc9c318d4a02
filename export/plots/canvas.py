"""Figures without a screen, and the colours that all pictures share."""

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from export.whole import write

DPI = 110

INK = "#1a1a1a"
FAINT = "#c8c8c8"
BLUE = "#1f6fb4"
RED = "#d62728"
ORANGE = "#e08214"
GREEN = "#2e8b57"


def figure(width: float, height: float) -> Figure:
    """An empty figure, inches."""
    made = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(made)
    return made


def save(drawn: Figure, path: Path) -> None:
    """Write a PNG.

    Raises:
        ConfigError: the place cannot be written.
    """
    picture = io.BytesIO()
    drawn.savefig(picture, format="png")
    write(path, picture.getvalue())
