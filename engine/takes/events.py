"""What a take holds beside frames, as JSON: strokes, accepted requests, the journal and the state."""

from typing import Annotated

import msgspec
from msgspec import Meta

from engine.inference.proto import Malformed
from engine.schema.note import Note, Pedal
from engine.takes.values import TOPICS, Asked, Entry, Reported, Struck, Topic

Byte = Annotated[int, Meta(ge=0, le=127)]


class Stroke(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of `/notes`: a key with its velocity (0: it comes up), or the pedal alone.

    Attributes:
        note: number of the key.
        velocity: how hard it is struck.
        pedal: 0 to 127.
        channel: 1 to 16, or 0 where nobody said.
    """

    note: Byte | None = None
    velocity: Byte | None = None
    pedal: Byte | None = None
    channel: Annotated[int, Meta(ge=0, le=16)] = 1


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `/journal`.

    Attributes:
        tick: it was done before the frame with this tick was computed.
        done: what was done, as `engine.runtime.journal` wrote it.
    """

    tick: int
    done: msgspec.Raw


Other = Struck | Asked | Entry | Reported

_encode = msgspec.json.encode
_strokes = msgspec.json.Decoder(Stroke)
_asked = msgspec.json.Decoder(Asked)
_lines = msgspec.json.Decoder(Line)
_reported = msgspec.json.Decoder(Reported)


def encode(record: Other) -> tuple[Topic, bytes]:
    """Where a record belongs, and its bytes; the moment of a stroke is the message's own."""
    line: object = record
    if isinstance(record, Struck):
        line = _stroke(record)
    elif isinstance(record, Entry):
        line = Line(tick=record.tick, done=msgspec.Raw(record.data))
    return TOPICS[type(record)], _encode(line)


def decode(topic: Topic, at: int, data: bytes) -> Other:
    """The record of the bytes.

    Args:
        topic: where they stood; not that of the frames.
        at: nanoseconds since the show began, as the message has it.
        data: the bytes.

    Raises:
        Malformed: they are no such record.
    """
    try:
        if topic == "/notes":
            return Struck(at, _event(_strokes.decode(data)))
        if topic == "/journal":
            line = _lines.decode(data)
            return Entry(line.tick, bytes(line.done))
        return _asked.decode(data) if topic == "/controls" else _reported.decode(data)
    except msgspec.MsgspecError as error:
        raise Malformed(f"no line of {topic}: {error}") from error


def _stroke(record: Struck) -> Stroke:
    event = record.event
    if isinstance(event, Note):
        return Stroke(note=event.number, velocity=event.velocity, channel=event.channel)
    return Stroke(pedal=event.value, channel=event.channel)


def _event(stroke: Stroke) -> Note | Pedal:
    if stroke.note is not None and stroke.velocity is not None:
        return Note(stroke.note, stroke.velocity, stroke.channel)
    if stroke.pedal is None:
        raise Malformed("no line of /notes: neither a key nor the pedal")
    return Pedal(stroke.pedal, stroke.channel)
