"""One map each: points of a memory by time, by sign, by hands, and by what was taken for another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from numpy.typing import NDArray

from engine.schema.frame import F32
from export.plots import path_bodies, path_words
from export.plots.canvas import BLUE, FAINT, GREEN, INK, ORANGE, RED
from export.plots.paths import Paths

FEW = 8
"""So many paths may be followed by eye; of more only their points are drawn."""

HANDS: Mapping[int, tuple[str, str]] = {1: ("one hand", BLUE), 2: ("two hands", ORANGE)}

SPLITS: Mapping[str, tuple[str, str]] = {
    "train": ("learned from", FAINT),
    "validation": ("validation", BLUE),
    "test": ("test", GREEN),
}
"""What a person calls them, and their colours; what was in no split counts as a test."""

WRONG: Mapping[str, str] = {"train": INK, "validation": ORANGE, "test": RED}


def time(axes: Axes, paths: Paths) -> None:
    """All steps, coloured by the time since their path began."""
    times = paths.steps / paths.rate
    if len(paths.lengths) <= FEW:
        for start, length in zip(paths.starts, paths.lengths, strict=True):
            axes.plot(*paths.points[start : start + length].T, color=FAINT, linewidth=0.5, zorder=1)
    order = np.random.default_rng(1).permutation(len(times))  # no time lies on top of the others
    drawn = _dots(
        axes,
        paths.points[order],
        c=times[order],
        cmap="viridis",
        vmin=0.0,
        vmax=paths.longest,
        s=_size(len(order)),
        zorder=2,
    )
    _scale(axes, drawn, paths.unit, "max" if times.max() > paths.longest else "neither")
    if paths.bodies is not None and paths.points.shape[1] == 2:
        path_bodies.place(axes, paths.points, paths.bodies)


def last(axes: Axes, paths: Paths) -> None:
    """Last steps, a colour and a word for each label; a word that has no room is left out, and counted."""
    words = sorted(set(paths.labels))
    numbers = np.array([words.index(label) for label in paths.labels])
    colours = hues(len(words))
    _near(axes, paths.ends)
    _dots(axes, paths.ends, c=colours[numbers], s=5.0, alpha=0.4)
    middles = np.array([_middle(paths.ends[numbers == number]) for number in range(len(words))], np.float32)
    named = path_words.place(axes, middles, words, colours)
    _note(axes, f"{named} of {len(words)} signs are named")


def hands(axes: Axes, paths: Paths) -> None:
    """All steps, by how many hands move in their path; nothing where that is not known."""
    if paths.hands is None:
        return
    of_step = np.repeat(paths.hands, paths.lengths)
    order = np.random.default_rng(1).permutation(len(of_step))
    shades = np.where(of_step[order] == 2, HANDS[2][1], HANDS[1][1])
    _dots(axes, paths.points[order], c=shades, s=_size(len(order)), alpha=0.5)
    for number, (name, colour) in HANDS.items():
        _legend(axes, f"{name}: {np.count_nonzero(paths.hands == number)}", color=colour, marker="o")
    _key(axes)


def errors(axes: Axes, paths: Paths) -> None:
    """Last steps by split; crosses and their whole paths where another sign was read; nothing if none was read."""
    if paths.right is None:
        return
    splits = np.array([split if split in SPLITS else "test" for split in paths.splits])
    for split, (name, colour) in SPLITS.items():
        here = splits == split
        if not here.any():
            continue
        missed = here & ~paths.right
        _dots(axes, paths.ends[here & paths.right], c=colour, s=5.0, zorder=2)
        for number in np.flatnonzero(missed):
            start = paths.starts[number]
            way = paths.points[start : start + paths.lengths[number]]
            axes.plot(*way.T, color=WRONG[split], linewidth=0.5, alpha=0.5, zorder=3)
        _dots(axes, paths.ends[missed], c=WRONG[split], s=40.0, marker="x", linewidths=1.4, zorder=4)
        _legend(axes, f"{name}: {np.count_nonzero(here & paths.right)} right", color=colour, marker="o")
        _legend(axes, f"{name}: {np.count_nonzero(missed)} wrong", color=WRONG[split], marker="x")
    _key(axes)


def hues(number: int) -> NDArray[np.float64]:
    """(number, 4) colours that can be read on white, those of neighbours in the alphabet far apart."""
    golden = 0.381966  # share of a circle: any run of such steps is spread over it about evenly
    wheel = colormaps["hsv"](np.arange(number) * golden % 1.0)
    wheel[:, :3] *= 0.72
    return np.asarray(wheel, np.float64)


def _dots(axes: Axes, points: F32, **look: Any) -> Any:  # noqa: ANN401 (Matplotlib's own)
    """Points without edges, in two dimensions or three."""
    deep = {"depthshade": False} if points.shape[1] == 3 else {}
    return axes.scatter(*points.T, **{"marker": "o", "linewidths": 0, **deep, **look})


def _scale(axes: Axes, drawn: ScalarMappable, unit: str, extend: str) -> None:
    """What the colours mean, above the right end of the map."""
    place = axes.get_position(original=True)
    box = (place.x0 + 0.6 * place.width, place.y1 + 0.008 * place.height, 0.4 * place.width, 0.012 * place.height)
    bar = axes.figure.colorbar(drawn, cax=axes.figure.add_axes(box), orientation="horizontal", extend=extend)
    bar.ax.xaxis.set_ticks_position("top")
    bar.ax.tick_params(labelsize=7)
    bar.ax.set_ylabel(unit, fontsize=7, color=INK, rotation=0, ha="right", va="center")


def _key(axes: Axes) -> None:
    axes.legend(fontsize=8, loc="upper right", edgecolor="none", framealpha=0.8)


def _near(axes: Axes, points: F32) -> None:
    """Have a map show all of its points and little else: words need room."""
    low, high = points.min(0), points.max(0)
    reach = max(0.05, 0.54 * float((high - low).max()))
    for axis, middle in zip(("xlim", "ylim", "zlim"), (low + high) / 2, strict=False):
        axes.set(**{axis: (middle - reach, middle + reach)})
    axes.locator_params(nbins=4)


def _size(number: int) -> float:
    """Square points that each of many dots takes: so few that they do not run together."""
    return float(np.clip(2e4 / number, 1.2, 12.0))


def _legend(axes: Axes, label: str, **look: Any) -> None:  # noqa: ANN401 (Matplotlib's own)
    axes.plot([], [], linestyle="", markersize=5, label=label, **look)


def _middle(points: F32) -> F32:
    """The one of (n, D) points that is nearest to all others: unlike their mean it lies among them."""
    apart = np.abs(points[:, None] - points[None]).sum((1, 2))
    return np.asarray(points[int(np.argmin(apart))], np.float32)


def _note(axes: Axes, text: str) -> None:
    axes.annotate(text, (0, 0), (4, 4), "axes fraction", "offset points", fontsize=7, color=INK)
