"""What tells other programs, such as Foxglove, how to read the records of a take."""

from typing import Any, NamedTuple

import msgspec

from engine.inference.proto import field
from engine.takes import frames
from engine.takes.events import Line, Stroke
from engine.takes.values import Asked, Reported, Topic

PACKAGE = "figurant"

FLOAT, STRING, MESSAGE, BYTES, FIXED64, FIXED32 = 2, 9, 11, 12, 6, 7
"""Types of `google.protobuf.FieldDescriptorProto`."""

OPTIONAL, REPEATED = 1, 3


class Channel(NamedTuple):
    """What stands in an MCAP file about a topic.

    Attributes:
        topic: of the records.
        schema: name of their type.
        encoding: of the schema.
        data: the schema.
        message: encoding of the records.
    """

    topic: Topic
    schema: str
    encoding: str
    data: bytes
    message: str


def _field(name: str, number: int, kind: int, label: int = OPTIONAL, of: str = "") -> bytes:
    data = field(1, name) + field(3, number) + field(4, label) + field(5, kind)
    return field(2, data + (field(6, f".{PACKAGE}.{of}") if of else b""))


def _type(name: str, *fields: bytes) -> bytes:
    return field(4, field(1, name) + b"".join(fields))


def descriptors() -> bytes:
    """The `FileDescriptorSet` of a frame."""
    floats = ("positions", "root", "rotations", "bones", "joints", "controls")
    performer = _type(
        "Performer",
        _field("number", frames.NUMBER, FIXED32),
        _field("quality", frames.QUALITY, FIXED32),
        *(_field(name, frames.POSITIONS + place, FLOAT, REPEATED) for place, name in enumerate(floats)),
    )
    notes = _type("Notes", _field("velocities", frames.VELOCITIES, BYTES), _field("pedal", frames.PEDAL, FIXED32))
    picture = _type(
        "Picture",
        _field("height", frames.HEIGHT, FIXED32),
        _field("width", frames.WIDTH, FIXED32),
        _field("latent", frames.LATENT, FLOAT, REPEATED),
        _field("pixels", frames.PIXELS, BYTES),
    )
    signal = _type(
        "Signal",
        _field("name", frames.NAME, STRING),
        _field("performer", frames.PERFORMER, FIXED32),
        _field("values", frames.VALUES, FLOAT, REPEATED),
    )
    label = _type(
        "Label",
        _field("word", frames.SIGN, STRING),
        _field("certainty", frames.CERTAINTY, FLOAT),
        _field("number", frames.PLACE, FIXED32),
    )
    frame = _type(
        "Frame",
        _field("sequence", frames.SEQUENCE, FIXED32),
        _field("milliseconds", frames.MILLISECONDS, FIXED32),
        _field("tick", frames.TICK, FIXED64),
        _field("performers", frames.PERFORMERS, MESSAGE, REPEATED, "Performer"),
        _field("notes", frames.NOTES, MESSAGE, of="Notes"),
        _field("picture", frames.PICTURE, MESSAGE, of="Picture"),
        _field("signals", frames.SIGNALS, MESSAGE, REPEATED, "Signal"),
        _field("labels", frames.LABELS, MESSAGE, REPEATED, "Label"),
        _field("crc", frames.CRC, FIXED32),
    )
    file = field(1, "figurant.proto") + field(2, PACKAGE) + performer + notes + picture + signal + label + frame
    return field(1, file + field(12, "proto3"))


def _json(struct: type[msgspec.Struct]) -> bytes:
    """The JSON schema of a struct, with its type at the top, where Foxglove looks for it."""
    _, parts = msgspec.json.schema_components((struct,))
    schema: dict[str, Any] = parts[struct.__name__]
    return msgspec.json.encode(schema)


def channels() -> tuple[Channel, ...]:
    """The topics of a take; a channel's number in the file is its place here, from 1."""
    others: tuple[tuple[Topic, str, type[msgspec.Struct]], ...] = (
        ("/notes", "Stroke", Stroke),
        ("/controls", "Asked", Asked),
        ("/journal", "Line", Line),
        ("/state", "Reported", Reported),
    )
    return (
        Channel("/frames", f"{PACKAGE}.Frame", "protobuf", descriptors(), "protobuf"),
        *(Channel(topic, f"{PACKAGE}.{name}", "jsonschema", _json(struct), "json") for topic, name, struct in others),
    )
