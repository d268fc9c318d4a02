"""Evaluate a model of touch on recordings that it has not seen, beside the simplest guesses and the first pianist.

Every candidate stands in both protocols alike: velocities as they are, and with each piece's mean taken from both
sides. A target that speaks of errors is asked in both.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.inference.vet import load
from engine.schema.errors import ModelError
from engine.schema.model import ModelSpec
from export.metrics.judged import Target
from export.metrics.touch_report import Line, SetReport, TouchReport
from export.metrics.velocity import BIN
from export.plots.touch import draw
from export.velocity_study import LAST, OURS, RIDGE, RIDGE_HEARD, RIDGE_LEVEL, Studied, of_grid, sets, study

RECORDED = "(recorded at export)"

SHARE = 0.85
"""Of the linear guess's error, what a model may make at most."""

R_AT_HOME, R_ABROAD = 0.60, 0.50
"""Least mean correlation on held-out pieces of the training's sets, and on others."""

NARROWEST, WIDEST, KL = 0.9, 1.1, 0.05
"""Ends of what samples may be spread like, and how far their histogram may be off, nats."""

LEAST_STD = 3.0
"""Velocities by which the prediction of every piece varies at least, so that one flat value cannot pass."""


def evaluate(
    model: Path,
    *,
    data: Path | None = None,
    seeds: tuple[int, ...] = (1, 2, 3),
    beside: Sequence[Path] = (),
    plot: Path | None = None,
) -> TouchReport:
    """Measure a model of touch.

    Args:
        model: the .onnx file.
        data: a set or a folder of .mid files instead of the training's own held-out pieces and ASAP.
        seeds: of the samples.
        beside: checkpoints of the first pianist's networks.
        plot: a PNG.

    Raises:
        ModelError: a file that is no model of touch, or no checkpoint of a grid.
        DataError: there are no recordings.
        ConfigError: `plot` cannot be written.
    """
    loaded = load(model)
    if loaded.spec.family != "velocity":
        raise ModelError(str(model), f"a model of the family {loaded.spec.family}", "a model of touch (velocity)")
    others = dict(map(of_grid, beside))
    chosen, notes = sets(loaded, data)
    found = [
        study(name, loaded, pieces, others, seeds, heard=heard)
        for name, pieces in chosen.items()
        for heard in (True, False)
    ]
    kept = [] if others else recorded(loaded.spec)
    reports = tuple(with_recorded(describe(one), kept) for one in found)
    if plot is not None:
        draw(found, plot, title=loaded.spec.name)
    return TouchReport(
        model=loaded.spec.name,
        file=str(model),
        seeds=seeds,
        sets=reports,
        notes=(*notes, *PROTOCOLS, *_flat(reports, tuple(others))),
        passed=all(target.passed for one in reports for target in one.targets),
    )


PROTOCOLS = (
    "'level': each piece's mean is taken from both sides, of every candidate alike; a score alone does not tell it",
    "heard: the model is told how hard the keys before were struck, as by a player's keyboard; flat: by nobody",
    "an oracle knows what a flat score does not tell: the piece's mean, or how hard the key before was struck",
    f"linear guesses hear no velocities but for the last one, '{RIDGE_HEARD}'",
    f"KL: histograms of {BIN} velocities a bin; std: of the prediction within a piece over the truth's",
)


def recorded(spec: ModelSpec) -> list[SetReport]:
    """What was measured when the model was exported; nothing where it carries nothing that can be read."""
    try:
        return msgspec.convert(spec.metrics.get("sets", []), list[SetReport])
    except msgspec.ValidationError:
        return []


def with_recorded(report: SetReport, kept: Sequence[SetReport]) -> SetReport:
    """A report with the candidates that were asked about the same pieces at export and are not here now."""
    here = {line.who for line in report.lines}
    same = [one for one in kept if _identity(one) == _identity(report)]
    more = [line for one in same for line in one.lines if line.who not in here and not line.who.endswith(RECORDED)]
    renamed = [msgspec.structs.replace(line, who=f"{line.who} {RECORDED}") for line in more]
    return msgspec.structs.replace(report, lines=(*report.lines, *renamed))


