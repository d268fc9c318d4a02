"""What a model of touch expects beside what was played: rolls, every note, every piece."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from engine.families._touch import DOWN_EVENT, SECOND, UP_EVENT
from engine.schema.note import LOUDEST, LOWEST
from export.data.piano import Piece
from export.metrics.velocity import F64, correlation
from export.plots.canvas import BLUE, FAINT, INK, RED, figure, save
from export.velocity_study import OURS, Studied

SHOWN = 20.0
"""Seconds of a piece in a roll."""

DOTS = 6000
"""Notes in a scatter; more are a blot."""


def draw(found: Sequence[Studied], path: Path, *, title: str) -> None:
    """For each set the roll of its middling piece as played, expected and sampled, all notes, and each piece's r."""
    sheet = figure(15.0, 3.6 * len(found) + 0.5)
    sheet.suptitle(f"{title}: velocities as played, expected and sampled", x=0.01, ha="left", fontsize=10)
    grid = sheet.subplots(len(found), 5, squeeze=False, width_ratios=(3, 3, 3, 2.4, 2.4))
    for axes, one in zip(grid, found, strict=True):
        played, expected = one.truth, one.guesses[OURS]
        related = [correlation(*pair) or 0.0 for pair in zip(played, expected, strict=True)]
        middle = int(np.argsort(related)[len(related) // 2])
        sampled = one.mixtures[middle].sample(1)
        words = f"{one.name}, {'heard' if one.heard else 'flat'}: {one.pieces[middle].name[:34]}"
        for panel, label, values in zip(
            axes, (f"{words}\nplayed", f"expected, r {related[middle]:.2f}", "sampled"),
            (played[middle], expected[middle], sampled), strict=False,
        ):  # fmt: skip
            _roll(panel, one.pieces[middle], values, label)
        _scatter(axes[3], np.concatenate(played), np.concatenate(expected))
        _bars(axes[4], related)
    sheet.tight_layout(rect=(0, 0, 1, 0.98))
    save(sheet, path)


def _roll(axes: Axes, piece: Piece, velocities: F64, label: str) -> None:
    """The keys from the first stroke on, coloured by velocity."""
    begin = piece.events[piece.events[:, 1] == DOWN_EVENT][0, 0]
    starts: list[float] = []
    ends: list[float] = []
    keys: list[int] = []
    colours: list[float] = []
    open_: dict[int, int] = {}
    for at, kind, key in piece.events.tolist():
        second = (at - begin) / SECOND
        if kind == DOWN_EVENT and second <= SHOWN:
            open_[key] = len(starts)
            starts.append(second)
            ends.append(SHOWN)
            keys.append(key + LOWEST)
            colours.append(velocities[len(starts) - 1])
        elif kind == UP_EVENT and key in open_:
            ends[open_.pop(key)] = min(second, SHOWN)
    widths = np.maximum(np.array(ends) - starts, 0.05)
    bars = axes.barh(keys, widths, left=starts, height=1.0)
    for bar, velocity in zip(bars, colours, strict=True):
        bar.set_color(_colour(float(velocity)))
    axes.set(xlim=(0, SHOWN), xlabel="s")
    _plain(axes, label)


def _colour(velocity: float) -> tuple[float, float, float]:
    """Pale blue for soft, dark red for loud."""
    share = min(max((velocity - 20.0) / 90.0, 0.0), 1.0)
    return (0.15 + 0.75 * share, 0.75 * (1.0 - share), 0.95 * (1.0 - share) + 0.05)


def _scatter(axes: Axes, played: F64, expected: F64) -> None:
    chosen = np.random.default_rng(1).permutation(len(played))[:DOTS]
    axes.plot(played[chosen], expected[chosen], ".", color=BLUE, markersize=1.2, alpha=0.35)
    axes.plot([0, LOUDEST], [0, LOUDEST], color=INK, linewidth=0.8)
    axes.set(xlim=(0, LOUDEST), ylim=(0, LOUDEST), xlabel="played", ylabel="expected")
    _plain(axes, "every note")


def _bars(axes: Axes, related: Sequence[float]) -> None:
    axes.bar(range(len(related)), sorted(related), color=BLUE, width=0.8)
    axes.axhline(float(np.mean(related)), color=RED, linewidth=1.0)
    axes.set(ylim=(min(0.0, *related), 1.0), xlabel="pieces")
    _plain(axes, f"r of each piece, mean {np.mean(related):.2f}")


def _plain(axes: Axes, label: str) -> None:
    axes.set_title(label, fontsize=8, loc="left", color=INK)
    axes.tick_params(labelsize=6.5)
    for spine in axes.spines.values():
        spine.set(color=FAINT)
