"""Takes of a few frames, made of random numbers."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from engine.motion.core20 import CORE20
from engine.motion.rig import Rig, make_rig
from engine.schema.frame import Body, Frame, Image, Label, Notes, Pose, Quality, Signal
from engine.schema.model import Head, ModelSpec, Size
from engine.schema.note import Note, Pedal
from engine.schema.show import Show
from engine.schema.skeleton import Skeleton
from engine.takes import events, frames
from engine.takes.values import Asked, Entry, Header, Played, Record, Reported, Struck, Taken
from engine.takes.writer import TakeWriter

KNOBS = ("temperature", "pull")
STARTED = 1_795_000_000_123_000_000
FPS = 60.0
EACH = 15
"""Frames between two flushes."""

SPEC = ModelSpec(
    name="made", family="points", fps=30, features=60, head=Head(kind="mdn", components=1, dims=60), state=(),
    licence="CC0-1.0", credit="made of nothing", skeleton=CORE20,
)  # fmt: skip

HEADER = Header(
    name="dance", engine="0.1.0", build="b" * 64, machine="a machine", started=STARTED, fps=FPS, seed=7, show=Show(),
    models=(Played(part="bodies", model="dance", sha256="a" * 64, spec=SPEC),), skeleton=CORE20, knobs=KNOBS,
)  # fmt: skip


PAINTED = msgspec.structs.replace(
    HEADER, name="silhouette", skeleton=None, knobs=(),
    models=(
        Played(
            part="images", model="silhouette", sha256="c" * 64,
            spec=msgspec.structs.replace(SPEC, name="painted", skeleton=None, image=Size(height=16, width=24)),
        ),
    ),
)  # fmt: skip
"""Of a take of pictures alone."""


def painted(sequence: int, size: tuple[int, int] = (16, 24), *, latent: int = 8) -> Taken:
    """A frame with a random picture and nothing else, always the same for its number."""
    draw = np.random.default_rng(sequence)
    numbers = draw.normal(size=latent).astype(np.float32) if latent else None
    image = Image(draw.integers(0, 256, size).astype(np.uint8), numbers)
    return Taken(bare(sequence)._replace(image=image), sequence + 5, np.zeros((0, 0), np.float32))


SIGNING = msgspec.structs.replace(
    PAINTED, name="signs",
    models=(
        Played(
            part="signs", model="signs", sha256="d" * 64,
            spec=msgspec.structs.replace(SPEC, name="signing", family="signs", skeleton=None, labels=("all", "think")),
        ),
    ),
)  # fmt: skip
"""Of a take of signs alone."""


def signed(sequence: int, *, classes: int = 95) -> Taken:
    """A frame that reads signs and nothing else, always the same for its number; every tenth recognises one or two."""
    draw = np.random.default_rng(sequence)
    values = (draw.random(classes, np.float32), draw.normal(size=2).astype(np.float32))
    signals = (Signal("sign/probabilities", values[0]), Signal("signs/path", values[1]))
    labels = tuple(Label(word, 0.5 + number / 8, number + 1) for number, word in enumerate(("think", "größer")))
    count = {3: 1, 6: 2}.get(sequence % 10, 0)
    return Taken(
        bare(sequence)._replace(signals=signals, labels=labels[:count]), sequence, np.zeros((0, 0), np.float32)
    )


def bare(sequence: int) -> Frame:
    """A frame of nothing."""
    pose = Pose(np.zeros((0, 0, 3), np.float32), np.zeros((0, 7), np.float32))
    return Frame(sequence, moment(sequence) // 10**6, pose, (), ())


def moment(sequence: int) -> int:
    """Nanoseconds of a frame."""
    return round(sequence / FPS * 1e9)


def rig_of(skeleton: Skeleton) -> Rig | None:
    """Its rig, made once."""
    if skeleton.names not in _rigs:
        _rigs[skeleton.names] = make_rig(skeleton)
    return _rigs[skeleton.names]


_rigs: dict[tuple[str, ...], Rig | None] = {}


def taken(
    sequence: int, performers: tuple[int, ...] = (1, 3), *, skeleton: Skeleton = CORE20, keys: bool = False
) -> Taken:
    """A frame of random numbers, always the same for its number."""
    draw = np.random.default_rng(sequence)
    count, points, rig = len(performers), len(skeleton.names), rig_of(skeleton)

    def random(*shape: int) -> np.ndarray:
        return draw.normal(size=(count, *shape)).astype(np.float32)

    positions, rotations, solved = random(points, 3), None, None
    if rig is not None:
        joints = positions if len(rig.joints) == points else random(len(rig.joints), 3)
        rotations = random(points, 4) if joints is positions else None
        solved = Body(joints, random(len(rig.names), 4))
    notes = Notes(tuple(draw.integers(0, 128, 88).tolist()), 64) if keys else None
    quality = tuple(Quality(int(n)) for n in draw.integers(0, 16, count))
    pose = Pose(positions, random(7), rotations, solved)
    frame = Frame(sequence, moment(sequence) // 10**6, pose, quality, performers, notes)
    return Taken(frame, sequence + 5, random(len(KNOBS)))


def at_of(record: Record) -> int:
    """When a record was made."""
    if isinstance(record, Taken):
        return moment(record.frame.sequence)
    if isinstance(record, Struck | Reported):
        return record.at
    return moment(record.sequence if isinstance(record, Asked) else max(record.tick - 5, 0))


@cache
def show(first: int, count: int) -> tuple[Record, ...]:
    """All kinds of records."""
    return tuple(_show(first, count))


def _show(first: int, count: int) -> Iterator[Record]:
    yield Entry(0, b'{"did":"begin","x":[1.5]}')
    for sequence in range(first, first + count):
        if sequence % 10 == 3:
            yield Asked(sequence=sequence, address="/p1/pull", arguments=(0.1, "a", None, True), source="osc", port=3)
            yield Entry(sequence + 5, b'{"did":"steer"}')
        if sequence % 7 == 2:
            yield Struck(moment(sequence) + 5, Note(60, sequence % 128, 2))
            yield Struck(moment(sequence) + 6, Pedal(sequence % 128, 0))
        yield taken(sequence, keys=sequence % 2 == 0)
        if sequence % 60 == 0:
            yield Reported(at=moment(sequence), fps=60.0, late=0, skipped=0, p99_ms=0.1, model="made", status="playing")


def write(writer: TakeWriter, records: Iterable[Record], skeleton: Skeleton | None = CORE20) -> None:
    """Write records, a flush every 15 frames."""
    maker, number = frames.FrameWriter(skeleton, 8, len(KNOBS)), 0
    for record in records:
        if isinstance(record, Taken):
            number = record.frame.sequence
            data = frames.seal(maker.encode(record.frame, record.tick, record.controls))
            writer.add("/frames", moment(number), number, data)
            if number % EACH == EACH - 1:
                writer.flush()
        else:
            topic, data = events.encode(record)
            writer.add(topic, at_of(record), number, data)


def make(folder: Path, count: int = 100, first: int = 0, header: Header = HEADER) -> Path:
    """A whole take."""
    writer = TakeWriter.create(folder, header)
    write(writer, show(first, count))
    writer.close()
    return writer.path


def signing(folder: Path, count: int = 30, first: int = 0, header: Header = SIGNING) -> Path:
    """A whole take of signs."""
    writer = TakeWriter.create(folder, header)
    write(writer, [signed(sequence) for sequence in range(first, first + count)], None)
    writer.close()
    return writer.path


def film(folder: Path, count: int = 30, first: int = 0, header: Header = PAINTED) -> Path:
    """A whole take of pictures."""
    writer = TakeWriter.create(folder, header)
    write(writer, [painted(sequence) for sequence in range(first, first + count)], None)
    writer.close()
    return writer.path


def plain(record: Record) -> object:
    """What can be compared: arrays as their bytes."""
    if not isinstance(record, Taken):
        return record
    frame, pose = record.frame, record.frame.pose
    arrays = (pose.positions, pose.root, pose.rotations, *(pose.body or ()), record.controls, *(frame.image or ()))
    signals = tuple((name, values.dtype.str, values.tobytes(), performer) for name, values, performer in frame.signals)
    made = tuple(None if each is None else (each.dtype.str, each.shape, each.tobytes()) for each in arrays)
    rest = frame._replace(pose=None, image=None, signals=())  # type: ignore[arg-type]  # compared, not played
    return record.tick, rest, made, signals
