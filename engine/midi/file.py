"""Scores from MIDI files, by mido: tracks and channels become one piano, ticks become nanoseconds."""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mido

from engine.midi import smf
from engine.midi.strokes import PEDAL, STRUCK, UP, Edge, Stroke, merged, paired, raised
from engine.midi.tempo import TempoMap
from engine.schema.errors import DataError
from engine.schema.note import HIGHEST, LOWEST, SUSTAIN, Note, Pedal, Score, Timed, on_piano

MOST_BYTES = 64 << 20
LONGEST = 24 * 3600 * 10**9
"""Nanoseconds that a score lasts at most."""

DRUMS = 10
"""Channel whose keys are drums (General MIDI)."""

OUTSIDE = f"keys outside {LOWEST}-{HIGHEST}"
ON_DRUMS = "drums"


class Contents(NamedTuple):
    """What a MIDI file has for a keyboard of 128 keys, in the order of a `Score`.

    Attributes:
        events: each key that goes down comes up again; what comes up has the message that struck it.
        length: nanoseconds, to the end of the last track or until the last key is up.
        drums: notes on the channel of drums, which are not here.
    """

    events: tuple[Timed, ...]
    length: int
    drums: int


def read(path: Path) -> Score:
    """Read what a piano plays of a MIDI file.

    A key that two voices hold comes up when the last of them lets go, on the channel of each; struck again while it is
    down it stays down. Whatever is down at the end comes up there.

    Raises:
        DataError: the file cannot be read, is broken or too large, or has no notes for a piano.
    """
    events, length, drums = contents(load(path), str(path))
    kept = tuple(timed for timed in events if not isinstance(timed.event, Note) or on_piano(timed.event.number))
    outside = struck(events) - struck(kept)
    left_out = {reason: count for reason, count in ((ON_DRUMS, drums), (OUTSIDE, outside)) if count}
    if not struck(kept):
        raise silent(str(path), left_out)
    return Score(path.stem, kept, length, left_out)


def load(path: Path) -> bytes:
    """The bytes of a MIDI file.

    Raises:
        DataError: it cannot be read, or is larger than `MOST_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(str(path), error.strerror or "unreadable", "a MIDI file") from error
    if len(data) > MOST_BYTES:
        raise DataError(str(path), f"more than {MOST_BYTES >> 20} MB", "a smaller MIDI file")
    return data


def contents(data: bytes, place: str) -> Contents:
    """Read all notes and the pedal of a MIDI file.

    Args:
        data: the file.
        place: what errors call it.

    Raises:
        DataError: it is no MIDI file, is broken, has a tempo of 0, or lasts more than a day.
    """
    layout = smf.walk(data, place)
    tracks = _tracks(smf.plain(data, layout), place)
    tempi = TempoMap(
        layout.division, ((tick, m.tempo) for t in tracks for tick, m in t if m.type == "set_tempo"), place
    )
    end = tempi.at(max((track[-1][0] for track in tracks if track), default=0))
    if end > LONGEST:
        raise DataError(place, f"lasts {end / 3600e9:.0f} hours", f"at most {LONGEST / 3600e9:.0f}")
    edges = [*_edges(_sounds(tracks), tempi, end), *_pedals(tracks, tempi)]
    events = merged(sorted(edges))
    length = max(end, events[-1].at if events else 0)
    drums = sum(_is_struck(m) and m.channel == DRUMS - 1 for track in tracks for _, m in track)
    return Contents((*events, *raised(events, length)), length, drums)


def struck(events: Iterable[Timed]) -> int:
    """How many keys go down."""
    return sum(isinstance(timed.event, Note) and timed.event.velocity > 0 for timed in events)


def silent(place: str, left_out: dict[str, int]) -> DataError:
    """The error of a file without notes."""
    counts = ", ".join(f"{count} on {reason}" for reason, count in left_out.items())
    return DataError(place, "no notes" + (f" but {counts}" if counts else ""), "notes that a piano plays")


Track = Sequence[tuple[int, Any]]
"""mido's messages, which have no types, each with its tick."""


def _tracks(data: bytes, place: str) -> list[Track]:
    """The tracks of a file that was walked through, as mido reads them; it takes 127 for what no data byte can be."""
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except (EOFError, OSError, ValueError, TypeError, LookupError) as error:
        raise DataError(place, f"{error or type(error).__name__}", smf.EXPECTED) from error
    found: list[Track] = []
    for track in file.tracks:
        tick, placed = 0, []
        for message in track:
            tick += message.time
            placed.append((tick, message))
        found.append(placed)
    return found


class _Sound(NamedTuple):
    """A key that is struck, in ticks; `end` None: nobody lets go."""

    start: int
    end: int | None
    note: Note
    track: int
    message: int


def _is_struck(message: Any) -> bool:  # noqa: ANN401 - mido's messages have no types
    return bool(message.type == "note_on" and message.velocity)


def _sounds(tracks: Sequence[Track]) -> Iterator[_Sound]:
    for number, track in enumerate(tracks):
        strokes: dict[tuple[int, int], list[Stroke]] = defaultdict(list)
        for index, (tick, message) in enumerate(track):
            if message.type in ("note_on", "note_off") and message.channel != DRUMS - 1:
                velocity = message.velocity if message.type == "note_on" else 0
                strokes[message.channel, message.note].append(Stroke(tick, index, velocity))
        for (channel, key), row in strokes.items():
            for stroke, end in paired(row):
                yield _Sound(stroke.tick, end, Note(key, stroke.velocity, channel + 1), number, stroke.message)


def _edges(sounds: Iterable[_Sound], tempi: TempoMap, last: int) -> Iterator[Edge]:
    """Both ends of each sound; one that has no length lasts a nanosecond, so that its end comes after its beginning."""
    for start, end, note, track, message in sounds:
        begins = tempi.at(start)
        ends = max(last if end is None else tempi.at(end), begins + 1)
        yield Edge(begins, STRUCK, note.number, track, message, note)
        yield Edge(ends, UP, note.number, track, message, note)


def _pedals(tracks: Sequence[Track], tempi: TempoMap) -> Iterator[Edge]:
    for number, track in enumerate(tracks):
        for index, (tick, message) in enumerate(track):
            if message.type == "control_change" and message.control == SUSTAIN and message.channel != DRUMS - 1:
                pedal = Pedal(message.value, message.channel + 1)
                yield Edge(tempi.at(tick), PEDAL, 0, number, index, pedal)
