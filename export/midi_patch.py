"""Velocities of a MIDI file put into its bytes; everything else stays as it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.midi import file as midi_file
from engine.midi import smf
from engine.schema.errors import DataError
from engine.schema.note import Note, Timed


class Piece(NamedTuple):
    """A MIDI file, and where its velocities stand.

    Attributes:
        data: the file.
        events: of all keys but drums, in the order of a `Score`.
        strikes: those of them in which a key goes down.
        places: of the velocity of each strike in the file.
        drums: notes that stay as they are.
    """

    data: bytes
    events: tuple[Timed, ...]
    strikes: tuple[Note, ...]
    places: tuple[int, ...]
    drums: int


def open_piece(path: Path) -> Piece:
    """Read a file twice, by mido and byte by byte, and hold the one against the other.

    Raises:
        DataError: it cannot be read, has no notes but drums, or the two do not agree.
    """
    data = midi_file.load(path)
    events, _, drums = midi_file.contents(data, str(path))
    down = [timed for timed in events if isinstance(timed.event, Note) and timed.event.velocity]
    if not down:
        raise midi_file.silent(str(path), {midi_file.ON_DRUMS: drums} if drums else {})
    strikes = tuple(timed.event for timed in down if isinstance(timed.event, Note))
    found = _written(data, smf.walk(data, str(path)))
    told = {(timed.track, timed.message): note for timed, note in zip(down, strikes, strict=True)}
    if {at: note for at, (note, _) in found.items()} != told:
        raise DataError(str(path), f"{len(found)} notes in its bytes, {len(told)} read by mido", "the same notes")
    places = tuple(found[timed.track, timed.message][1] for timed in down)
    return Piece(data, events, strikes, places, drums)


def patched(piece: Piece, velocities: Sequence[int]) -> bytes:
    """The file with other velocities, one of 1 to 127 for each strike."""
    data = bytearray(piece.data)
    for place, velocity in zip(piece.places, velocities, strict=True):
        data[place] = velocity
    return bytes(data)


def _written(data: bytes, layout: smf.Layout) -> dict[tuple[int, int], tuple[Note, int]]:
    """Each note-on but those of drums, by track and message: what it says, and the place of its velocity."""
    found: dict[tuple[int, int], tuple[Note, int]] = {}
    for number, track in enumerate(layout.tracks):
        for index, (status, start, _) in enumerate(track.messages):
            channel = (status & 0x0F) + 1
            if status & 0xF0 == smf.NOTE_ON and channel != midi_file.DRUMS and data[start + 1]:
                key, velocity = (min(byte, 127) for byte in data[start : start + 2])
                found[number, index] = Note(key, velocity, channel), start + 1
    return found
