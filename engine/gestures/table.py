"""Signs in tables of comma-separated values: a row for each sample, a column for each channel.

The header names the columns. Four names mean something else than a channel, and each may be missing: `time` (seconds,
which must rise), `label` (the word that is being signed; empty: a rest), `session` and nothing (a number of the row).
Rows of one label in a row are a sign. A table without labels is one sign, and its file is named after it. The signs of
a table with labels but without sessions were recorded in one, which its file is named after.
"""

import csv
import io
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from engine.gestures.recording import MOST_CHANNELS, RATE, Gesture, Recording, check_rate, gesture, word
from engine.gestures.tsd import is_number
from engine.schema.errors import DataError

TIME, LABEL, SESSION = "time", "label", "session"


class _Row(NamedTuple):
    """A sample: its line, when it was, of what, and its numbers."""

    line: int
    time: float | None
    label: str
    session: str
    values: list[float]


class _Header(NamedTuple):
    """Where the columns are."""

    width: int
    time: int | None
    label: int | None
    session: int | None
    channels: tuple[int, ...]
    names: tuple[str, ...]


def read(raw: bytes, stem: str, session: str, place: str, *, rate: float | None = None) -> Recording:
    """The signs of a file.

    Args:
        raw: what is in it, UTF-8.
        stem: its name without suffix; the word, '-' and a number where it has no labels.
        session: it belongs to where it has neither labels nor sessions, the name of its folder.
        place: of the file, for errors.
        rate: samples per second; None: as its times say, or 100.

    Raises:
        DataError: no text, no header, rows that fit it not, no numbers, times that do not rise, no signs.
    """
    try:
        lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        head = _header(next(lines, []), place)
        own = (word(stem), session if head.label is None else stem)
        rows = [_row(texts, head, own, f"{place}: line {lines.line_num}", lines.line_num)
                for texts in lines if any(text.strip() for text in texts)]  # fmt: skip
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(place, str(error), "comma-separated values, UTF-8") from error
    _check_times(rows, place)
    gestures = tuple(_signs(rows, place))
    if not gestures:
        raise DataError(place, "no signs", "rows with a label")
    return Recording(gestures, _rate(rows, rate, place), head.names)


def _header(texts: list[str], place: str) -> _Header:
    names = [text.strip() for text in texts]
    lower = [name.lower() for name in names]
    special = {key: lower.index(key) if key in lower else None for key in (TIME, LABEL, SESSION)}
    channels = tuple(number for number, name in enumerate(names) if name and number not in special.values())
    if not 1 <= len(channels) <= MOST_CHANNELS:
        found = f"a header with {len(channels)} channels"
        raise DataError(f"{place}: line 1", found, f"names of 1 to {MOST_CHANNELS} channels")
    if all(is_number(names[number]) for number in channels):
        raise DataError(f"{place}: line 1", "numbers in the place of the header", "names of the channels")
    twice = next((name for name in lower if name and lower.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{place}: line 1", f"two columns '{twice}'", "each name once")
    where = (special[TIME], special[LABEL], special[SESSION])
    return _Header(len(names), *where, channels, tuple(names[number] for number in channels))


def _row(texts: list[str], head: _Header, own: tuple[str, str], place: str, line: int) -> _Row:
    if len(texts) != head.width:
        raise DataError(place, f"{len(texts)} columns", f"{head.width}, as in the header")
    label = own[0] if head.label is None else texts[head.label].strip()
    session = own[1] if head.session is None else texts[head.session].strip() or own[1]
    time = None if head.time is None else _number(texts[head.time], place)
    return _Row(line, time, label, session, [_number(texts[number], place) for number in head.channels])


def _number(text: str, place: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise DataError(place, f"'{text[:40]}'", "a number") from None
    if not np.isfinite(number):
        raise DataError(place, f"'{text.strip()}'", "a finite number")
    return number


def _check_times(rows: list[_Row], place: str) -> None:
    for before, row in pairwise(rows):
        same = before.session == row.session
        if same and before.time is not None and row.time is not None and row.time <= before.time:
            raise DataError(f"{place}: line {row.line}", f"time {row.time:g} after {before.time:g}", "times that rise")


def _signs(rows: list[_Row], place: str) -> Iterator[Gesture]:
    for (label, session), group in groupby(rows, lambda row: (row.label, row.session)):
        samples = list(group)
        if label:
            values = [row.values for row in samples]
            yield gesture(values, label, session, f"{place}: line {samples[0].line}")


def _rate(rows: list[_Row], rate: float | None, place: str) -> float:
    """As asked for, else as the times say: their mean step, but for gaps, as times may be rounded; else 100."""
    if rate is not None:
        return rate
    times = np.array([np.nan if row.time is None else row.time for row in rows])
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        return RATE
    return check_rate(float(1 / steps[steps < 2 * np.median(steps)].mean()), place)
