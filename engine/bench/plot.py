"""What was measured, as one picture: steps against the floor, crowds against the frame, clocks against the deadline."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from engine.bench import gpu
from engine.bench.candidates import FLOORS
from engine.bench.clock import Lateness
from engine.bench.crowd import PACES, most
from engine.bench.results import Crowd, Report, Step
from engine.bench.step import HOT
from engine.bench.tables import number
from engine.schema.errors import ConfigError

OURS, OTHERS, LINE = "#0b7a75", "#b9b9b9", "#c1121f"
"""Colours of the engine, of everybody else, and of what is not to be crossed."""

SIZE = (7.0, 5.0)
"""Inches of a panel."""

LEAST, ROOM = 0.05, 8.0
"""Ratio that is always within sight, and how far the axis goes on behind the longest bar, for the words."""

PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
"""Behind words that a line would go through."""

DOTS = 110
"""Per inch."""

MOST_BATCHES = 2
"""Batches that there is a panel for: the smallest, and the one nearest to `MANY`."""

MANY = 64

Panel = Callable[[Axes], None]


def kind(path: Path) -> str:
    """The format that a file's suffix asks for.

    Raises:
        ConfigError: it is none.
    """
    found = path.suffix.removeprefix(".").lower()
    if found not in Figure().canvas.get_supported_filetypes():
        raise ConfigError("--plot", f"'{path.name}'", "a picture, such as bench.png")
    return found


def draw(report: Report, path: Path) -> bytes:
    """A picture of what there is, for a file of this name."""
    panels = _panels(report)
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(SIZE[0] * columns, SIZE[1] * rows), dpi=DOTS, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, each in zip(panels, axes, strict=False):
        panel(each)
    for each in axes[len(panels) :]:
        each.set_axis_off()
    figure.suptitle(f"{report.machine['processor']}, one core", fontsize=11)
    made = BytesIO()
    figure.savefig(made, format=kind(path))
    return made.getvalue()


def _panels(report: Report) -> list[Panel]:
    panels: list[Panel] = []
    for batch in batches(report.step or ()):
        rows = [row for row in report.step or () if row.batch == batch and row.pace == _pace(report.step or ())]
        panels.append(lambda axes, rows=rows: steps(axes, rows))  # type: ignore[misc]
    if report.crowd:
        crowd = report.crowd
        panels.append(lambda axes: crowds(axes, crowd))
    if report.clock:
        clock = report.clock
        panels.append(lambda axes: clocks(axes, clock))
    return panels


def _pace(rows: Sequence[Step]) -> str:
    """Hot where that was measured."""
    return HOT if any(row.pace == HOT for row in rows) else rows[0].pace


def batches(rows: Sequence[Step]) -> list[int]:
    """The batches that are shown."""
    found = sorted({row.batch for row in rows if row.pace == _pace(rows)})
    if len(found) <= MOST_BATCHES:
        return found
    return [found[0], min(found[1:], key=lambda batch: abs(batch - MANY))]


def steps(axes: Axes, rows: Sequence[Step]) -> None:
    """Bars of the ratio to the floor, model by model, the quickest first."""
    shown = [row for row in rows if row.candidate not in (*FLOORS, *gpu.FLOORS)]
    models = list(dict.fromkeys(row.model for row in shown))
    place, places, names = 0.0, list[float](), list[str]()
    for model in models:
        for row in sorted((row for row in shown if row.model == model), key=lambda row: row.ratio_to_floor):
            colour = OURS if row.candidate.startswith("engine-") else OTHERS
            axes.barh(place, row.ratio_to_floor, height=0.8, color=colour)
            label = f" {row.ratio_to_floor:.2f}x  {number(row.median_us)} us"
            axes.text(row.ratio_to_floor, place, label, va="center", fontsize=7, bbox=PAPER, zorder=3)
            places.append(place)
            names.append(f"{model} {row.candidate}" if len(models) > 1 else row.candidate)
            place += 1.0
        place += 0.8
    axes.set_yticks(places, names, fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    widest = max(row.ratio_to_floor for row in shown)
    axes.set_xlim(min(LEAST, *(row.ratio_to_floor / 2 for row in shown)), ROOM * widest)
    axes.xaxis.set_major_formatter("{x:g}x")
    axes.axvline(1.0, color=LINE, linewidth=1)
    pace = "without a pause" if rows[0].pace == HOT else f"at {rows[0].pace} fps"
    plural = "s" if rows[0].batch > 1 else ""
    axes.set_title(f"a step of {rows[0].batch} performer{plural} {pace}, times the floor (red)", fontsize=9)
    _plain(axes)


def crowds(axes: Axes, rows: Sequence[Crowd]) -> None:
    """The tick against the number of dancers, on logarithmic axes, and where frames end."""
    for pace, colour in ((HOT, OURS), (PACES[0], OTHERS)):
        curve = sorted({row.performers: row for row in rows if row.pace == pace}.items())
        if curve:
            label = "without a pause" if pace == HOT else f"at {pace} fps"
            sizes = [size for size, _ in curve]
            axes.plot(
                sizes, [row.median_us / 1000 for _, row in curve], "o-", color=colour, ms=3, label=f"{label}, p50"
            )
            axes.plot(sizes, [row.p99_us / 1000 for _, row in curve], ":", color=colour, label=f"{label}, p99")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    for pace in PACES:
        largest, room = most(rows, pace), 1000 / float(pace)
        axes.axhline(room, color=LINE, linewidth=1)
        fit = f": {largest} dancers" if largest else ""
        axes.text(1, room, f"{pace} fps{fit}", va="bottom", fontsize=8, color=LINE, bbox=PAPER, zorder=3)
    sizes = sorted({row.performers for row in rows})
    powers = [size for size in sizes if size & (size - 1) == 0]
    axes.set_xticks(powers, [str(size) for size in powers], fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel("dancers on one core", fontsize=8)
    axes.set_ylabel("ms", fontsize=8)
    axes.set_title("a whole tick: input, step, sample, body, guard, encoding, sending", fontsize=9)
    axes.legend(fontsize=7, frameon=False, loc="lower right")
    _plain(axes)


def clocks(axes: Axes, rows: Sequence[Lateness]) -> None:
    """Median, 99th percentile and worst of each clock, one line each."""
    names = []
    for place, row in enumerate(rows):
        colour = OURS if row.clock == "engine" else "#777777"
        axes.plot([max(row.p50_us, 0.1), row.worst_us], [place, place], color=colour, linewidth=1)
        for value, mark in ((row.p50_us, "|"), (row.p99_us, "o"), (row.worst_us, "x")):
            axes.plot(max(value, 0.1), place, mark, color=colour, markersize=5)
        names.append(f"{row.clock}, {row.rights}, {row.fps:g} fps, {row.load}")
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    for limit in (50.0, 1000.0):
        axes.axvline(limit, color=LINE, linewidth=1, linestyle=":")
    axes.set_xlabel("microseconds after the deadline", fontsize=8)
    axes.set_title("how late frames begin", fontsize=9)
    marks = [Line2D([], [], color="black", marker=mark, linestyle="") for mark in "|ox"]
    axes.legend(marks, ["p50", "p99", "worst"], fontsize=7, frameon=False, loc="best")
    _plain(axes)


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=7)
