"""Whether two evaluations say the same: one of a model, and one of the same model after its numbers were rounded.

Teacher-forced figures are compared as they are: errors and correlations by their own size, a likelihood by what the
model has learnt, its distance to the simplest predictor, because nats have no zero. A free run is chaotic: two runs
part company within seconds, however small the change, so its figures may also move by as much as they do between seeds
(of either model, the greatest less the smallest; over twelve figures with five seeds that refuses a perfect copy once
in forty times, with three nearly every second time). A target that was reached has to be reached again in any case.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from export.metrics.report import Metric, Report
from export.metrics.touch_report import SetReport, TouchReport
from export.velocity_study import CONSTANT, OURS

SIMPLEST = "constant_velocity"

LEAST_NATS = 0.1
"""Taken for the distance to the simplest predictor where a model is as good as that one."""

LEAST_R = 0.1
"""Taken for the size of a correlation that is next to none."""


class Figure(NamedTuple):
    """A headline figure of a model.

    Attributes:
        name: of the metric.
        value: nan where it could not be measured; then it may not be measurable in the other model either.
        scale: what a change is a share of.
        noise: by how much it moves from run to run.
        passed: whether its target is reached; None where there is none.
    """

    name: str
    value: float
    scale: float = math.inf
    noise: float = 0.0
    passed: bool | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a figure.

    Attributes:
        metric: its name.
        before: of the model; None where it could not be measured.
        after: of the rounded one.
        allowed: by how much it may move; None where only its target counts.
        missed: whether a target that was reached is not reached any more.
        kept: whether the model is still as good.
    """

    metric: str
    before: float | None
    after: float | None
    allowed: float | None
    missed: bool
    kept: bool


def compare(before: Sequence[Figure], after: Sequence[Figure], limit: float) -> tuple[Change, ...]:
    """Hold the figures of the rounded model against those of the original.

    Args:
        before: of the model.
        after: the same ones of the rounded model, in any order.
        limit: share of a figure's scale by which it may move.
    """
    found = {figure.name: figure for figure in after}
    return tuple(_change(figure, found.get(figure.name, Figure(figure.name, math.nan)), limit) for figure in before)


def worst(changes: Sequence[Change]) -> Change | None:
    """The change that refuses the model, if any: a missed target, else the one that is furthest beyond its limit."""
    return max((change for change in changes if not change.kept), key=_excess, default=None)


def of_dance(report: Report) -> tuple[Figure, ...]:
    """The figures of a dance that have a target."""
    return tuple(_of_metric(metric) for metric in report.metrics if metric.passed is not None)


def of_touch(report: TouchReport) -> tuple[Figure, ...]:
    """The figures of touch, of every set: errors, correlation and likelihood, then the targets."""
    return tuple(figure for one in report.sets for figure in _of_set(one))


def _change(before: Figure, after: Figure, limit: float) -> Change:
    allowed = max(limit * before.scale, before.noise, after.noise)
    missed = before.passed is True and not after.passed
    if math.isnan(before.value) or math.isnan(after.value):
        kept = math.isnan(before.value) and math.isnan(after.value)
    else:
        kept = abs(after.value - before.value) <= allowed
    return Change(
        metric=before.name,
        before=_finite(before.value),
        after=_finite(after.value),
        allowed=_finite(allowed),
        missed=missed,
        kept=kept and not missed,
    )


def _excess(change: Change) -> float:
    if change.missed or change.before is None or change.after is None:
        return math.inf
    return abs(change.after - change.before) / (change.allowed or math.ulp(0.0))


def _of_metric(metric: Metric) -> Figure:
    value = math.nan if metric.value is None else metric.value
    scale = abs(value)
    if metric.name == "nll":
        scale = _nats(value, metric.baseline.get(SIMPLEST))
    elif metric.low is None and metric.high is not None:  # a figure that may be 0 has its ceiling for a scale
        scale = max(scale, metric.high)
    return Figure(metric.name, value, scale, metric.spread or 0.0, metric.passed)


def _of_set(one: SetReport) -> list[Figure]:
    name = f"{one.name}, {'heard' if one.heard else 'flat'}"
    lines = {line.who: line for line in one.lines}
    ours = lines[OURS]
    values = {
        "MAE": ours.errors.mae,
        "MAE, level": ours.errors.mae_level,
        "RMSE": ours.errors.rmse,
        "RMSE, level": ours.errors.rmse_level,
        "r": math.nan if ours.errors.r is None else ours.errors.r,
    }
    scales = {"r": LEAST_R}
    figures = [
        Figure(f"{name}: {what}", value, max(abs(value), scales.get(what, 0.0))) for what, value in values.items()
    ]
    if ours.nll is not None:
        simplest = lines[CONSTANT].nll if CONSTANT in lines else None
        figures.append(Figure(f"{name}: nll", ours.nll, _nats(ours.nll, simplest)))
    targets = {f"{name}: {target.what} {target.limit}": target for target in one.targets}
    figures += [
        Figure(what, math.nan if target.value is None else target.value, passed=target.passed)
        for what, target in targets.items()
    ]
    return figures


def _nats(value: float, simplest: float | None) -> float:
    """The scale of a likelihood."""
    return max(abs(simplest - value), LEAST_NATS) if simplest is not None else LEAST_NATS


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
