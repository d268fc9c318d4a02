"""Standard MIDI Files as bytes: which message stands where (MIDI Manufacturers Association, RP-001)."""

import struct
from typing import NamedTuple

from engine.schema.errors import DataError

EXPECTED = "a Standard MIDI File"

MOST_EVENTS = 1_000_000
"""Messages of a file: half a million notes, fifteen hours of dense playing; each takes 15 us and a kilobyte to read."""

MOST_TRACKS = 32767
"""mido reads the number of tracks with a sign."""

LONGEST_NUMBER = 4
"""Bytes of a number of variable length."""

NOTE_ON = 0x90
SYSEX, ESCAPE, META = 0xF0, 0xF7, 0xFF
TEXT, END, TEMPO = 0x01, 0x2F, 0x51

TEMPO_BYTES = 3

DATA_BYTES = {0x80: 2, NOTE_ON: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
"""Data bytes of the messages of a channel, by the upper half of the status."""


class Message(NamedTuple):
    """One message of a track.

    Attributes:
        status: its first byte, also where the file leaves it out because it is that of the message before.
        start: place in the file of what follows the status: data, a meta event's type, a system message's length.
        end: place of the first byte behind it.
    """

    status: int
    start: int
    end: int


class Track(NamedTuple):
    """One track: the place of its first byte and of the first behind it, without the head of the chunk."""

    start: int
    end: int
    messages: tuple[Message, ...]


class Layout(NamedTuple):
    """What stands where in a file.

    Attributes:
        division: the word of the head that says what a tick is, 0 to 65535.
        tracks: in the order of the file.
    """

    division: int
    tracks: tuple[Track, ...]


def walk(data: bytes, place: str) -> Layout:
    """Find every message of a file whose tracks are played together (format 0 and 1).

    Chunks that are no tracks, and what follows the last track, are passed over.

    Args:
        data: the file.
        place: what errors call it.

    Raises:
        DataError: this is no such file, or it is broken.
    """
    count, division, at = _head(data, place)
    tracks: list[Track] = []
    room = MOST_EVENTS
    while len(tracks) < count:
        name, start = data[at : at + 4], at + 8
        if len(data) < start:
            raise DataError(place, f"the file ends after {len(tracks)} of {count} tracks", EXPECTED)
        at = start + int.from_bytes(data[at + 4 : start])
        if name == b"MTrk":
            tracks.append(_track(data, start, at, f"{place}: track {len(tracks) + 1}", room))
            room -= len(tracks[-1].messages)
    return Layout(division, tuple(tracks))


def plain(data: bytes, layout: Layout) -> bytes:
    """The same messages, of which mido understands each.

    mido refuses a whole file for an odd key signature, and forgets when a meta event of an unknown type comes; so every
    one but tempo and end is shown to it as text, and chunks that are no tracks are left out.
    """
    parts = [b"MThd", struct.pack(">LHHH", 6, 1, len(layout.tracks), layout.division)]
    for track in layout.tracks:
        body = bytearray(data[track.start : track.end])
        for message in track.messages:
            if message.status == META and data[message.start] not in (END, TEMPO):
                body[message.start - track.start] = TEXT
        parts += [b"MTrk", struct.pack(">L", len(body)), bytes(body)]
    return b"".join(parts)


def _head(data: bytes, place: str) -> tuple[int, int, int]:
    """How many tracks there are, what a tick is, and where the first chunk begins."""
    if data[:4] != b"MThd":
        found = "an empty file" if not data else f"it begins with {data[:4]!r}, not with b'MThd'"
        raise DataError(place, found, EXPECTED)
    if len(data) < 14 or (size := int.from_bytes(data[4:8])) < 6:
        raise DataError(place, "its head is cut off", EXPECTED)
    kind, count, division = struct.unpack(">HHH", data[8:14])
    if kind > 1:
        raise DataError(place, f"format {kind}", "format 0 or 1", "the tracks of format 2 are pieces of their own")
    if not 1 <= count <= MOST_TRACKS:
        raise DataError(place, f"{count} tracks", f"1 to {MOST_TRACKS}")
    return count, division, 8 + size


def _track(data: bytes, start: int, end: int, place: str, room: int) -> Track:
    if end > len(data):
        raise DataError(place, f"cut off: {len(data) - start} of {end - start} bytes", EXPECTED)
    found: list[Message] = []
    at, running = start, 0
    try:
        while at < end:
            message = _message(data, at, running)
            found.append(message)
            at = message.end
            if message.status != META:  # many programs go on with the status from before, and mido lets them
                running = 0 if message.status in (SYSEX, ESCAPE) else message.status
            if len(found) > room:
                raise DataError(place, f"more than {MOST_EVENTS} messages in the file", "fewer")
    except ValueError as error:
        raise DataError(place, f"byte {at}: {error}", EXPECTED) from error
    except IndexError:
        at = len(data) + 1
    if at > end:
        raise DataError(place, "its last message is cut off", EXPECTED)
    return Track(start, end, tuple(found))


def _message(data: bytes, at: int, running: int) -> Message:
    """The message at a place, with the time before it.

    Raises:
        ValueError: there is none.
        IndexError: the file ends.
    """
    _, at = _number(data, at)
    status = data[at]
    if status < 0x80:
        if not running:
            raise ValueError("data without a status")
        status = running
    else:
        at += 1
    if status in (SYSEX, ESCAPE, META):
        length, start = _number(data, at + (status == META))
        if status == META and data[at] == TEMPO and length < TEMPO_BYTES:
            raise ValueError(f"a tempo of {length} bytes")
        return Message(status, at, start + length)
    size = DATA_BYTES.get(status & 0xF0)
    if size is None:
        raise ValueError(f"status 0x{status:02x}, which no file has")
    return Message(status, at, at + size)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it; errors as for `_message`."""
    value = byte = data[at]
    if byte < 0x80:
        return value, at + 1
    value &= 0x7F
    for place in range(at + 1, at + LONGEST_NUMBER):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise ValueError(f"a number of more than {LONGEST_NUMBER} bytes")
