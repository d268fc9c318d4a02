"""Piano roll: how hard each key is struck, beside how a person struck it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from engine.schema.note import HIGHEST, LOUDEST, LOWEST
from export.plots.canvas import BLUE, FAINT, INK, ORANGE, figure, save

SHOWN = 90.0
"""Seconds of a roll: in more, single notes cannot be told apart."""

COLOURS = "viridis_r"
"""Soft is light, loud is dark."""

NARROWEST = 40
"""Velocities that the colours span at least."""

SHORTEST = 0.02
"""Seconds that a note is drawn at least."""

THICK = 2.4
"""Points of a note's line."""


class Played(NamedTuple):
    """A note: key, and the seconds from which to which it is down."""

    number: int
    begin: float
    end: float


def velocity_roll(
    notes: Sequence[Played],
    velocities: Sequence[int],
    path: Path,
    *,
    original: Sequence[int] | None = None,
    title: str = "",
) -> None:
    """Draw the velocities of a piece over keys and time, and write a PNG.

    Args:
        notes: in the order of time, at least one.
        velocities: of each, as they are to be judged.
        path: of the PNG.
        original: of each, as somebody played it: drawn in a roll of its own, along the first, and against it.
        title: of the picture.

    Raises:
        ConfigError: the place cannot be written.
    """
    sheet = figure(13.0, 5.6 if original is None else 10.6)
    sheet.set_layout_engine("constrained")  # the course stands under the roll, which has a bar beside it
    sheet.suptitle(title, x=0.01, ha="left", fontsize=10, color=INK)
    scale = _scale([*velocities, *(original or ())])
    if original is None:
        rows = sheet.subplots(2, 1, height_ratios=(3, 1.6))
        _roll(sheet, rows[0], notes, velocities, "performed", scale)
        _course(rows[1], notes, {"performed": velocities})
    else:
        grid = sheet.add_gridspec(3, 2, height_ratios=(3, 3, 2.6), width_ratios=(3.4, 1))
        _roll(sheet, sheet.add_subplot(grid[0, :]), notes, velocities, "performed", scale)
        _roll(sheet, sheet.add_subplot(grid[1, :]), notes, original, "original", scale)
        _course(sheet.add_subplot(grid[2, 0]), notes, {"original": original, "performed": velocities})
        _scatter(sheet.add_subplot(grid[2, 1]), original, velocities)
    save(sheet, path)


def _scale(velocities: Sequence[int]) -> tuple[int, int]:
    """Velocities at the ends of the colours; a small spread stays small."""
    middle = (min(velocities) + max(velocities)) / 2
    reach = max((max(velocities) - min(velocities)) / 2, NARROWEST / 2)
    return max(0, int(middle - reach)), min(LOUDEST, int(middle + reach + 1))


def _roll(
    sheet: Figure, axes: Axes, notes: Sequence[Played], velocities: Sequence[int], name: str, scale: tuple[int, int]
) -> None:
    numbers = [note.number for note in notes]
    last = _end(notes)
    lines = [((note.begin, note.number), (max(note.end, note.begin + SHORTEST), note.number)) for note in notes]
    drawn = LineCollection(lines, cmap=COLOURS, linewidths=THICK, capstyle="butt")
    drawn.set_array(list(velocities))
    drawn.set_clim(*scale)
    axes.add_collection(drawn)
    octaves = range(24, HIGHEST + 1, 12)
    axes.set(
        xlim=(0, min(last, SHOWN)),
        ylim=(min(LOWEST, *numbers) - 1, max(HIGHEST, *numbers) + 1),
        ylabel="key",
        yticks=octaves,
    )
    axes.set_yticklabels([f"C{octave}" for octave in range(1, len(octaves) + 1)])
    part = f", the first {SHOWN:g} s of {last:.0f} s" if last > SHOWN else ""
    _plain(axes, f"{name}{part}")
    bar = sheet.colorbar(drawn, ax=axes, pad=0.01, aspect=14)
    bar.set_label("velocity", fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _end(notes: Sequence[Played]) -> float:
    """Seconds at which the last note is over."""
    return max(note.end for note in notes) + SHORTEST


def _course(axes: Axes, notes: Sequence[Played], rows: dict[str, Sequence[int]]) -> None:
    colours = {"performed": BLUE, "original": ORANGE}
    seconds = [note.begin for note in notes]
    for name, velocities in rows.items():
        axes.plot(seconds, velocities, ".", color=colours[name], markersize=3, label=name, alpha=0.6)
    axes.set(xlim=(0, _end(notes)), ylim=(0, LOUDEST), xlabel="seconds", ylabel="velocity")
    if len(rows) > 1:
        axes.legend(frameon=False, fontsize=8, markerscale=3, loc="upper right", ncols=2)
    _plain(axes, "velocity over time")


def _scatter(axes: Axes, original: Sequence[int], velocities: Sequence[int]) -> None:
    axes.plot((0, LOUDEST), (0, LOUDEST), color=FAINT, linewidth=0.8)
    axes.plot(original, velocities, ".", color=BLUE, markersize=3, alpha=0.35)
    axes.set(xlim=(0, LOUDEST), ylim=(0, LOUDEST), aspect="equal", xlabel="original", ylabel="performed")
    _plain(axes, "each note")


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=8, loc="left", color=INK)
    axes.tick_params(labelsize=7)
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)
    axes.grid(color=FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set(color=FAINT)
