"""Evaluate a dance model: minutes of free running and held-out likelihood, beside recordings and the simplest models.

A value is the mean over the seeds, its spread the greatest less the smallest; a target has to hold for the mean.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export.metrics import measures
from export.metrics.held_out import TeacherForced
from export.metrics.report import Metric, Report
from export.metrics.study import Progress, Settings, Study, examine
from export.metrics.targets import Target
from export.plots.bars import metric_bars
from export.plots.sheet import Row, contact_sheet
from export.teacher import teacher_forced

RECORDED = "recorded at export"


def evaluate(
    model: str | Path,
    *,
    data: Path | None = None,
    minutes: float = 10.0,
    seeds: tuple[int, ...] = (1, 2, 3),
    temperature: float = 1.0,
    beside: Sequence[str | Path] = (),
    plot: Path | None = None,
    progress: Progress = lambda _, __: None,
    forced: TeacherForced = teacher_forced,
) -> Report:
    """Measure a model, and draw what it danced.

    Args:
        model: the .onnx file.
        data: clips to hold out instead of the training set's own test part; a file of a known kind, or a folder.
        minutes: length of each free run.
        seeds: one free run for each.
        temperature: of the runs.
        beside: other models, each held against the recordings that trained it.
        plot: a PNG for the contact sheet; the metrics are drawn beside it as `<name>_metrics.png`.
        progress: hears how far it is.
        forced: gives a model's mixtures along a recording.

    Raises:
        ModelError: a file that is no model of ours, or none that dances.
        DataError: the training set or the clips are not there or do not fit.
        ConfigError: its family is unknown, a setting makes no sense, or `plot` cannot be written.
    """
    settings = Settings(data=data, minutes=minutes, seeds=seeds, temperature=temperature)
    study = examine(model, settings, forced, progress)
    others: dict[str, Study] = {}
    for path in beside:
        other = examine(path, msgspec.structs.replace(settings, data=None), forced, progress)
        name = other.loaded.spec.name
        others[name if name not in others else f"{name} ({path})"] = other
    report = describe(study, settings, others)
    if plot is not None:
        draw(study, others, report, settings, plot)
    return report


def describe(study: Study, settings: Settings, others: Mapping[str, Study]) -> Report:
    """Put what was found into a report; without models beside, those that were recorded in the file stand in."""
    rows = {name: means(other) for name, other in others.items()} or recorded(study.loaded.spec)
    metrics = tuple(_metric(study, name, rows) for name in study.values)
    return Report(
        model=study.loaded.spec.name,
        file=study.place,
        data=study.held.data,
        held_out=tuple(clip.name for clip in study.held.held_out),
        minutes=settings.minutes,
        frames=len(study.runs[0].positions),
        seeds=settings.seeds,
        temperature=settings.temperature,
        metrics=metrics,
        notes=_notes(study, settings, others),
        passed=all(metric.passed is not False for metric in metrics),
    )


def means(study: Study) -> dict[str, float]:
    """Every metric of a study, the mean over its seeds."""
    return {name: sum(values) / len(values) for name, values in study.values.items()}


def recorded(spec: ModelSpec) -> dict[str, dict[str, float]]:
    """The models beside that were measured when this one was exported: `metrics.beside`, name to metric to value."""
    try:
        kept = msgspec.convert(spec.metrics.get("beside", {}), dict[str, dict[str, float | None]])
    except msgspec.ValidationError:
        return {}
    return {
        f"{name} ({RECORDED})": {metric: value for metric, value in values.items() if value is not None}
        for name, values in kept.items()
    }


def _metric(study: Study, name: str, rows: Mapping[str, Mapping[str, float]]) -> Metric:
    values, known = study.values[name], study.known.get(name, {})
    value = sum(values) / len(values)
    kind = name.partition(":")[0]
    target = next((target for target in study.held.targets if target.metric == kind), None)
    line = Metric(
        name=name,
        unit=measures.UNITS[kind],
        value=_finite(value),
        spread=_finite(max(values) - min(values)) if len(values) > 1 else None,
        seeds=tuple(map(_finite, values)),
        baseline={row: _finite(level) for row, level in known.items()}
        | {row: _finite(levels[name]) for row, levels in rows.items() if name in levels},
    )
    return line if target is None else _judged(line, target, value, known)


def _judged(line: Metric, target: Target, value: float, known: Mapping[str, float]) -> Metric:
    limits = target.limits(known)
    return msgspec.structs.replace(
        line,
        target=limits.text,
        low=_finite(limits.low),
        high=_finite(limits.high),
        reason=target.reason,
        passed=limits.holds(value),
    )


def _finite(value: float) -> float | None:
    """A number that JSON can hold."""
    return value if math.isfinite(value) else None


def _notes(study: Study, settings: Settings, others: Mapping[str, Study]) -> tuple[str, ...]:
    clips = ", ".join(clip.name for clip in study.held.held_out)
    notes = [
        f"held out: {clips}; every run starts from {'one of them' if len(study.held.held_out) > 1 else 'it'}",
        "value: mean over the seeds, for which the target has to hold; spread: greatest less smallest",
        measures.smoke(study.held),
    ]
    for name, one in {study.loaded.spec.name: study, **others}.items():
        pairs = zip(settings.seeds, one.runs, strict=True)
        notes += [
            f"{name}, seed {seed}: {run.guarded} of {len(run.positions)} frames guarded; measured without the guard"
            for seed, run in pairs
            if run.bare
        ]
        if one.held.data != study.held.data:
            notes.append(f"{name}: held against its own recordings, {one.held.data}")
    return tuple(filter(None, notes))


def draw(study: Study, others: Mapping[str, Study], report: Report, settings: Settings, path: Path) -> None:
    """Write the contact sheet to `path` and the metrics beside it."""
    longest = max(study.held.held_out, key=len)
    rows = [_row(study, f"test clip\n{longest.name}", longest.positions)]
    for name, one in {"": study, **others}.items():
        shown = zip(settings.seeds, one.runs, strict=True)
        rows += [_row(one, "\n".join(filter(None, (name, f"seed {seed}"))), run.positions) for seed, run in shown]
    still = longest.positions[-1:].repeat(report.frames, axis=0)
    rows.append(_row(study, "copy last", still))
    contact_sheet(rows, path, title=f"{report.model}: {report.minutes:g} minutes of free running")
    metric_bars(report, path.with_name(f"{path.stem}_metrics.png"))


def _row(study: Study, label: str, positions: F32) -> Row:
    spec = study.loaded.spec
    return Row(label=label, positions=positions, fps=spec.fps, skeleton=study.held.reference.skeleton)
