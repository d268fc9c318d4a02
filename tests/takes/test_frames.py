import struct

import counting
import made_takes as made
import msgspec
import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from engine.inference.proto import Malformed, field
from engine.motion.core20 import CORE20
from engine.schema.frame import Frame, Image, Label, Notes, Pose, Quality, Signal
from engine.schema.model import Size
from engine.schema.skeleton import Skeleton
from engine.takes import schemas
from engine.takes.frame_reader import FrameReader
from engine.takes.frames import FrameWriter, seal
from engine.takes.values import Taken

KNOBS = len(made.KNOBS)


def through(*frames: Taken, skeleton: Skeleton | None = CORE20, size: Size | None = None) -> list[Taken]:
    """Frames that were written and read again by one writer and one reader."""
    writer, reader = FrameWriter(skeleton, 8, KNOBS), FrameReader(skeleton, KNOBS, size)
    return [reader.decode(seal(writer.encode(one.frame, one.tick, one.controls))) for one in frames]


SMALL = Size(height=16, width=24)
WORDS = struct.Struct("<BIBI")
SIZE_OF_SMALL = WORDS.pack(0x0D, 16, 0x15, 24)


def same(given: list[Taken], wanted: list[Taken]) -> bool:
    return [made.plain(each) for each in given] == [made.plain(each) for each in wanted]


def test_frames_of_any_performers_come_back_bit_for_bit() -> None:
    cast = [(1, 3), (1, 3), (2,), (2, 5), (1, 2, 3, 4, 5, 6, 7, 256), (1, 3)]
    frames = [made.taken(number, cast[number % 6], keys=number % 3 == 1) for number in range(30)]
    assert same(through(*frames), frames)


def test_a_frame_without_anybody_has_nothing_solved() -> None:
    frame, empty = made.taken(1), made.taken(2, ())
    given = through(frame, empty, frame)
    assert same([given[0], given[2]], [frame, frame])
    assert given[1].frame.performers == ()
    assert given[1].frame.pose.positions.shape == (0, 20, 3)
    assert given[1].frame.pose.root.shape == (0, 7)
    assert (given[1].frame.pose.rotations, given[1].frame.pose.body) == (None, None)


def test_joints_that_are_no_positions_are_kept() -> None:
    markers = msgspec.structs.replace(
        CORE20, names=tuple(f"m{n}" for n in range(20)), rigid=False
    )  # a skeleton whose rotations cannot be solved
    frames = [made.taken(number, skeleton=markers) for number in range(3)]
    assert frames[0].frame.pose.body is None
    assert same(through(*frames, skeleton=markers), frames)


def test_solved_joints_of_markers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.takes.frames.body", lambda _: None)  # as if the joints were not the positions
    frame = made.taken(4)
    body = frame.frame.pose.body
    assert body is not None
    moved = body._replace(joints=body.joints + np.float32(1))
    frame = frame._replace(frame=frame.frame._replace(pose=frame.frame.pose._replace(body=moved)))
    assert same(through(frame, frame), [frame, frame])


def test_numbers_that_are_none_come_back_bit_for_bit() -> None:
    frame = made.taken(1)
    frame.frame.pose.positions.view(np.uint32)[0, 0] = (0x7FC12345, 0xFFC00001, 0x80000000)
    assert same(through(frame), [frame])


def test_a_show_of_keys_alone_has_frames_without_bodies() -> None:
    pose = Pose(np.zeros((0, 0, 3), np.float32), np.zeros((0, 7), np.float32))
    frame = Frame(7, 116, pose, (), (), Notes((0,) * 87 + (127,), 3))
    (given,) = through(Taken(frame, 7, np.zeros((0, KNOBS), np.float32)), skeleton=None)
    assert given.frame._replace(pose=pose) == frame


def test_pictures_come_back_bit_for_bit_alone_and_beside_bodies_and_keys() -> None:
    alone = [made.painted(number, latent=8 * (number % 2)) for number in range(6)]
    given = through(*alone, skeleton=None, size=SMALL)
    assert same([one._replace(controls=alone[0].controls) for one in given], alone)
    frames = [made.taken(number, (1, 3)[: number % 3], keys=number % 2 == 0) for number in range(12)]
    beside = [
        one._replace(frame=one.frame._replace(image=made.painted(number).frame.image))
        for number, one in enumerate(frames)
    ]
    for given_one, wanted in zip(through(*beside, size=SMALL), beside, strict=True):
        assert (given_one.frame.image, wanted.frame.image) != (None, None)
        assert given_one.frame.notes == wanted.frame.notes
        assert made.plain(given_one)[2][-2:] == made.plain(wanted)[2][-2:]  # type: ignore[index]  # pixels and latent
        assert given_one.frame.pose.positions.tobytes() == wanted.frame.pose.positions.tobytes()


