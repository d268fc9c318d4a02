"""Frames as bytes: a protobuf message whose fields have a fixed width, so that only numbers are written over.

    message Frame {
      fixed32 sequence = 1;
      fixed32 milliseconds = 2;
      fixed64 tick = 3;
      repeated Performer performers = 4;
      Notes notes = 5;
      Picture picture = 6;
      repeated Signal signals = 7;
      repeated Label labels = 8;
      fixed32 crc = 15;                  // CRC-32 of all bytes before this field, which stands last
    }
    message Performer {
      fixed32 number = 1;
      fixed32 quality = 2;
      repeated float positions = 3;      // x y z of each joint; the others as `engine.schema.frame` has them
      repeated float root = 4;
      repeated float rotations = 5;
      repeated float bones = 6;
      repeated float joints = 7;         // left out where they are the positions, bit for bit
      repeated float controls = 8;
    }
    message Notes {
      bytes velocities = 1;
      fixed32 pedal = 2;
    }
    message Picture {
      fixed32 height = 1;
      fixed32 width = 2;
      repeated float latent = 3;         // left out where nothing was decoded
      bytes pixels = 4;                  // grey, the top row first
    }
    message Signal {
      string name = 1;
      fixed32 performer = 2;             // 0: of an act
      repeated float values = 3;
    }
    message Label {
      string word = 1;
      float certainty = 2;
      fixed32 number = 3;                // among the model's labels, from 0
    }

Pixels are as they are: a take's chunks are compressed in the thread that writes, to 3 % where silhouettes of 120 x 208
are recorded, and differences from the frame before would save no more.

A decoder passes over fields that it does not know: takes with signals are read by engines that know none, and those
of such engines here.
"""

import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference.proto import BYTES, FIXED32, FIXED64, Malformed, as_varint, field, key
from engine.motion.rig import body, make_rig
from engine.schema.frame import F32, Frame, Image, Label, Notes, Quality, Signal
from engine.schema.skeleton import Skeleton

SEQUENCE, MILLISECONDS, TICK, PERFORMERS, NOTES, PICTURE, SIGNALS, LABELS, CRC = 1, 2, 3, 4, 5, 6, 7, 8, 15
NUMBER, QUALITY, POSITIONS, ROOT, ROTATIONS, BONES, JOINTS, CONTROLS = 1, 2, 3, 4, 5, 6, 7, 8
VELOCITIES, PEDAL = 1, 2
HEIGHT, WIDTH, LATENT, PIXELS = 1, 2, 3, 4
NAME, PERFORMER, VALUES = 1, 2, 3
SIGN, CERTAINTY, PLACE = 1, 2, 3

HEAD = struct.Struct("<BIBIBQ")
"""Sequence, milliseconds and tick, each behind its key."""

WORD = struct.Struct("<BI")
"""A fixed32 behind its key."""

FLOAT = struct.Struct("<Bf")
"""A float behind its key."""

HEADS = 1024
"""Beginnings of signals that are kept: of all performers and of acts, before and after a model is changed."""


SEALED = key(CRC, FIXED32)


def seal(data: bytes) -> bytes:
    """A frame with its CRC behind it: what is written to a take.

    It takes about 1 us a performer, so the thread that writes does it.
    """
    return data + WORD.pack(SEALED, zlib.crc32(data))


class Shift(NamedTuple):
    """By how much the numbers of a frame are moved."""

    sequence: int = 0
    milliseconds: int = 0
    tick: int = 0


def tick(data: bytes) -> int:
    """How many frames of the show were computed before a frame, from its bytes.

    Raises:
        Malformed: they are not as `FrameWriter` has them.
    """
    return _head(data)[2]


def shifted(data: bytes, by: Shift) -> bytes:
    """A sealed frame with other numbers; everything else as it was, whatever it is.

    Raises:
        Malformed: it is not as `FrameWriter` has it.
    """
    sequence, milliseconds, count = (max(old + more, 0) for old, more in zip(_head(data), by, strict=True))
    head = HEAD.pack(
        key(SEQUENCE, FIXED32), sequence & 0xFFFFFFFF, key(MILLISECONDS, FIXED32), milliseconds & 0xFFFFFFFF,
        key(TICK, FIXED64), count,
    )  # fmt: skip
    return seal(head + data[HEAD.size : -WORD.size])


