"""A model with rounded weights, written only where it is as good as the one that it was made from."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec.structs import replace
from rich.table import Table
from rich.text import Text

from engine.contracts import Loaded
from engine.inference.int8_graph import quantized
from engine.inference.metadata import Arrays
from engine.inference.recognise import recognise
from engine.inference.step_graph import Weights, build
from engine.inference.vet import load
from engine.schema.errors import ConfigError, ModelError
from engine.schema.model import ModelSpec
from export import evaluate, gate, recorded, velocity_evaluate, whole
from export.gate import Change, Figure
from export.metrics.report import FAILED, PASSED, number
from export.metrics.study import Progress
from export.metrics.touch_report import Line
from export.onnx_graph import checked, checked_graph

KINDS = ("fp16", "int8")
"""What the large matrices can become."""

TOUCH = "velocity"
"""The family that is measured on pieces."""

RECORDED = f" {velocity_evaluate.RECORDED}"
"""What an evaluation puts behind the name of a candidate that the file tells of."""

Measured = tuple[tuple[Figure, ...], dict[str, Any]]
"""What is compared, and what a file carries of it."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        model: the .onnx file; its graph is one of ours, in float32 (for int8 in half precision as well).
        out: the .onnx file to write.
        to: what the large matrices become.
        limit: percent by which a figure may move, of its scale; see `export.gate`.
        data: recordings to hold out instead of the model's own.
        minutes: length of each free run.
        seeds: one free run for each.
        json: every change, and what was allowed.

    Raises:
        ConfigError: settings without sense, or `out` is the model itself or a folder.
    """

    model: Path
    out: Path
    to: str
    limit: float = 2.0
    data: Path | None = None
    minutes: float = 10.0
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    json: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done before anything is measured."""
        if self.to not in KINDS:
            raise ConfigError("--to", f"'{self.to}'", " or ".join(KINDS))
        if not 0 < self.limit <= 100:
            raise ConfigError("--limit", f"{self.limit:g}", "percent, more than 0 and at most 100")
        if self.out.is_dir() or self.out.resolve() == self.model.resolve():
            found = "a folder" if self.out.is_dir() else "the model itself"
            raise ConfigError(f"--out {self.out}", found, "another file, as the original stays")


class Quantized(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        model: the file that it was made from.
        file: where it lies.
        to: what the large matrices became.
        limit: percent.
        bytes_before: of the original file.
        bytes_after: of the new one.
        changes: of the figures.
    """

    model: str
    file: str
    to: str
    limit: float
    bytes_before: int
    bytes_after: int
    changes: tuple[Change, ...]

    def table(self) -> Table:
        """The changes, for a terminal, without targets that are reached as before."""
        title = f"{self.file} ({self.to}): a figure may move by {self.limit:g} % of its scale, or its spread"
        table = Table(title=title, title_justify="left")
        table.add_column("metric")
        for heading in ("before", "after", "change", "allowed"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("")
        for change in self.changes:
            if change.allowed is None and change.kept:
                continue
            known = change.before is not None and change.after is not None
            moved = (change.after or 0.0) - (change.before or 0.0) if known else None
            cells = [number(value) for value in (change.before, change.after)]
            cells += ["-" if value is None else f"{value:.2g}" for value in (moved, change.allowed)]
            table.add_row(Text(change.metric), *cells, PASSED if change.kept else FAILED)
        return table


def quantize(task: Task, progress: Progress = lambda _, __: None) -> Quantized:
    """Round a model's weights, measure both, and write the rounded one if it is as good.

    Args:
        task: what is asked for.
        progress: hears how far it is.

    Raises:
        ModelError: no model of ours, one that is rounded already or cannot be evaluated, or one that does not bear it.
        DataError: the recordings to measure it on are not there.
        ConfigError: a file cannot be written.
    """
    loaded = load(task.model)
    weights = _weights(task, loaded)
    with TemporaryDirectory() as folder:
        trial = Path(folder) / task.model.name
        trial.write_bytes(rounded(weights, loaded.spec, loaded.arrays, task.to))
        measure = _touch if loaded.spec.family == TOUCH else _dance
        (before, _), (after, metrics) = (measure(path, task, progress) for path in (task.model, trial))
    changes = gate.compare(before, after, task.limit / 100)
    _refuse(task, gate.worst(changes))
    said = {"to": task.to, "limit": task.limit, "changes": msgspec.to_builtins(changes)}
    # What training noted of the network stays beside what was measured of the file.
    training, noted = loaded.spec.training | {"quantized": said}, loaded.spec.metrics | metrics
    spec = replace(loaded.spec, training=training, metrics=noted)
    data = rounded(weights, spec, loaded.arrays, task.to)
    whole.write(task.out, data)
    result = Quantized(
        model=str(task.model),
        file=str(task.out),
        to=task.to,
        limit=task.limit,
        bytes_before=len(loaded.graph),
        bytes_after=len(data),
        changes=changes,
    )
    if task.json is not None:
        whole.write_json(task.json, result)
    return result


def rounded(weights: Weights, spec: ModelSpec, arrays: Arrays, to: str) -> bytes:
    """The file of a model whose large matrices are `fp16` or `int8`."""
    if to == "fp16":
        return checked(weights, spec, arrays, half=True)
    return checked_graph(quantized(build(weights, spec.head.kind)), spec, arrays)


def _weights(task: Task, loaded: Loaded) -> Weights:
    found = recognise(loaded.graph, loaded.spec)
    if found is None:
        raise ModelError(
            str(task.model), "a graph of another making, or one in int8", "a model of `engine-export onnx`"
        )
    if found.half and task.to == "fp16":
        raise ModelError(str(task.model), "weights in half precision", "float32")
    return found.weights


def _dance(path: Path, task: Task, progress: Progress) -> Measured:
    report = evaluate.evaluate(path, data=task.data, minutes=task.minutes, seeds=task.seeds, progress=progress)
    kept = recorded.of_dance(report)
    beside = {name.removesuffix(RECORDED): values for name, values in kept["beside"].items()}
    return gate.of_dance(report), kept | {"beside": beside}


def _touch(path: Path, task: Task, progress: Progress) -> Measured:
    progress(f"{path.name}: held-out pieces", 0.0)
    report = velocity_evaluate.evaluate(path, data=task.data, seeds=task.seeds)
    sets = tuple(replace(one, lines=tuple(map(_plain, one.lines))) for one in report.sets)
    return gate.of_touch(report), recorded.of_touch(replace(report, sets=sets))


def _plain(line: Line) -> Line:
    """A line that was recorded at export, under its own name, so that it is found again."""
    return replace(line, who=line.who.removesuffix(RECORDED))


def _refuse(task: Task, change: Change | None) -> None:
    """Raise for the change that is worst."""
    if change is None:
        return
    before, after = (number(value) if value is None else f"{value:.5g}" for value in (change.before, change.after))
    expected = "as before, its target reached"
    if not change.missed:
        expected = f"at most {change.allowed or 0.0:.2g} away, {task.limit:g} % of its scale or the spread of the seeds"
    hint = "nothing is written; fp16 rounds less" if task.to == "int8" else "nothing is written"
    raise ModelError(f"{task.model} in {task.to}: {change.metric}", f"{after} instead of {before}", expected, hint)