def test_signals_and_labels_come_back_bit_for_bit_alone_and_beside_everything_else() -> None:
    alone = [made.signed(number) for number in range(30)]
    given = through(*alone, skeleton=None)
    assert same([one._replace(controls=alone[0].controls) for one in given], alone)
    assert [len(one.frame.labels) for one in given[:8]] == [0, 0, 0, 1, 0, 0, 2, 0]
    frames = [made.taken(number, (1, 3)[: number % 3], keys=number % 2 == 0) for number in range(30)]
    own = [tuple(Signal(f"p{n}/path", np.full(3, n, np.float32), n) for n in one.frame.performers) for one in frames]
    beside = [
        one._replace(frame=one.frame._replace(signals=(*each.frame.signals, *paths), labels=each.frame.labels))
        for one, each, paths in zip(frames, alone, own, strict=True)
    ]
    found = [[*made.plain(one)[1:2], made.plain(one)[3]] for one in through(*beside)]  # type: ignore[index]
    assert found == [[*made.plain(one)[1:2], made.plain(one)[3]] for one in beside]  # type: ignore[index]


def test_signals_that_are_no_numbers_come_back_bit_for_bit_and_so_do_odd_names_as_far_as_there_is_utf_8() -> None:
    taken = made.signed(1)
    taken.frame.signals[0].values.view(np.uint32)[:3] = (0x7FC12345, 0xFFC00001, 0x80000000)
    odd = (Signal("", np.zeros(0, np.float32)), Signal("a b/ä", np.ones(1, np.float32), 256))
    wanted = taken._replace(frame=taken.frame._replace(signals=(*taken.frame.signals, *odd)))
    given = through(wanted, wanted, skeleton=None)
    assert same([one._replace(controls=taken.controls) for one in given], [wanted, wanted])
    broken = taken._replace(frame=taken.frame._replace(labels=(Label("a\ud800", 1.0, 0),)))
    assert through(broken, skeleton=None)[0].frame.labels == (Label("a?", 1.0, 0),)


def test_a_signal_of_another_array_is_written_as_its_numbers() -> None:
    taken = made.signed(1)
    view = np.arange(8, dtype=np.float64)[::2]
    signal = Signal("x", view)  # type: ignore[arg-type]  # what it should not be
    (given,) = through(taken._replace(frame=taken.frame._replace(signals=(signal,))), skeleton=None)
    assert given.frame.signals[0].values.tolist() == [0.0, 2.0, 4.0, 6.0]


def test_a_view_of_a_larger_picture_is_written_row_by_row() -> None:
    pixels = np.arange(32 * 48, dtype=np.uint8).reshape(32, 48)[::2, ::2]
    taken = made.painted(1)
    taken = taken._replace(frame=taken.frame._replace(image=Image(pixels)))
    (given,) = through(taken, skeleton=None, size=SMALL)
    assert given.frame.image is not None
    assert (given.frame.image.pixels == pixels).all()


def test_bodies_without_rotations_and_controls() -> None:
    frame = made.taken(1).frame
    frame = frame._replace(pose=Pose(frame.pose.positions, frame.pose.root))
    data = seal(FrameWriter(CORE20, 8, KNOBS).encode(frame, 3, None))
    given = FrameReader(CORE20, KNOBS).decode(data)
    assert (given.frame.pose.rotations, given.frame.pose.body, given.controls.shape) == (None, None, (2, 0))
    assert given.frame.pose.positions.tobytes() == frame.pose.positions.tobytes()


def test_protobuf_reads_what_the_schema_says() -> None:
    found = descriptor_pb2.FileDescriptorSet.FromString(schemas.descriptors())
    pool = descriptor_pool.DescriptorPool()
    for file in found.file:
        pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("figurant.Frame"))
    taken = made.taken(9, keys=True)
    signed = made.signed(16).frame
    signals = (*signed.signals, Signal("p2/path", np.ones(3, np.float32), 2))
    frame = taken.frame._replace(image=made.painted(9).frame.image, signals=signals, labels=signed.labels)
    taken = taken._replace(frame=frame)
    data = seal(FrameWriter(CORE20, 8, KNOBS).encode(taken.frame, taken.tick, taken.controls))
    message = kind.FromString(data)
    assert message.SerializeToString() == data, "nothing of it is unknown, and nothing is left out"
    assert taken.frame.image is not None
    assert taken.frame.image.latent is not None
    assert (message.picture.height, message.picture.width) == (16, 24)
    assert message.picture.pixels == taken.frame.image.pixels.tobytes()
    assert np.array(message.picture.latent, np.float32).tobytes() == taken.frame.image.latent.tobytes()
    frame, body = taken.frame, taken.frame.pose.body
    assert body is not None
    assert frame.notes is not None
    assert (message.sequence, message.milliseconds, message.tick) == (frame.sequence, frame.milliseconds, taken.tick)
    assert [(each.name, each.performer) for each in message.signals] == [
        (each.name, each.performer) for each in signals
    ]
    for numbers, signal in zip(message.signals, signals, strict=True):
        assert np.array(numbers.values, np.float32).tobytes() == signal.values.tobytes()
    assert [(each.word, each.certainty, each.number) for each in message.labels] == [*signed.labels]
    assert tuple(message.notes.velocities) == frame.notes.velocities
    assert message.notes.pedal == frame.notes.pedal
    for row, one in enumerate(message.performers):
        assert (one.number, one.quality) == (frame.performers[row], frame.quality[row])
        wanted = (frame.pose.positions, frame.pose.root, frame.pose.rotations, body.bones, taken.controls)
        given = (one.positions, one.root, one.rotations, one.bones, one.controls)
        for numbers, array in zip(given, wanted, strict=True):
            assert array is not None
            assert np.array(numbers, np.float32).tobytes() == array[row].tobytes()
        assert not one.joints