def _head(data: bytes) -> tuple[int, int, int]:
    if len(data) >= HEAD.size + WORD.size:
        first, sequence, second, milliseconds, third, count = HEAD.unpack_from(data)
        if (first, second, third) == (key(SEQUENCE, FIXED32), key(MILLISECONDS, FIXED32), key(TICK, FIXED64)):
            return sequence, milliseconds, count
    raise Malformed("a frame that another program wrote")


class Shape(NamedTuple):
    """Floats of each field of a performer; 0 where there is none."""

    positions: int
    rotations: int
    bones: int
    joints: int
    controls: int


class FrameWriter:
    """Makes bytes of frames; for the frame thread, so in a frame like the last one it makes no array.

    Args:
        skeleton: of the bodies; None where there are none.
        rows: most performers that a frame will have.
        knobs: C, columns of the controls.
    """

    def __init__(self, skeleton: Skeleton | None, rows: int, knobs: int) -> None:
        rig = None if skeleton is None else make_rig(skeleton)
        self._rows, self._knobs = rows, knobs
        self._points = 0 if skeleton is None else len(skeleton.names)
        self._bones = 0 if rig is None else len(rig.names)
        self._joints = 0 if rig is None or skeleton is None or body(skeleton) is skeleton else len(rig.joints)
        self._rooms: dict[tuple[bool, bool, bool], _Room] = {}
        self._heads: dict[tuple[str, int, int], bytes] = {}

    def encode(self, frame: Frame, tick: int, controls: F32 | None) -> bytes:
        """The bytes of a frame, without the CRC that `seal` adds.

        Args:
            frame: of at most as many performers as there are rows.
            tick: how many frames of the show were computed before it.
            controls: (P, C), what each performer plays with; None where nobody asks.
        """
        pose = frame.pose
        kind = (pose.rotations is not None, pose.body is not None, controls is not None)
        room = self._rooms.get(kind)
        if room is None:
            room = self._rooms[kind] = _Room(self._shape(*kind), self._rows)
        data = room.put(frame, tick, controls)
        if frame.notes is None and frame.image is None and not frame.signals and not frame.labels:
            return bytes(data)
        notes = b"" if frame.notes is None else _notes(frame.notes)
        picture = () if frame.image is None else _picture(frame.image)
        signals = [part for signal in frame.signals for part in self._signal(signal)]
        return b"".join((data, notes, *picture, *signals, *map(_label, frame.labels)))

    def _signal(self, signal: Signal) -> tuple[bytes, bytes]:
        """Everything before the numbers, which stays, and these."""
        name, values, performer = signal
        kind = (name, performer, values.size)
        head = self._heads.get(kind)
        if head is None:
            if len(self._heads) >= HEADS:
                self._heads.clear()
            head = self._heads[kind] = _before(*kind)
        return head, np.ascontiguousarray(values, "<f4").tobytes()

    def _shape(self, rotations: bool, solved: bool, controls: bool) -> Shape:  # noqa: FBT001 (a key of a dictionary)
        return Shape(
            3 * self._points,
            4 * self._points if rotations else 0,
            4 * self._bones if solved else 0,
            3 * self._joints if solved else 0,
            self._knobs if controls else 0,
        )


