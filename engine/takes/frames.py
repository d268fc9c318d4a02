"""Frames as bytes: a protobuf message whose fields have a fixed width, so that only numbers are written over.

    message Frame {
      fixed32 sequence = 1;
      fixed32 milliseconds = 2;
      fixed64 tick = 3;
      repeated Performer performers = 4;
      Notes notes = 5;
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

A decoder passes over fields that it does not know, so there is room for pictures and signals.
"""

import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference import proto
from engine.inference.proto import BYTES, FIXED32, FIXED64, Malformed
from engine.motion.rig import body, make_rig
from engine.schema.frame import F32, Body, Frame, Notes, Pose, Quality
from engine.schema.note import KEYS, LOUDEST
from engine.schema.show import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton
from engine.takes.values import Taken

SEQUENCE, MILLISECONDS, TICK, PERFORMERS, NOTES, CRC = 1, 2, 3, 4, 5, 15
NUMBER, QUALITY, POSITIONS, ROOT, ROTATIONS, BONES, JOINTS, CONTROLS = 1, 2, 3, 4, 5, 6, 7, 8
VELOCITIES, PEDAL = 1, 2

ROOM = 64 * MAX_PERFORMERS
"""Fields that a frame may have: each performer has eight."""

HEAD = struct.Struct("<BIBIBQ")
"""Sequence, milliseconds and tick, each behind its key."""

WORD = struct.Struct("<BI")
"""A fixed32 behind its key."""


def key(number: int, kind: int) -> int:
    """What stands before a field."""
    return number << 3 | kind


def varint(value: int) -> bytes:
    """A number >= 0 as protobuf has it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def chunk(number: int, data: bytes) -> bytes:
    """A field of bytes, text, packed numbers or a message."""
    return varint(key(number, BYTES)) + varint(len(data)) + data


SEALED = key(CRC, FIXED32)


def seal(data: bytes) -> bytes:
    """A frame with its CRC behind it: what is written to a take.

    It takes about 1 us a performer, so the thread that writes does it.
    """
    return data + WORD.pack(SEALED, zlib.crc32(data))


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
        return bytes(data) if frame.notes is None else b"".join((data, _notes(frame.notes)))

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
        head = varint(key(PERFORMERS, BYTES)) + varint(len(inner))
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
            field = chunk(number, bytes(4 * count))
            places[number] = len(data) + len(field) - 4 * count
            data += field
    return data, places


def _notes(notes: Notes) -> bytes:
    inner = chunk(VELOCITIES, bytes(notes.velocities)) + WORD.pack(key(PEDAL, FIXED32), notes.pedal)
    return chunk(NOTES, inner)


class FrameReader:
    """Makes frames of bytes.

    Args:
        skeleton: of the bodies; None where there are none.
        knobs: C, columns of the controls.
    """

    def __init__(self, skeleton: Skeleton | None, knobs: int) -> None:
        self._points = 0 if skeleton is None else len(skeleton.names)
        self._knobs = knobs

    def decode(self, data: bytes) -> Taken:
        """The frame of sealed bytes, with arrays of its own.

        Raises:
            Malformed: the CRC does not fit, or the bytes are no frame of these bodies.
        """
        checked(data)
        message = proto.Message(memoryview(data)[: -WORD.size], proto.Budget(ROOM))
        cast = message.messages(PERFORMERS)
        if len(cast) > MAX_PERFORMERS:
            raise Malformed(f"{len(cast)} performers")
        performers = tuple(_number(one, NUMBER) for one in cast)
        if any(not 1 <= number <= MAX_PERFORMERS for number in performers) or len(set(performers)) < len(cast):
            raise Malformed("numbers of performers that cannot be")
        pose, controls = self._pose(cast)
        frame = Frame(
            _number(message, SEQUENCE),
            _number(message, MILLISECONDS),
            pose,
            tuple(Quality(_number(one, QUALITY)) for one in cast),
            performers,
            _read_notes(message),
        )
        return Taken(frame, _number(message, TICK, 8), controls)

    def _pose(self, cast: list[proto.Message]) -> tuple[Pose, F32]:
        count, points = len(cast), self._points
        columns = {number: _column(cast, number) for number in range(POSITIONS, CONTROLS + 1)}
        positions = _shaped(columns[POSITIONS], count, points, 3)
        root = columns[ROOT] if count else np.zeros((0, 7), np.float32)
        if root.shape[1] != 7:
            raise Malformed("a root that is none")
        rotations = _shaped(columns[ROTATIONS], count, points, 4) if columns[ROTATIONS].size else None
        solved = None
        if columns[BONES].size:
            bones = _shaped(columns[BONES], count, columns[BONES].shape[1] // 4, 4)
            joints = columns[JOINTS]
            solved = Body(_shaped(joints, count, joints.shape[1] // 3, 3) if joints.size else positions, bones)
        controls = columns[CONTROLS]
        if controls.size and controls.shape[1] != self._knobs:
            raise Malformed(f"{controls.shape[1]} controls where the take has {self._knobs}")
        return Pose(positions, root, rotations, solved), controls


def checked(data: bytes) -> None:
    """Make sure that the bytes of a frame are those that were sealed.

    Raises:
        Malformed: they are not.
    """
    if len(data) < WORD.size:
        raise Malformed("truncated")
    mark, found = WORD.unpack_from(data, len(data) - WORD.size)
    if mark != SEALED or found != zlib.crc32(memoryview(data)[: -WORD.size]):
        raise Malformed("a CRC that does not fit")


def _number(message: proto.Message, field: int, width: int = 4) -> int:
    """A fixed number; 0 where it is left out."""
    found = message.values(field)
    if not found:
        return 0
    if len(found[-1]) != width:
        raise Malformed("a number of another width")
    return int.from_bytes(found[-1], "little")


def _column(cast: list[proto.Message], field: int) -> F32:
    """(P, N) floats of a field of all performers; (P, 0) where nobody has it."""
    found = [one.values(field)[-1] if field in one else memoryview(b"") for one in cast]
    if len({len(each) for each in found}) > 1 or any(len(each) % 4 for each in found):
        raise Malformed("performers that differ in size")
    return np.frombuffer(b"".join(found), "<f4").astype(np.float32).reshape(len(cast), -1) if found else _NOTHING.copy()


_NOTHING = np.zeros((0, 0), np.float32)


def _shaped(column: F32, count: int, points: int, width: int) -> F32:
    if column.shape[1] != points * width and count:
        raise Malformed("a body of another skeleton")
    return column.reshape(count, points, width)


def _read_notes(message: proto.Message) -> Notes | None:
    found = message.messages(NOTES)
    if not found:
        return None
    velocities = tuple(b"".join(found[-1].values(VELOCITIES)))
    pedal = _number(found[-1], PEDAL)
    if len(velocities) != KEYS or max(*velocities, pedal) > LOUDEST:
        raise Malformed("keys that no piano has")
    return Notes(velocities, pedal)
