"""CSV for spreadsheets and statistics: a heading with units, then rows of numbers.

Where somebody dances each frame has a row: places in metres, right-handed, Y up. Cells of a performer that is not there
are empty, and notes and signs stand beside the frame that they fall into. Notes and signs alone have a row each.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from engine.schema.errors import DataError
from engine.schema.note import Note, Timed
from export.formats import needs
from export.formats.numbers import TOGETHER, rows
from export.formats.options import Options
from export.lengths import SECOND, held
from export.recording import Recording

DIGITS = 5
"""Decimals of metres."""

NOTES = ("start [s]", "end [s]", "what", "number", "name", "value", "channel")

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 (formats share their signature)
    """Write the places of all joints; where nobody dances, the notes and the signs that were recognised.

    Raises:
        DataError: neither bodies, notes nor signs, or bodies without a frame.
    """
    if not recording.performers and not recording.notes and not recording.signs:
        raise DataError(str(path), "a recording without bodies, notes and signs", "something that moves or sounds")
    lines = _frames(recording, path) if recording.performers else _events(recording)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _frames(recording: Recording, path: Path) -> Iterator[str]:
    skeleton = needs.bodies(recording, path)
    numbers = [one.number for one in recording.performers]
    heading = [f"p{number}/{joint}:{axis} [m]" for number in numbers for joint in skeleton.names for axis in "xyz"]
    beside = _beside(recording)
    yield _line(
        [
            "frame",
            "time [s]",
            *heading,
            *(["notes", "pedal"] if recording.notes else []),
            *(["signs"] if recording.signs else []),
        ]
    )
    for start in range(0, recording.frames, TOGETHER):
        part = slice(start, start + TOGETHER)
        there = [np.where(one.present[part, None, None], one.positions[part], np.nan) for one in recording.performers]
        text = rows(np.stack(there, axis=1).reshape(len(there[0]), -1), DIGITS, ",").replace("nan", "")
        for frame, line in enumerate(text.splitlines(), start):
            yield f"{frame},{frame / recording.fps:.6f},{line}{beside[frame] if beside else ''}\n"


def _beside(recording: Recording) -> list[str]:
    """What the rows of frames end with: keys as `60=80` (down, how hard) and `60=0` (up), the pedal, signs."""
    signs = _signed(recording) if recording.signs else [""] * recording.frames
    if not recording.notes:
        return signs if recording.signs else []
    struck: list[list[str]] = [[] for _ in range(recording.frames)]
    pedal = [""] * recording.frames
    for timed in recording.notes:
        frame = _frame(recording, timed.at)
        if isinstance(timed.event, Note):
            struck[frame].append(f"{timed.event.number}={timed.event.velocity}")
        else:
            pedal[frame] = str(timed.event.value)
    return [f",{' '.join(keys)},{value}{sign}" for keys, value, sign in zip(struck, pedal, signs, strict=True)]


def _signed(recording: Recording) -> list[str]:
    """The cell of each frame with what was recognised in it, behind a comma."""
    words: list[list[str]] = [[] for _ in range(recording.frames)]
    for at, label in recording.signs:
        words[_frame(recording, at)].append(f"{label.word}={label.certainty:.3f}")
    return ["," + _line([" ".join(found)]).rstrip("\n") if found else "," for found in words]


def _frame(recording: Recording, at: int) -> int:
    """The frame that a moment falls into."""
    return min(int(at / SECOND * recording.fps + 1e-6), recording.frames - 1)


def _events(recording: Recording) -> Iterator[str]:
    """Notes and signs in the order of their beginnings."""
    yield _line(NOTES)
    notes = [(timed.at, (f"{end / SECOND:.6f}", *_said(timed))) for timed, end in held(recording)]
    signs = [
        (at, (f"{at / SECOND:.6f}", "sign", label.number, label.word, f"{label.certainty:.3f}", ""))
        for at, label in recording.signs
    ]
    for at, cells in sorted([*notes, *signs], key=lambda event: event[0]):
        yield _line((f"{at / SECOND:.6f}", *cells))


def _said(timed: Timed) -> tuple[object, ...]:
    event = timed.event
    if isinstance(event, Note):
        name = f"{KEYS[event.number % 12]}{event.number // 12 - 1}"
        return ("note", event.number, name, event.velocity, event.channel)
    return ("pedal", "", "", event.value, event.channel)
