"""Scores with the velocities that a model of touch gives them, and how far these are from what a person played."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.bundled import find_model, find_score
from engine.inference.vet import load
from engine.open_pianist import open_pianist
from engine.pianist import Pianist
from engine.schema.controls import CONTROLS, STANDING, Control
from engine.schema.errors import ConfigError, DataError
from engine.schema.note import Note, Pedal, Timed
from export.metrics.velocity import F64, errors
from export.midi_patch import Piece, open_piece, patched
from export.plots.roll import Played, velocity_roll
from export.whole import write, write_json

KNOBS: Mapping[str, Control] = {control.name: control for control in (*CONTROLS, *STANDING)}

DEFAULTS = {"temperature": 0.0}
"""What is not asked for is the model's; but a file is written once, so with what is most to be expected."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        score: where it was read.
        out: where it was written.
        model: name of the model.
        seed: of the noise.
        controls: with which the keys were struck.
        notes: that got a velocity.
        drums: notes that kept theirs.
        heard: whether the pianist heard the score's own velocities, as they vary.
        broken: notes for which the model gave no number.
        mean: of the velocities.
        predicted_std: their standard deviation, over the whole piece (not of a sample of it).
        mae: mean absolute difference from an original, where there is one; so with all that follows.
        rmse: root of the mean square of the differences.
        correlation: None also where one side does not vary.
        true_std: standard deviation of the original.
        original: where it was read.
    """

    score: str
    out: str
    model: str
    seed: int
    controls: dict[str, float]
    notes: int
    drums: int
    heard: bool
    broken: int
    mean: float
    predicted_std: float
    mae: float | None = None
    rmse: float | None = None
    correlation: float | None = None
    true_std: float | None = None
    original: str | None = None

    def save(self, path: Path) -> None:
        """Write JSON, whole or not at all.

        Raises:
            ConfigError: the place cannot be written.
        """
        write_json(path, self)

    def lines(self) -> list[str]:
        """The same for a terminal."""
        found = [
            f"{self.out}: {self.notes} notes by {self.model}, velocity {self.mean:.1f} +- {self.predicted_std:.1f}"
        ]
        if self.heard:
            found.append("struck after hearing the score's own velocities; --no-listen leaves them out")
        if self.drums:
            found.append(f"{self.drums} notes of drums kept theirs")
        if self.broken:
            found.append(f"{self.broken} notes for which the model gave no number have the velocity before")
        if self.mae is not None and self.rmse is not None and self.true_std is not None:
            correlation = "-" if self.correlation is None else f"{self.correlation:.3f}"
            found.append(
                f"mae {self.mae:.2f}, rmse {self.rmse:.2f}, correlation {correlation},"
                f" predicted_std {self.predicted_std:.2f}, true_std {self.true_std:.2f}"
            )
        return found


class Task(NamedTuple):
    """What is asked for.

    Attributes:
        score: a MIDI file, or the name of a bundled one.
        out: the file to write.
        model: an .onnx file, or the name of a bundled one.
        controls: by their names; the model's own where nothing is said.
        seed: of the noise.
        original: the same notes as somebody played them.
        plot: a PNG to draw.
        json: where to write the report.
    """

    score: Path
    out: Path
    model: Path = Path("piano")
    controls: Mapping[str, float] = {}
    seed: int = 1
    original: Path | None = None
    plot: Path | None = None
    json: Path | None = None


def perform(task: Task) -> Report:
    """Write a score with the velocities of a model, each byte beside them as it was.

    Raises:
        DataError: a MIDI file that cannot be read, or an original of other notes.
        ModelError: a file that is no model of ours, or none of touch.
        ConfigError: a file that is nowhere, a place that is read too or cannot be written, a control out of range.
    """
    task = task._replace(
        score=find_score(str(task.score), Path(), "SCORE"),
        model=find_model(str(task.model), Path(), "--model"),
        original=task.original and find_score(str(task.original), Path(), "--compare"),
    )
    _check(task)
    piece = open_piece(task.score)
    original = None if task.original is None else _same_notes(task.original, piece, task.score)
    pianist = open_pianist(load(task.model), seed=task.seed)
    try:
        pianist.controls = msgspec.structs.replace(pianist.controls, **{**DEFAULTS, **task.controls})
        velocities = strike(pianist, piece.events)
        report = _report(task, piece, pianist, velocities, original)
    finally:
        pianist.close()
    write(task.out, patched(piece, velocities))
    if task.json is not None:
        report.save(task.json)
    if task.plot is not None:
        velocity_roll(_played(piece.events), velocities, task.plot, original=original, title=_title(report))
    return report


def strike(pianist: Pianist, events: Sequence[Timed]) -> list[int]:
    """The velocity of each key that goes down, one after the other as in a show."""
    velocities: list[int] = []
    for at, event, _, _ in events:
        match event:
            case Pedal(value=value):
                pianist.pedal(at, value)
            case Note(number=number, velocity=0):
                pianist.release(at, number)
            case Note(number=number, velocity=own):
                velocities.append(pianist.press(at, number, own))
    return velocities


def _check(task: Task) -> None:
    """Refuse what makes no sense before anything is read or written."""
    for name, value in {**task.controls, "seed": task.seed}.items():
        KNOBS[name].check(value)
    taken = {"the score": task.score, "the original": task.original, "the model": task.model}
    for option, path in (("--out", task.out), ("--plot", task.plot), ("--json", task.json)):
        if path is None:
            continue
        for what, other in taken.items():
            if other is not None and _is_same(path, other):
                raise ConfigError(option, f"'{path}' is {what} too", "a place of its own")
        taken[option] = path


def _is_same(path: Path, other: Path) -> bool:
    """Whether two paths lead to one file, whatever links there are."""
    try:
        return path.resolve() == other.resolve() or path.samefile(other)
    except (OSError, RuntimeError):  # one of them is not there, or a link leads to itself
        return False


def _same_notes(path: Path, piece: Piece, score: Path) -> list[int]:
    """The velocities of an original that has the notes of a piece."""
    strikes = open_piece(path).strikes
    for index, (other, own) in enumerate(zip(strikes, piece.strikes, strict=False), 1):
        if other.number != own.number:
            raise DataError(str(path), f"note {index} is key {other.number}", f"key {own.number} as in {score}")
    if len(strikes) != len(piece.strikes):
        raise DataError(str(path), f"{len(strikes)} notes", f"{len(piece.strikes)} as in {score}")
    return [note.velocity for note in strikes]


def _report(
    task: Task, piece: Piece, pianist: Pianist, velocities: Sequence[int], original: Sequence[int] | None
) -> Report:
    controls = {control.name: getattr(pianist.controls, control.name) for control in pianist.spec.controls}
    report = Report(
        score=str(task.score),
        out=str(task.out),
        model=pianist.spec.name,
        seed=task.seed,
        controls=controls,
        notes=len(velocities),
        drums=piece.drums,
        heard=bool(pianist.controls.listen) and len({note.velocity for note in piece.strikes}) > 1,
        broken=pianist.counters.broken,
        mean=float(np.mean(velocities)),
        predicted_std=float(np.std(velocities)),
        original=None if task.original is None else str(task.original),
    )
    return report if original is None else _compared(report, np.array(velocities, float), np.array(original, float))


def _compared(report: Report, predicted: F64, true: F64) -> Report:
    found = errors([true], [predicted])
    return msgspec.structs.replace(
        report, mae=found.mae, rmse=found.rmse, correlation=found.r, true_std=float(true.std())
    )


def _title(report: Report) -> str:
    return f"{Path(report.score).name} by {report.model}, temperature {report.controls['temperature']:g}"


def _played(events: Sequence[Timed]) -> list[Played]:
    """Each strike with the moments at which it begins and at which its key comes up or is struck again."""
    found: list[Played] = []
    down: dict[int, int] = {}
    for at, event, _, _ in events:
        if isinstance(event, Note):
            last = down.pop(event.number, None)
            if last is not None:
                found[last] = found[last]._replace(end=at / 1e9)
            if event.velocity:
                down[event.number] = len(found)
                found.append(Played(event.number, at / 1e9, at / 1e9))
    return found
