"""The command `engine bench`: section after section, then the tables, the picture and the file of figures."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from engine.bench import clock, crowd, footprint, gpu, length, parts, pictures, recording, signs, start, step
from engine.bench.candidates import REFERENCES
from engine.bench.machine import machine, pinned
from engine.bench.plan import Plan
from engine.bench.receivers import receivers
from engine.bench.results import Report
from engine.bench.tables import tables
from engine.schema.errors import ConfigError

LENGTHS = {
    "hot": 0.3,
    "paced": 1.0,
    "parts": 0.2,
    "clock": 4.0,
    "crowd": 1.0,
    "search": 2.0,
    "footprint": 10.0,
    "recording": 5.0,
    "pictures": 5.0,
    "signs": 10.0,
}
"""Seconds of a single measurement, where nothing is said."""


class Job(NamedTuple):
    """A part of a section.

    Attributes:
        section: that gets the rows.
        label: for the person who waits.
        seconds: that it takes at least.
        rows: measures.
    """

    section: str
    label: str
    seconds: float
    rows: Callable[[], Iterable[Any]]


def run(plan: Plan, console: Console) -> Report:
    """Measure, and tell a person.

    Args:
        plan: checked.
        console: gets the tables; the progress goes to stderr.

    Raises:
        EngineError: something cannot be measured, or a file cannot be written.
    """
    if _wants_torch(plan) and find_spec("torch") is None:
        console.print("PyTorch is not installed and is left out")
    with tempfile.TemporaryDirectory() as folder, _progress() as progress:
        found = measure(plan, Path(folder), progress, console)
    for table in tables(found):
        console.print(table)
    if plan.json is not None:
        write(plan.json, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    if plan.plot is not None:
        from engine.bench.plot import draw  # noqa: PLC0415 (Matplotlib takes a second, and may be missing)

        write(plan.plot, draw(found, plan.plot))
    return found


def _wants_torch(plan: Plan) -> bool:
    return "step" in plan.sections and plan.device == "cpu" and not REFERENCES.keys().isdisjoint(plan.models)


def measure(plan: Plan, folder: Path, progress: Progress, console: Console) -> Report:
    """Everything that was asked for. What starts other processes comes first, as those are not to share one core."""
    rows: dict[str, list[Any]] = {section: [] for section in plan.sections}
    with receivers([1]) as (port,):
        free, bound = _free(plan, port), _bound(plan, folder, port, rows)
        whole = sum(job.seconds for job in (*free, *bound))
        console.print(f"this takes {length.told(whole)} or some more; whatever else runs here shows in the figures")
        task = progress.add_task("", total=whole)
        found = machine()
        for job in free:
            _do(job, rows, progress, task)
        with pinned() as core:
            found["core"] = str(core)
            for job in bound:
                _do(job, rows, progress, task)
        progress.update(task, description="done", refresh=True)
    single: dict[str, Any] = {name: rows[name][0] for name in ("start", "footprint") if name in rows}
    report: dict[str, Any] = {"machine": found, **rows, **single}
    return msgspec.convert(report, Report, from_attributes=True)


def _do(job: Job, rows: dict[str, list[Any]], progress: Progress, task: Any) -> None:  # noqa: ANN401 (Rich's own)
    progress.update(task, description=job.label, refresh=True)
    rows[job.section].extend(job.rows())
    progress.update(task, advance=job.seconds, refresh=True)


def _free(plan: Plan, port: int) -> list[Job]:
    """What may use all cores."""
    watched, slept, taken = (_seconds(plan, kind) for kind in ("footprint", "clock", "recording"))
    jobs = [
        Job("start", "starting", length.starts(), lambda: [start.measure()]),
        Job("footprint", "a show", length.show(watched), lambda: [footprint.measure(watched)]),
        Job("clock", "clocks", length.clocks(plan.clocks, slept), lambda: clock.measure(plan.clocks, slept)),
        *(
            Job(
                "recording",
                f"a recording of {size}",
                length.recording(taken),
                partial(recording.measure, port, taken, (size,)),
            )
            for size in recording.PERFORMERS
        ),
    ]
    return [job for job in jobs if job.section in plan.sections]


def _bound(plan: Plan, folder: Path, port: int, rows: dict[str, list[Any]]) -> list[Job]:
    """What is measured on one core."""
    crowds = rows.get("crowd", [])
    each, short, long = (_seconds(plan, kind) for kind in ("parts", "crowd", "search"))
    jobs = [
        *(
            _step(plan, model, batch, pace, folder)
            for model in plan.models
            for pace, some in plan.steps
            for batch in some
        ),
        *(
            Job("parts", f"parts of {size}", length.parts(each), partial(parts.measure, port, each, (size,)))
            for size in parts.PERFORMERS
        ),
        *(
            Job("crowd", f"a crowd of {size}", length.crowd(short), partial(crowd.measure, port, short, (size,)))
            for size in crowd.SIZES
        ),
        *(
            Job(
                "crowd",
                f"the largest crowd at {pace} fps",
                length.search(long),
                partial(crowd.search, port, long, pace, crowds),
            )
            for pace in crowd.PACES
        ),
        *_pictures(plan),
        *_signs(plan),
    ]
    return [job for job in jobs if job.section in plan.sections]


def _pictures(plan: Plan) -> list[Job]:
    if "pictures" not in plan.sections:
        return []
    seconds = _seconds(plan, "pictures")
    return [
        Job(
            "pictures",
            f"pictures of {path.stem}",
            length.pictures(1, seconds),
            partial(pictures.measure, [path], seconds),
        )
        for path in pictures.models(plan.models)
    ]


def _signs(plan: Plan) -> list[Job]:
    if "signs" not in plan.sections:
        return []
    seconds = _seconds(plan, "signs")
    return [
        Job("signs", f"signs of {path.stem}", length.signs(seconds), partial(signs.measure, [path], seconds))
        for path in signs.models(plan.models)
    ]


def _step(plan: Plan, model: str, batch: int, pace: str, folder: Path) -> Job:
    seconds = _seconds(plan, "hot" if pace == step.HOT else "paced")
    stepping, kind = (step.measure, "reference") if plan.device == "cpu" else (gpu.measure, "gpu")
    if plan.device == "cpu" and model not in REFERENCES:
        kind = "file"
    label = f"step of {Path(model).stem}, batch {batch}, {pace}"
    taken = partial(stepping, model, batch, pace, seconds, folder)
    return Job("step", label, length.step(kind, pace, seconds), taken)


def _seconds(plan: Plan, kind: str) -> float:
    return LENGTHS[kind] if plan.seconds is None else plan.seconds


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar that moves when it is told to: a thread of its own would disturb what is measured."""
    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    shown = Console(stderr=True)
    bar = Progress(*columns, console=shown, auto_refresh=False, transient=True, disable=not shown.is_terminal)
    with bar as progress:
        yield progress


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        ConfigError: that does not work.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ConfigError(str(path), error.strerror or str(error), "a place that can be written") from error