def _identity(report: SetReport) -> tuple[str, bool, int, int]:
    return report.name, report.heard, report.pieces, report.notes


def describe(found: Studied) -> SetReport:
    """Put what was found on a set into lines and targets."""
    lines = tuple(Line(who=who, errors=row, nll=found.nll.get(who)) for who, row in found.rows.items())
    return SetReport(
        name=found.name,
        heard=found.heard,
        pieces=len(found.pieces),
        notes=sum(map(len, found.pieces)),
        lines=lines,
        spread=found.spread,
        targets=tuple(targets(found) if found.heard else from_flat(found)),
    )


def targets(found: Studied) -> list[Target]:
    """What a model has to reach on a set whose velocities it hears."""
    ours, last, spread = found.rows[OURS], found.rows[LAST], found.spread
    least = R_AT_HOME if found.name == "held out" else R_ABROAD
    linear, linear_level, hearing = (found.rows.get(who) for who in (RIDGE, RIDGE_LEVEL, RIDGE_HEARD))
    return [
        *([_most("MAE", ours.mae, SHARE * linear.mae, f"{SHARE:g} x {RIDGE}")] if linear else []),
        _most("MAE", ours.mae, last.mae, LAST),
        *([_most("MAE", ours.mae, hearing.mae, RIDGE_HEARD)] if hearing else []),
        *(
            [_most("MAE, level", ours.mae_level, SHARE * linear_level.mae_level, f"{SHARE:g} x {RIDGE_LEVEL}")]
            if linear_level
            else []
        ),
        _most("MAE, level", ours.mae_level, last.mae_level, LAST),
        *([_most("MAE, level", ours.mae_level, hearing.mae_level, RIDGE_HEARD)] if hearing else []),
        _least("r, mean of pieces", ours.r, least),
        _least("least std of a piece", ours.least_std, LEAST_STD),
        _between("spread", spread.ratio),
        _most("KL", spread.kl, KL, "nats"),
        _between("spread, level", spread.ratio_level),
        _most("KL, level", spread.kl_level, KL, "nats"),
    ]


def from_flat(found: Studied) -> list[Target]:
    """What it has to reach from flat scores, where nobody knows how loud a piece is: to shape it better than a line."""
    ours, level = found.rows[OURS], found.rows.get(RIDGE_LEVEL)
    return [
        *([_most("MAE, level", ours.mae_level, level.mae_level, RIDGE_LEVEL)] if level else []),
        *([_least("r, mean of pieces", ours.r, level.r)] if level and level.r is not None else []),
        _least("least std of a piece", ours.least_std, LEAST_STD),
        _between("spread, level", found.spread.ratio_level),
        _most("KL, level", found.spread.kl_level, KL, "nats"),
    ]


def _most(what: str, value: float, most: float, why: str) -> Target:
    return Target(what=what, value=value, limit=f"<= {most:.3g} ({why})", passed=value <= most)


def _least(what: str, value: float | None, least: float) -> Target:
    return Target(what=what, value=value, limit=f">= {least:.3g}", passed=value is not None and value >= least)


def _between(what: str, value: float) -> Target:
    return Target(what=what, value=value, limit=f"{NARROWEST:g}-{WIDEST:g}", passed=NARROWEST <= value <= WIDEST)


def _flat(reports: Sequence[SetReport], others: Sequence[str]) -> list[str]:
    """Why the first pianist plays everything alike, beside how much it varies."""
    rows = {(one.name, line.who): line.errors for one in reports for line in one.lines}
    said = [
        f"{who} on {one.name}: its prediction varies by {100 * rows[one.name, who].std:.0f} % of the truth, and by"
        f" {rows[one.name, who].least_std:.2f} velocities in its flattest piece"
        for one in reports
        for who in others
    ]
    return [*said, SILENCE] if said else []


SILENCE = (
    "as posted the grid's network is asked about silence: some 98 of 100 cells hold no stroke, so a constant near 0"
    " has already nearly the least squared error, and its sigmoid has hardly a gradient left there: it says one small"
    " value for every key, struck or not. Asked about struck keys alone, through a rectifier, it varies; but it sees"
    " the piece to its end and cannot play live"
)
"""Why the first pianist played everything alike."""
