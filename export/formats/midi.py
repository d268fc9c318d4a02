"""MIDI: keys and pedal of a piano at their times, in one track (format 0), for sequencers and notation programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido

from engine.schema.errors import DataError
from engine.schema.note import SUSTAIN, Note, Timed
from export.formats.options import Options
from export.lengths import SECOND, held, length
from export.recording import Outline, Recording

BEAT = 960
"""Ticks of a quarter note, as most sequencers count: 0.52 ms each, so nothing is moved by more than 0.27 ms."""

TEMPO = 500_000
"""Microseconds of a quarter note: 120 to the minute, as nothing is known of the music's own beat."""

UP = 64
"""Velocity with which keys come up, where nobody measured it (MIDI 1.0)."""


def write(recording: Recording, path: Path, options: Options) -> None:
    """Write the notes of a recording.

    Raises:
        DataError: it has none.
    """
    refuse(recording.outline, path)
    file = mido.MidiFile(type=0, ticks_per_beat=BEAT, charset="utf-8")
    file.tracks.append(mido.MidiTrack(_track(recording, options)))
    file.save(path)


def refuse(outline: Outline, path: Path) -> None:
    """Refuse what has no notes.

    Raises:
        DataError: it has none.
    """
    if not outline.notes:
        hint = "write .bvh, .glb or .csv for the movement" if outline.points else ""
        raise DataError(str(path), "a recording without notes", f"keys that were played, as {path.suffix} holds", hint)


def _track(recording: Recording, options: Options) -> Iterator[Any]:
    """Messages of mido, which have no types, each with its ticks since the one before."""
    yield from _head(recording, options.named(recording.name))
    passed = 0
    for at, _, message in sorted(_messages(recording), key=lambda one: one[:2]):
        tick = round(at / SECOND * 1e6 / TEMPO * BEAT)
        yield message.copy(time=tick - passed)
        passed = tick


def _head(recording: Recording, title: str) -> Iterator[Any]:
    if title:
        yield mido.MetaMessage("track_name", name=title)
    if recording.credit:
        yield mido.MetaMessage("copyright", text=recording.credit)
    if recording.made:
        yield mido.MetaMessage("text", text=recording.made)
    yield mido.MetaMessage("set_tempo", tempo=TEMPO)
    yield mido.MetaMessage("time_signature", numerator=4, denominator=4)


def _messages(recording: Recording) -> Iterator[tuple[int, int, Any]]:
    """When, what comes first at the same moment, and what happens: keys come up, the pedal moves, keys go down."""
    for timed, end in held(recording):
        event, channel = timed.event, _channel(timed)
        if isinstance(event, Note):
            struck = mido.Message("note_on", channel=channel, note=event.number, velocity=event.velocity)
            up = mido.Message("note_off", channel=channel, note=event.number, velocity=UP)
            yield timed.at, 2, struck
            yield max(end, timed.at), 0 if end > timed.at else 3, up
        else:
            yield timed.at, 1, mido.Message("control_change", channel=channel, control=SUSTAIN, value=event.value)
    yield length(recording), 4, mido.MetaMessage("end_of_track")


def _channel(timed: Timed) -> int:
    """From 0; the first where nobody said."""
    return max(timed.event.channel, 1) - 1