class _Room:
    """The bytes of frames of one shape; performers follow each other at the same distance."""

    def __init__(self, shape: Shape, rows: int) -> None:
        inner, places = _performer(shape)
        head = as_varint(key(PERFORMERS, BYTES)) + as_varint(len(inner))
        self._stride = len(head) + len(inner)
        self._data = bytearray(HEAD.size) + (head + inner) * rows
        places = {number: HEAD.size + len(head) + place for number, place in places.items()}
        words = {NUMBER: 1, QUALITY: 1, POSITIONS: 3, ROOT: 7, ROTATIONS: 4, BONES: 4, JOINTS: 3, CONTROLS: 1}
        floats = {
            POSITIONS: shape.positions, ROOT: 7, ROTATIONS: shape.rotations, BONES: shape.bones,
            JOINTS: shape.joints, CONTROLS: shape.controls,
        }  # fmt: skip
        self._whole = {
            number: self._column(place, rows, floats.get(number, 1), words[number], number)
            for number, place in places.items()
        }
        self._performers: tuple[int, ...] | None = None
        self._quality: tuple[Quality, ...] = ()
        self._columns: dict[int, NDArray[np.generic]] = {}
        self._used = memoryview(self._data)

    def _column(self, place: int, rows: int, count: int, width: int, number: int) -> NDArray[np.generic]:
        """A field of all performers: (R,), (R, n) or (R, N, n)."""
        flat = {NUMBER: (), QUALITY: (), ROOT: (count,), CONTROLS: (count,)}.get(number, (count // width, width))
        strides = (self._stride, *(4 * width, 4)[2 - len(flat) :])
        kind = "<u4" if number in (NUMBER, QUALITY) else "<f4"
        return np.ndarray((rows, *flat), kind, self._data, place, strides)

    def put(self, frame: Frame, tick: int, controls: F32 | None) -> memoryview:
        """Write a frame over the last one."""
        if frame.performers != self._performers:
            self._cast(frame.performers)
        columns, pose = self._columns, frame.pose
        if frame.quality != self._quality:
            self._quality = frame.quality
            columns[QUALITY][:] = frame.quality
        HEAD.pack_into(
            self._data, 0, key(SEQUENCE, FIXED32), frame.sequence & 0xFFFFFFFF,
            key(MILLISECONDS, FIXED32), frame.milliseconds & 0xFFFFFFFF, key(TICK, FIXED64), tick,
        )  # fmt: skip
        if not frame.performers:
            return self._used
        for number, array in (
            (POSITIONS, pose.positions), (ROOT, pose.root), (ROTATIONS, pose.rotations), (CONTROLS, controls),
        ):  # fmt: skip
            if array is not None and number in columns:
                np.copyto(columns[number], array)
        if pose.body is not None:
            np.copyto(columns[BONES], pose.body.bones)
            if JOINTS in columns:
                np.copyto(columns[JOINTS], pose.body.joints)
        return self._used

    def _cast(self, performers: tuple[int, ...]) -> None:
        count = len(performers)
        self._columns = {number: column[:count] for number, column in self._whole.items()}
        self._columns[NUMBER][:] = performers
        self._columns[QUALITY][:] = 0
        self._quality = (Quality.GOOD,) * count
        self._performers = performers
        self._used = memoryview(self._data)[: HEAD.size + count * self._stride]


def _performer(shape: Shape) -> tuple[bytes, dict[int, int]]:
    """A performer's message with zeros, and where in it each field's numbers begin."""
    data = WORD.pack(key(NUMBER, FIXED32), 0) + WORD.pack(key(QUALITY, FIXED32), 0)
    places = {NUMBER: 1, QUALITY: WORD.size + 1}
    sizes = {
        POSITIONS: shape.positions, ROOT: 7, ROTATIONS: shape.rotations, BONES: shape.bones,
        JOINTS: shape.joints, CONTROLS: shape.controls,
    }  # fmt: skip
    for number, count in sizes.items():
        if count:
            own = field(number, bytes(4 * count))
            places[number] = len(data) + len(own) - 4 * count
            data += own
    return data, places


def _notes(notes: Notes) -> bytes:
    inner = field(VELOCITIES, bytes(notes.velocities)) + WORD.pack(key(PEDAL, FIXED32), notes.pedal)
    return field(NOTES, inner)


def _picture(image: Image) -> tuple[bytes, memoryview]:
    """Everything before the pixels, and these, which stand last so that they are copied once."""
    height, width = image.pixels.shape
    pixels = np.ascontiguousarray(image.pixels)
    latent = b"" if image.latent is None else field(LATENT, np.ascontiguousarray(image.latent, "<f4").tobytes())
    size = WORD.pack(key(HEIGHT, FIXED32), height) + WORD.pack(key(WIDTH, FIXED32), width)
    inner = size + latent + as_varint(key(PIXELS, BYTES)) + as_varint(pixels.size)
    return as_varint(key(PICTURE, BYTES)) + as_varint(len(inner) + pixels.size) + inner, pixels.data


def _before(name: str, performer: int, count: int) -> bytes:
    """A signal up to its numbers."""
    whose = WORD.pack(key(PERFORMER, FIXED32), performer) if performer else b""
    inner = field(NAME, name.encode(errors="replace")) + whose
    inner += as_varint(key(VALUES, BYTES)) + as_varint(4 * count)
    return as_varint(key(SIGNALS, BYTES)) + as_varint(len(inner) + 4 * count) + inner


def _label(label: Label) -> bytes:
    certainty = FLOAT.pack(key(CERTAINTY, FIXED32), label.certainty)
    place = WORD.pack(key(PLACE, FIXED32), label.number)
    return field(LABELS, field(SIGN, label.word.encode(errors="replace")) + certainty + place)
