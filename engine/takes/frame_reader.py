"""Frames of bytes, as `engine.takes.frames` describes them.

The frames of a take have their fields in the same places for minutes. Those are looked for once; a frame that has the
same bytes between its values is read from the same places.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.inference.proto import BYTES, FIXED32, FIXED64, VARINT, WIDTHS, Budget, Malformed, varint
from engine.schema.frame import F32, Body, Frame, Image, Label, Notes, Pose, Quality, Signal
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.model import Size
from engine.schema.note import KEYS, LOUDEST
from engine.schema.skeleton import Skeleton
from engine.takes import frames
from engine.takes.frames import SEALED, WORD
from engine.takes.values import Taken

FIELDS = 64 * MAX_PERFORMERS
"""Fields that a frame may have: each performer has eight, and more may come."""

MOST_NUMBERS = 4096
"""Of a signal, and those that a picture was decoded from, at most: over ten times those of any model that is known."""

KINDS = {
    frames.SEQUENCE: FIXED32, frames.MILLISECONDS: FIXED32, frames.TICK: FIXED64, frames.NOTES: BYTES,
    frames.PICTURE: BYTES,
}  # fmt: skip
OF_PERFORMERS = {frames.NUMBER: FIXED32, frames.QUALITY: FIXED32} | dict.fromkeys(
    range(frames.POSITIONS, frames.CONTROLS + 1), BYTES
)
OF_NOTES = {frames.VELOCITIES: BYTES, frames.PEDAL: FIXED32}
OF_SIGNAL = {frames.NAME: BYTES, frames.PERFORMER: FIXED32, frames.VALUES: BYTES}
OF_LABEL = {frames.SIGN: BYTES, frames.CERTAINTY: FIXED32, frames.PLACE: FIXED32}
OF_PICTURE = {frames.HEIGHT: FIXED32, frames.WIDTH: FIXED32, frames.LATENT: BYTES, frames.PIXELS: BYTES}


FLOATS = struct.Struct("<f")


class Span(NamedTuple):
    """Where a value stands: its first byte and the first behind it."""

    start: int
    end: int


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


class FrameReader:
    """Makes frames of bytes.

    Args:
        skeleton: of the bodies; None where there are none.
        knobs: C, columns of the controls.
        size: of the pictures; None where there are none.
    """

    def __init__(self, skeleton: Skeleton | None, knobs: int, size: Size | None = None) -> None:
        self._points = 0 if skeleton is None else len(skeleton.names)
        self._knobs, self._size = knobs, size
        self._places: _Places | None = None

    def decode(self, data: bytes) -> Taken:
        """The frame of sealed bytes, with arrays of its own; where nobody is on, nothing was solved and nobody steered.

        Raises:
            Malformed: the CRC does not fit, or the bytes are no frame of these bodies.
        """
        checked(data)
        places = self._places
        if places is None or not places.fit(data):
            places = self._places = _Places(data, self._points, self._knobs, self._size)
        return places.read(data)


class _Places:
    """Where the values of a frame stand."""

    def __init__(self, data: bytes, points: int, knobs: int, size: Size | None) -> None:
        budget = Budget(FIELDS)
        whole = Span(0, len(data) - WORD.size)
        self._top, often = _fields(data, whole, KINDS, budget, many=(frames.PERFORMERS, frames.SIGNALS, frames.LABELS))
        found = [_fields(data, span, OF_PERFORMERS, budget)[0] for span in often[frames.PERFORMERS]]
        self._signals = [_Signal(data, _fields(data, span, OF_SIGNAL, budget)[0]) for span in often[frames.SIGNALS]]
        self._labels = tuple(_label(data, _fields(data, span, OF_LABEL, budget)[0]) for span in often[frames.LABELS])
        notes, picture = self._top.pop(frames.NOTES, None), self._top.pop(frames.PICTURE, None)
        self._notes = None if notes is None else _fields(data, notes, OF_NOTES, budget)[0]
        self._picture = None if picture is None else _Picture(_fields(data, picture, OF_PICTURE, budget)[0], size)
        self._columns = {number: _Column([one.get(number) for one in found], number) for number in OF_PERFORMERS}
        self._count, self._points = len(found), points
        self._check(knobs)
        self.performers = tuple(self._columns[frames.NUMBER].words(data))
        if sorted({*self.performers} & {*range(1, MAX_PERFORMERS + 1)}) != sorted(self.performers):
            raise Malformed("numbers of performers that cannot be")
        free = [*self._top.values(), *(self._notes or {}).values()]
        free += [] if self._picture is None else self._picture.free
        free += [signal.values for signal in self._signals]
        free += [span for one in found for number, span in one.items() if number != frames.NUMBER]
        self._fixed = _outside(free, whole.end)
        self._size, self._bytes = len(data), self._between(data)

    def _check(self, knobs: int) -> None:
        size = {number: column.size for number, column in self._columns.items()}
        if not self._count:
            return
        if size[frames.POSITIONS] != 12 * self._points or size[frames.ROTATIONS] not in (0, 16 * self._points):
            raise Malformed("a body of another skeleton")
        if size[frames.ROOT] != 28 or size[frames.BONES] % 16 or size[frames.JOINTS] % 12:
            raise Malformed("a body that is none")
        if size[frames.CONTROLS] not in (0, 4 * knobs):
            raise Malformed(f"{size[frames.CONTROLS] // 4} controls where the take has {knobs}")

    def fit(self, data: bytes) -> bool:
        """Whether another frame has its values in the same places, and the same performers."""
        return len(data) == self._size and self._between(data) == self._bytes

    def _between(self, data: bytes) -> bytes:
        return np.frombuffer(data, np.uint8)[self._fixed].tobytes()

    def read(self, data: bytes) -> Taken:
        """The values of a frame that fits."""
        floats = {number: self._columns[number].floats(data) for number in range(frames.POSITIONS, frames.CONTROLS + 1)}
        count, points = self._count, self._points
        positions = floats[frames.POSITIONS].reshape(count, points, 3)
        turns, bones, joints = (floats[number] for number in (frames.ROTATIONS, frames.BONES, frames.JOINTS))
        rotations = turns.reshape(count, points, 4) if turns.size else None
        solved = None
        if bones.size:
            own = joints.reshape(count, -1, 3) if joints.size else positions
            solved = Body(own, bones.reshape(count, -1, 4))
        root = floats[frames.ROOT] if count else np.zeros((0, 7), np.float32)
        quality = tuple(Quality(number) for number in self._columns[frames.QUALITY].words(data))
        sequence, milliseconds, tick = (
            _number(data, self._top.get(number)) for number in (frames.SEQUENCE, frames.MILLISECONDS, frames.TICK)
        )
        pose = Pose(positions, root, rotations, solved)
        image = None if self._picture is None else self._picture.read(data)
        signals = tuple([signal.read(data) for signal in self._signals])
        frame = Frame(
            sequence, milliseconds, pose, quality, self.performers, self._keys(data), image,
            signals=signals, labels=self._labels,
        )  # fmt: skip
        return Taken(frame, tick, floats[frames.CONTROLS])

    def _keys(self, data: bytes) -> Notes | None:
        if self._notes is None:
            return None
        start, end = self._notes.get(frames.VELOCITIES) or Span(0, 0)
        velocities, pedal = tuple(data[start:end]), _number(data, self._notes.get(frames.PEDAL))
        if len(velocities) != KEYS or max(*velocities, pedal) > LOUDEST:
            raise Malformed("keys that no piano has")
        return Notes(velocities, pedal)


class _Picture:
    """Where the values of a picture stand.

    Args:
        spans: of its fields.
        size: that pictures of the take have; None: it has none.

    Attributes:
        free: bytes that differ from frame to frame.
    """

    def __init__(self, spans: Mapping[int, Span], size: Size | None) -> None:
        nothing = Span(0, 0)
        self._spans, self._size = spans, size
        self._latent, self._pixels = spans.get(frames.LATENT), spans.get(frames.PIXELS, nothing)
        self.free = [span for span in (self._latent, self._pixels) if span is not None]
        long = 0 if self._latent is None else self._latent.end - self._latent.start
        if long % 4 or long > 4 * MOST_NUMBERS:
            raise Malformed("a latent that is none")

    def read(self, data: bytes) -> Image:
        """The picture, with arrays of its own.

        Raises:
            Malformed: it is not of the take's size.
        """
        height, width = (_number(data, self._spans.get(number)) for number in (frames.HEIGHT, frames.WIDTH))
        if self._size is None or (height, width) != (self._size.height, self._size.width):
            raise Malformed(f"a picture of {height} x {width}, which no model of the take makes")
        start, end = self._pixels
        if end - start != height * width:
            raise Malformed(f"{end - start} pixels in a picture of {height} x {width}")
        pixels = np.frombuffer(data, np.uint8, end - start, start).reshape(height, width).copy()
        if self._latent is None:
            return Image(pixels)
        start, end = self._latent
        return Image(pixels, np.frombuffer(data, "<f4", (end - start) // 4, start).astype(np.float32))


class _Signal:
    """Where the numbers of a signal stand, and what stays of it.

    Args:
        data: of a frame.
        spans: of its fields.

    Attributes:
        values: where its numbers are.
    """

    def __init__(self, data: bytes, spans: Mapping[int, Span]) -> None:
        self.values = spans.get(frames.VALUES, Span(0, 0))
        self._name, self._performer = _text(data, spans.get(frames.NAME)), _number(data, spans.get(frames.PERFORMER))
        long = self.values.end - self.values.start
        if long % 4 or long > 4 * MOST_NUMBERS or self._performer > MAX_PERFORMERS:
            raise Malformed("a signal that is none")

    def read(self, data: bytes) -> Signal:
        """The signal, with an array of its own."""
        start, end = self.values
        return Signal(
            self._name, np.frombuffer(data, "<f4", (end - start) // 4, start).astype(np.float32), self._performer
        )


def _label(data: bytes, spans: Mapping[int, Span]) -> Label:
    """A sign that was recognised. Nothing of it is free, so the next frame that fits has the same."""
    start, end = spans.get(frames.CERTAINTY, Span(0, 0))
    (certainty,) = FLOATS.unpack(data[start:end] or bytes(FLOATS.size))
    return Label(_text(data, spans.get(frames.SIGN)), certainty, _number(data, spans.get(frames.PLACE)))


class _Column:
    """A field of all performers, wherever in the frame they stand.

    Args:
        spans: of each performer; None where it is left out, which it must be for all then.
        number: of the field.

    Attributes:
        size: bytes of each.
    """

    def __init__(self, spans: Sequence[Span | None], number: int) -> None:
        self._spans = [Span(0, 0) if span is None else span for span in spans]
        sizes = {end - start for start, end in self._spans}
        if len(sizes) > 1 or any(size % 4 for size in sizes):
            raise Malformed(f"performers whose field {number} differs in size")
        self.size = sizes.pop() if sizes else 0
        starts = [span.start for span in self._spans]
        self._steps = {after - before for before, after in pairwise(starts)}

    def floats(self, data: bytes) -> F32:
        """(P, N), an array of its own."""
        return self._read(data, "<f4").astype(np.float32)

    def words(self, data: bytes) -> list[int]:
        """(P,); zeros where it is left out."""
        return self._read(data, "<u4")[:, 0].tolist() if self.size else [0] * len(self._spans)

    def _read(self, data: bytes, kind: str) -> NDArray[np.generic]:
        shape = (len(self._spans), self.size // 4)
        if not self.size or len(self._steps) > 1:
            joined = b"".join(data[start:end] for start, end in self._spans)
            return np.frombuffer(joined, kind).reshape(shape)
        step = next(iter(self._steps), self.size)
        return np.ndarray(shape, kind, data, self._spans[0].start, (step, 4))


def _text(data: bytes, span: Span | None) -> str:
    """What stands there.

    Raises:
        Malformed: it is not UTF-8.
    """
    try:
        return "" if span is None else data[span.start : span.end].decode()
    except UnicodeDecodeError as error:
        raise Malformed("a text that is not UTF-8") from error


def _number(data: bytes, span: Span | None) -> int:
    return 0 if span is None else int.from_bytes(data[span.start : span.end], "little")


def _fields(
    data: bytes, span: Span, kinds: Mapping[int, int], budget: Budget, many: Sequence[int] = ()
) -> tuple[dict[int, Span], Mapping[int, Sequence[Span]]]:
    """Where the fields of a message stand that are known, and all of those that may stand often.

    Raises:
        Malformed: one of them is of another kind, or stands twice.
    """
    once: dict[int, Span] = {}
    often: dict[int, list[Span]] = {number: [] for number in many}
    for number, kind, value in _walk(data, span, budget):
        if number in often and kind == BYTES:
            often[number].append(value)
        elif number in kinds:
            if number in once or kind != kinds[number]:
                raise Malformed(f"field {number} twice, or of another kind")
            once[number] = value
    return once, often


def _walk(data: bytes, span: Span, budget: Budget) -> Iterator[tuple[int, int, Span]]:
    """Number, kind and place of each field in a part of the bytes."""
    view, at = memoryview(data)[: span.end], span.start
    while at < span.end:
        budget.spend()
        head, at = varint(view, at)
        number, kind = head >> 3, head & 7
        if number == 0 or kind not in (VARINT, BYTES, *WIDTHS):
            raise Malformed("not protobuf")
        start = at
        if kind == VARINT:
            _, at = varint(view, at)
        else:
            length, start = varint(view, at) if kind == BYTES else (WIDTHS[kind], at)
            at = start + length
        if at > span.end:
            raise Malformed("truncated")
        yield number, kind, Span(start, at)


def _outside(spans: Sequence[Span], end: int) -> NDArray[np.intp]:
    """Places of the bytes up to `end` that are in no span."""
    fixed = np.ones(end, np.bool_)
    for span in spans:
        fixed[span.start : span.end] = False
    return np.flatnonzero(fixed)
