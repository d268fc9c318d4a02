"""Evaluate a model that moves through latent numbers of pictures, beside the first DanceNet."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.contracts import Loaded
from engine.inference.vet import load
from engine.schema.errors import ConfigError, ModelError
from export import latent_study
from export.latent_study import Set, Studied
from export.metrics.judged import Target
from export.metrics.picture_report import Line, PictureReport
from export.metrics.pictures import Freedom, freedom, freeze_share, recorded_changes, windows
from export.plots.pictures import Strip, sheet

FAMILY = "latents"

REBUILT_HELD_OUT, REBUILT_TRAIN = 0.80, 0.90
"""Least overlap (IoU) of pictures and their reconstructions."""

LIKE, COVERAGE = 0.80, 0.50
"""Least overlap with the nearest recorded picture, and least share of recorded places that are visited."""

FORWARD = 0.85
"""Least share of changes the recorded way, of what films reach that nobody trained on: these move their own way too."""

FREEZE = 0.01
"""By how much more a run may stand still than the recordings, which stand still for some of the time."""

JUMPS = 0.05
"""Greatest share of changes that are too great."""

REMEMBERED = 0.02
"""Least effect of what was before, in recorded deviations; one that sees only the last picture has none at all."""

DECODE_MS = 5.0
"""Longest time to draw a picture, the quickest of `DRAWN`: other programs only make it longer."""

DRAWN = 100


class Levels(NamedTuple):
    """What recordings reach themselves.

    Attributes:
        freeze: of the films that train.
        unseen: films that nobody trained on, as if they were a free run; None: there are none.
    """

    freeze: float
    unseen: Freedom | None


def evaluate(
    model: Path,
    *,
    minutes: float = 5.0,
    seeds: tuple[int, ...] = (1, 2, 3),
    beside: Sequence[Path] = (),
    plot: Path | None = None,
    progress: Callable[[str, float], None] = lambda _, __: None,
) -> PictureReport:
    """Measure a model of latent numbers.

    Args:
        model: the .onnx file.
        minutes: length of each free run.
        seeds: one free run for each.
        beside: checkpoints of the first DanceNet's network.
        plot: a PNG for the contact sheet.
        progress: hears how far it is.

    Raises:
        ModelError: a file that is no such model, or no such checkpoint.
        DataError: its films are not there.
        ConfigError: the free runs are too short, or `plot` cannot be written.
    """
    if not (math.isfinite(minutes) and minutes * 60 >= latent_study.SHORT_S):
        raise ConfigError("--minutes", f"{minutes:g}", f"{latent_study.SHORT_S:g} s or more, 0.27")
    loaded = load(model)
    if loaded.spec.family != FAMILY:
        raise ModelError(str(model), f"a model of the family {loaded.spec.family}", "a model of latent numbers")
    films = latent_study.recorded_with(loaded, str(model))
    ours = latent_study.study(loaded, films, minutes=minutes, seeds=seeds, progress=progress)
    others = [
        latent_study.study_seed(path, films, minutes=minutes, seeds=seeds[:1], progress=progress) for path in beside
    ]
    level = levels(films)
    found = targets(ours, drawing_time(loaded), level)
    if plot is not None:
        sheet(strips(films, [ours, *others]), plot, title=loaded.spec.name)
    return PictureReport(
        model=loaded.spec.name,
        file=str(model),
        minutes=minutes,
        seeds=seeds,
        pictures=tuple(map(line, (ours, *others))),
        targets=tuple(found),
        notes=notes(level),
        passed=all(target.passed for target in found),
    )


def line(found: Studied) -> Line:
    """What a report says of a candidate."""
    frames = sum(one.frames for one in found.counters)
    encoder, decoder, motion = found.parameters
    return Line(
        who=found.who,
        encoder=encoder,
        decoder=decoder,
        motion=motion,
        rebuilt={part: likeness._asdict() for part, likeness in found.rebuilt.items()},
        run=mean(found.runs),
        short=mean(found.short),
        guarded=sum(one.guarded + one.primed for one in found.counters) / max(frames, 1),
        memory=found.memory,
    )


def mean(runs: Sequence[Freedom]) -> dict[str, float]:
    """Means over runs."""
    return dict(zip(Freedom._fields, np.mean(runs, axis=0).tolist(), strict=True))


def levels(films: Set) -> Levels:
    """What recordings reach themselves."""
    moved = recorded_changes(films.train)
    still = freeze_share(moved, films.train.fps, float(np.median(windows(moved, films.train.fps))))
    held = films.films["test"] or films.films["validation"]
    return Levels(still, freedom(np.concatenate([film.frames for film in held]), films.train) if held else None)


def targets(found: Studied, milliseconds: float, level: Levels) -> list[Target]:
    """What a model has to reach; of several runs their mean, as of dancers."""
    forward = FORWARD if level.unseen is None else FORWARD * level.unseen.forward
    runs = mean(found.runs)
    held = [likeness.iou for part, likeness in found.rebuilt.items() if part != "train"]
    return [
        *([_least("rebuilt, held out: iou", min(held), REBUILT_HELD_OUT)] if held else []),
        _least("rebuilt, train: iou", found.rebuilt["train"].iou, REBUILT_TRAIN),
        _most("to draw a picture, ms", milliseconds, DECODE_MS),
        _least("iou to the nearest recorded picture", runs["iou"], LIKE),
        _least("coverage", runs["coverage"], COVERAGE),
        _least("forward", runs["forward"], forward),
        _most("freeze", runs["freeze"], level.freeze + FREEZE),
        _most("jumps", runs["jumps"], JUMPS),
        _least("memory", found.memory, REMEMBERED),
    ]


def _least(what: str, value: float, least: float) -> Target:
    return Target(what=what, value=value, limit=f">= {least:.3g}", passed=value >= least)


def _most(what: str, value: float, most: float) -> Target:
    return Target(what=what, value=value, limit=f"<= {most:.3g}", passed=value <= most)


def drawing_time(loaded: Loaded) -> float:
    """Milliseconds that the decoder takes for a picture on one core, the quickest of many."""
    graph = latent_study.opened(loaded, "decoder")
    latent = np.zeros((1, loaded.spec.head.dims), np.float32)
    times = []
    for _ in range(DRAWN):
        begun = time.perf_counter()
        graph.run(latent)
        times.append(time.perf_counter() - begun)
    graph.close()
    return 1000.0 * min(times)


def notes(level: Levels) -> tuple[str, ...]:
    """What recorded pictures themselves reach, and what else there is to know."""
    said = [
        "free runs: means over the seeds, for which targets have to hold; the first DanceNet runs once",
        f"films that train, freeze: {level.freeze:.3f}",
    ]
    if level.unseen is not None:
        told = ", ".join(f"{name} {value:.3f}" for name, value in level.unseen._asdict().items() if name != "coverage")
        said.append(f"films that nobody trained on, as a free run: {told}")
    return tuple(said)


def strips(films: Set, found: Sequence[Studied]) -> list[Strip]:
    """Rows of a contact sheet: recorded, rebuilt by each, and 16 seconds of each one's free run."""
    short = round(latent_study.SHORT_S * films.train.fps)
    longest = max(films.films["train"], key=lambda film: len(film.frames)).frames
    return [
        Strip("held out", found[0].samples[0]),
        *(Strip(f"{one.who}\nrebuilt", one.samples[1]) for one in found),
        Strip("recorded\n16 s", longest[:short]),
        *(Strip(f"{one.who}\n16 s alone", one.shown[:short]) for one in found),
    ]
