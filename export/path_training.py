"""The path of a model's memory, trained and put into the model's file."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.bundled import find_model
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.schema.errors import ConfigError, DataError
from export import memories, path_arrays, recipe, whole
from export.memories import of_part, rows
from export.metrics.path_report import PathReport, notes, targets
from export.path_study import Last, Study
from export.recipe import Recipe
from export.remembered import PARTS, Memory, Progress, Run

FEWEST = 50
"""Steps of a part below which neither a map nor its figures mean anything."""


class Task(NamedTuple):
    """What is asked for: a recipe of a path, the model whose memory is to be shown, and the folder of the run."""

    recipe: Path
    of: Path
    folder: Path


def train(task: Task, progress: Progress = lambda _, __: None) -> PathReport:
    """Train a path; write the model with it, and what was measured, into the folder of the run.

    Raises:
        ConfigError: a recipe or a place that is wrong, or a last map of other memories.
        DataError: recordings that are not there, or too few.
        ModelError: no model, or one whose memory makes no path.
    """
    wanted = recipe.read(task.recipe)
    place = find_model(str(task.of), Path(), "--of")
    loaded, out = load(place), task.folder / place.name
    if out.exists() and out.resolve() == place.resolve():
        raise ConfigError(f"--out {task.folder}", f"the folder of {place}", "another folder, as the model stays")
    others = [_beside(task.recipe.parent, wanted.path.beside)] if wanted.path.beside else []
    numbers = memories.chosen(loaded.spec, wanted.path.states)
    run = Run(numbers, wanted.data.source or memories.own_source(loaded.spec), wanted.path.minutes, progress)
    streams = memories.memories(loaded, numbers, run)
    _check(task, streams)
    study = Study(wanted, numbers, streams, progress)
    ours = study.map(wanted, _last(wanted, task, loaded, streams, run))
    lines = (study.line(ours, wanted), *(study.beside(other) for other in others), study.linear())
    data = path_arrays.joined(loaded, ours.arrays)
    whole.write(out, data)
    report = PathReport(
        model=loaded.spec.name,
        file=str(out),
        of=str(place),
        dims=wanted.path.dims,
        view=wanted.path.view,
        states=tuple(loaded.spec.state[number].input for number in numbers),
        steps={part: sum(len(one.states) for one in of_part(streams, part)) for part in PARTS},
        streams={part: len(of_part(streams, part)) for part in PARTS},
        bytes_added=len(data) - len(loaded.graph),
        lines=lines,
        targets=targets(lines[0]),
        notes=notes(lines),
        passed=all(target.passed for target in targets(lines[0])),
    )
    report.save(task.folder / "metrics.json")
    return report


def _beside(folder: Path, name: str) -> Recipe:
    found = recipe.read(folder / name)
    if found.net.kind not in recipe.PATHS:
        raise ConfigError("path.beside", f"'{name}', a recipe of the kind {found.net.kind!r}", "a recipe of a path")
    return found


def _last(wanted: Recipe, task: Task, loaded: Loaded, streams: Sequence[Memory], run: Run) -> Last | None:
    """The map that the new one is laid upon: the one that is named, else the model's own."""
    name = wanted.path.align
    if not name and not path_arrays.has_path(loaded.arrays):
        return None
    other, seen = loaded, of_part(streams, "train")
    if name:
        other = load(task.recipe.parent / name)
        seen = of_part(memories.memories(other, memories.chosen(other.spec, wanted.path.states), run), "train")
        lengths = [[(stream.name, len(stream.states)) for stream in part] for part in (seen, of_part(streams, "train"))]
        if lengths[0] != lengths[1]:
            raise ConfigError("path.align", f"'{name}', which remembers other recordings", "a model of the same ones")
    places = path_arrays.encoded(other.arrays, rows(seen))
    if places.shape[1] != wanted.path.dims:
        if name:
            raise ConfigError("path.align", f"a map of {places.shape[1]} dimensions", f"one of {wanted.path.dims}")
        return None
    return Last(places, path_arrays.box_of(other.arrays))


def _check(task: Task, streams: Sequence[Memory]) -> None:
    """Refuse too little to learn from or to measure on."""
    for part in ("train", "test"):
        steps = sum(len(stream.states) for stream in of_part(streams, part))
        if steps < FEWEST:
            raise DataError(
                str(task.of), f"{steps} steps in the part '{part}'", f"at least {FEWEST}", "more recordings"
            )
