"""Figures that were measured before a model is exported, and that its file carries along."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.schema.errors import DataError
from export.metrics.moving_report import MovingReport
from export.metrics.picture_report import PictureReport
from export.metrics.report import Report
from export.metrics.sign_report import SignReport
from export.metrics.targets import NAMES
from export.metrics.touch_report import TouchReport

Kind = TypeVar("Kind")


def trained(run: Path) -> dict[str, Any]:
    """The held-out likelihoods that training wrote beside a checkpoint; none where it wrote none.

    Raises:
        DataError: the file is there but not readable.
    """
    path = run / "metrics.json"
    return _read(path, dict[str, Any]) if path.exists() else {}


def evaluated(path: Path) -> dict[str, Any]:
    """The figures of an evaluation: each metric's value, and the same of the models that were held beside.

    Raises:
        DataError: no report of an evaluation.
    """
    raw = _read(path, dict[str, Any])
    if "sequences" in raw:
        return of_moving(_read(path, MovingReport))
    if "pictures" in raw:
        return of_pictures(_read(path, PictureReport))
    if "confusion" in raw:
        return of_signs(_read(path, SignReport))
    return of_touch(_read(path, TouchReport)) if "sets" in raw else of_dance(_read(path, Report))


def of_dance(report: Report) -> dict[str, Any]:
    """What a file carries of an evaluation."""
    beside: dict[str, dict[str, float]] = {}
    for metric in report.metrics:
        for name, value in metric.baseline.items():
            if name not in NAMES and value is not None:
                beside.setdefault(name, {})[metric.name] = value
    return {
        "evaluation": {metric.name: metric.value for metric in report.metrics},
        "minutes": report.minutes,
        "seeds": report.seeds,
        "passed": report.passed,
        "beside": beside,
    }


def of_touch(report: TouchReport) -> dict[str, Any]:
    """As `of_dance`, of a model of touch: every candidate's errors on every set."""
    return {
        "sets": [msgspec.to_builtins(one) for one in report.sets],
        "seeds": report.seeds,
        "passed": report.passed,
    }


def of_moving(report: MovingReport) -> dict[str, Any]:
    """As `of_dance`, of a model that foresees pictures: every candidate's figures."""
    lines = [msgspec.to_builtins(one) for one in report.lines]
    return {"moving": {"sequences": report.sequences, "seed": report.seed, "lines": lines}, "passed": report.passed}


def of_signs(report: SignReport) -> dict[str, Any]:
    """As `of_dance`, of a model that reads signs: every candidate's figures, the sessions, and the targets."""
    return {
        "signs": [msgspec.to_builtins(one) for one in report.lines],
        "sessions": [msgspec.to_builtins(one) for one in report.sessions],
        "targets": [msgspec.to_builtins(one) for one in report.targets],
        "false": report.false,
        "passed": report.passed,
    }


def of_pictures(report: PictureReport) -> dict[str, Any]:
    """As `of_dance`, of a model of latent numbers: every candidate's figures, and the targets."""
    return {
        "pictures": [msgspec.to_builtins(one) for one in report.pictures],
        "targets": [msgspec.to_builtins(one) for one in report.targets],
        "minutes": report.minutes,
        "seeds": report.seeds,
        "passed": report.passed,
    }


def _read(path: Path, kind: type[Kind]) -> Kind:
    expected = "a JSON file written by engine-export"
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise DataError(str(path), error.strerror or "unreadable", expected) from error
    except msgspec.DecodeError as error:
        raise DataError(str(path), str(error), expected) from error