def test_fields_that_nobody_knows_are_passed_over() -> None:
    frames = [made.taken(number) for number in range(3)]
    writer, reader = FrameWriter(CORE20, 8, KNOBS), FrameReader(CORE20, KNOBS)
    given = []
    for frame in frames:
        data = writer.encode(frame.frame, frame.tick, frame.controls) + field(9, b"a picture") + b"\x50\x96\x01"
        given.append(reader.decode(seal(data)))
    assert same(given, frames)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "truncated"),
        (b"\x7d\x00\x00\x00", "truncated"),
        (b"\x7d\x01\x00\x00\x00", "CRC"),
        (seal(b"\x07"), "not protobuf"),
        (seal(b"\x0d\x00"), "truncated"),
        (seal(b"\x0a\xff\xff\xff\xff\x0f"), "truncated"),
        (seal(b"\x09" + bytes(8)), "another kind"),
        (seal(b"\x0d" + bytes(4) + b"\x0d" + bytes(4)), "twice"),
        (seal(field(4, b"\x0d\x01\x00\x00\x00")), "skeleton"),
        (seal(field(4, b"\x0d\x00\x00\x00\x00")), "skeleton"),
        (seal(field(5, b"")), "piano"),
        (seal(field(5, field(1, b"\xff" * 88))), "piano"),
        (seal(field(6, b"")), "which no model of the take makes"),
        (seal(field(6, field(3, b"abc"))), "a latent that is none"),
        (seal(field(6, field(3, bytes(4 * 4097)))), "a latent that is none"),
        (seal(field(6, SIZE_OF_SMALL + field(4, bytes(16 * 24 - 1)))), "383 pixels"),
        (seal(field(6, WORDS.pack(0x0D, 1 << 31, 0x15, 1 << 31))), "which no model of the take makes"),
        (seal(b"\x50\x00" * 20000), "too many fields"),
        (seal(field(7, field(3, b"abc"))), "a signal that is none"),
        (seal(field(7, field(3, bytes(4 * 4097)))), "a signal that is none"),
        (seal(field(7, b"\x15\x01\x01\x00\x00")), "a signal that is none"),
        (seal(field(7, field(1, b"\xff"))), "UTF-8"),
        (seal(field(7, field(3, b"")) + field(7, field(3, b"") + field(3, b""))), "twice"),
        (seal(field(8, field(1, b"\xff"))), "UTF-8"),
        (seal(field(8, field(2, b"1234"))), "another kind"),
        (seal(field(8, b"\x15\x01")), "truncated"),
        (seal(field(8, b"") * 20000), "too many fields"),
    ],
)
def test_bytes_that_are_no_frame_are_refused(data: bytes, found: str) -> None:
    with pytest.raises(Malformed, match=found):
        FrameReader(CORE20, KNOBS, SMALL).decode(data)


def test_pictures_of_another_size_are_refused() -> None:
    taken = made.painted(1)
    data = seal(FrameWriter(None, 8, 0).encode(taken.frame, 0, None))
    for size in (None, Size(height=24, width=16)):
        with pytest.raises(Malformed, match="a picture of 16 x 24"):
            FrameReader(None, 0, size).decode(data)


def test_frames_of_another_skeleton_or_other_knobs_are_refused() -> None:
    taken = made.taken(1)
    data = seal(FrameWriter(CORE20, 8, KNOBS).encode(taken.frame, 0, taken.controls))
    for skeleton, knobs, found in ((None, KNOBS, "skeleton"), (CORE20, 5, "controls")):
        with pytest.raises(Malformed, match=found):
            FrameReader(skeleton, knobs).decode(data)


def test_a_performer_who_stands_twice_is_refused() -> None:
    taken = made.taken(1)
    frame = taken.frame._replace(performers=(2, 2))
    with pytest.raises(Malformed, match="numbers of performers"):
        FrameReader(CORE20, KNOBS).decode(seal(FrameWriter(CORE20, 8, KNOBS).encode(frame, 0, taken.controls)))


def test_writing_makes_no_arrays() -> None:
    writer = FrameWriter(CORE20, 8, KNOBS)
    frames = [made.taken(number, keys=True) for number in range(20)]
    image, signals = made.painted(1).frame.image, made.signed(1).frame.signals
    frames = [one._replace(frame=one.frame._replace(image=image, signals=signals)) for one in frames]
    quality = (Quality.GOOD, Quality.GOOD)
    writer.encode(frames[0].frame._replace(quality=quality), 0, frames[0].controls)
    with counting.counted() as arrays:
        for frame in frames:
            writer.encode(frame.frame._replace(quality=quality), frame.tick, frame.controls)
    assert arrays == []
