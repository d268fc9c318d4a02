"""Metrics as bars, one small picture each, with the range of the target behind them."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from export.metrics.report import Metric, Report, number
from export.metrics.targets import NAMES
from export.plots.canvas import BLUE, FAINT, GREEN, INK, RED, figure, save

COLUMNS = 3

BAND = "#dcefe2"
"""Colour of the target's range."""

RUNAWAY = 4.0
"""A bar is cut where it is so many times as far off as the recordings and the target lie apart."""


def metric_bars(report: Report, path: Path) -> None:
    """Draw every metric of a report that has a target, and write a PNG."""
    shown = [metric for metric in report.metrics if metric.value is not None and metric.passed is not None]
    lines = -(-len(shown) // COLUMNS)
    sheet = figure(4.1 * COLUMNS, 1.75 * lines + 0.5)
    sheet.suptitle(
        f"{report.model}: {report.frames} frames x {len(report.seeds)} seeds", x=0.01, ha="left", fontsize=10
    )
    grid = sheet.subplots(lines, COLUMNS, squeeze=False)
    for slot, axes in enumerate(grid.flat):
        if slot < len(shown):
            _bars(axes, shown[slot])
        else:
            axes.set_axis_off()
    sheet.tight_layout(rect=(0, 0, 1, 0.98))
    save(sheet, path)


def _bars(axes: Axes, metric: Metric) -> None:
    value = metric.value or 0.0
    known = [(NAMES.get(name, name), level) for name, level in metric.baseline.items() if level is not None]
    labels, values = zip(("this model", value), *known, strict=True)
    low, high = _limits(metric, values)
    axes.axvspan(low if metric.low is None else metric.low, high if metric.high is None else metric.high, color=BAND)
    colours = [GREEN if metric.passed else RED, *[BLUE] * len(known)]
    axes.barh(range(len(values)), [min(max(level, low), high) for level in values], color=colours, height=0.62)
    seeds = [seed for seed in metric.seeds if seed is not None]
    axes.plot([min(max(seed, low), high) for seed in seeds], [0] * len(seeds), "|", color=INK, markersize=9)
    axes.set(xlim=(low, high), yticks=range(len(values)), yticklabels=labels)
    axes.invert_yaxis()
    axes.ticklabel_format(axis="x", style="plain")
    axes.tick_params(labelsize=6.5, length=0)
    for at, level in enumerate(values):
        axes.annotate(number(level), (1, at), (3, -2), ("axes fraction", "data"), "offset points", fontsize=6.5)
    unit = f" [{metric.unit}]" if metric.unit else ""
    axes.set_title(f"{metric.name}{unit}: {metric.target}", fontsize=8, loc="left", color=INK)
    for spine in axes.spines.values():
        spine.set(color=FAINT)


def _limits(metric: Metric, values: Sequence[float]) -> tuple[float, float]:
    """Ends of the axis: 0, the recordings and the target fit in, and the others unless they run away."""
    known = [metric.low, metric.high, metric.baseline.get("real_train"), metric.baseline.get("real_test")]
    near = [0.0, *[level for level in known if level is not None]]
    span = max(near) - min(near) or 1.0
    inside = [*near, *[level for level in values if min(near) - RUNAWAY * span <= level <= max(near) + RUNAWAY * span]]
    low, high = min(inside), max(inside)
    if low == high:
        return 0.0, 1.0
    pad = 0.06 * (high - low)
    return (low - pad if low < 0 else 0.0), (high + pad if high > 0 else 0.0)
