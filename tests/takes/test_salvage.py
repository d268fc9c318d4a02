import struct
from pathlib import Path

import made_takes as made
import msgspec
import numpy as np
import pytest
from mcap.opcode import Opcode

from engine.schema.errors import DataError
from engine.takes.facts import gather
from engine.takes.reader import Take
from engine.takes.salvage import recover
from engine.takes.values import Taken
from engine.takes.writer import MAGIC, TakeWriter


def written(path: Path) -> bytes:
    """60 frames in chunks of 15."""
    writer = TakeWriter.create(path.parent, made.HEADER)
    made.write(writer, made.show(0, 60))
    writer.close()
    data = writer.path.read_bytes()
    writer.path.unlink()
    return data


def records(data: bytes) -> list[tuple[int, int]]:
    """Place and opcode of each record."""
    found, at = [], len(MAGIC)
    while at < len(data) - len(MAGIC):
        found.append((at, data[at]))
        at += 9 + struct.unpack_from("<Q", data, at + 1)[0]
    return found


def frames(path: Path) -> list[object]:
    return [made.plain(frame) for frame in Take(path).frames()]


def of(*spans: range) -> list[object]:
    whole = [made.plain(each) for each in made.show(0, 60) if isinstance(each, Taken)]
    return [whole[number] for span in spans for number in span]


def test_a_file_that_a_crash_ended_between_two_chunks_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "crashed.mcap"
    data = written(path)
    chunks = [at for at, opcode in records(data) if opcode == Opcode.CHUNK]
    path.write_bytes(data[: chunks[2]])
    saved = recover(path)
    assert saved.lost == ()
    assert saved.path == tmp_path / "crashed-recovered.mcap"
    assert frames(saved.path) == of(range(30))
    assert Take(saved.path).header == made.HEADER
    assert not gather(saved.path).damage
    path.write_bytes(data[: chunks[2] + 5])
    saved = recover(path, tmp_path / "b.mcap")
    assert len(saved.lost) == 1, "the beginning of a chunk is there, so frames were"


def test_a_file_without_its_index_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "crashed.mcap"
    data = written(path)
    (end,) = [at for at, opcode in records(data) if opcode == Opcode.DATA_END]
    for place, name in ((end, "a"), (end + 5, "b"), (len(data) - 3, "c")):
        path.write_bytes(data[:place])
        saved = recover(path, tmp_path / f"{name}.mcap")
        assert saved.lost == ()
        assert frames(tmp_path / f"{name}.mcap") == of(range(60))


def test_one_broken_chunk_costs_its_own_frames_alone(tmp_path: Path) -> None:
    path, draw = tmp_path / "broken.mcap", np.random.default_rng(2)
    data = written(path)
    starts = [at for at, opcode in records(data) if opcode == Opcode.CHUNK]
    for place, start in enumerate(starts[:4]):
        broken = bytearray(data)
        broken[start + 60 + int(draw.integers(5000))] ^= 4
        path.write_bytes(broken)
        saved = recover(path, tmp_path / f"{place}.mcap")
        assert len(saved.lost) == 1
        assert "CRC" in saved.lost[0]
        assert saved.path is not None
        assert frames(saved.path) == of(range(15 * place), range(15 * place + 15, 60))
        assert Take(saved.path).header.journal == (place == 3), "what is lost at the end is not missed before"


def test_a_broken_frame_of_the_file_costs_nothing_that_can_be_found(tmp_path: Path) -> None:
    path = tmp_path / "broken.mcap"
    data = written(path)
    starts = [at for at, opcode in records(data) if opcode == Opcode.CHUNK]
    for number, flip in enumerate((0, 1, 4, 8)):
        broken = bytearray(data)
        broken[starts[1] + flip] ^= 64
        path.write_bytes(broken)
        saved = recover(path, tmp_path / f"{number}.mcap")
        assert saved.lost
        assert frames(tmp_path / f"{number}.mcap") == of(range(60))


def test_a_whole_file_is_left_alone(tmp_path: Path) -> None:
    path = made.make(tmp_path, 20)
    saved = recover(path, tmp_path / "new.mcap")
    assert (saved.path, saved.lost) == (None, ())
    assert list(tmp_path.iterdir()) == [path]


def test_what_has_not_one_frame_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "crashed.mcap"
    data = written(path)
    path.write_bytes(data[: next(at for at, opcode in records(data) if opcode == Opcode.CHUNK)])
    with pytest.raises(DataError, match="not one frame that is whole"):
        recover(path)
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = made.make(tmp_path, 20)
    with pytest.raises(DataError, match="there is such a file"):
        recover(path, path)
    with pytest.raises(DataError, match=r"the ending '\.bvh'"):
        recover(path, tmp_path / "x.bvh")
    with pytest.raises(DataError, match="no such folder"):
        recover(path, tmp_path / "none" / "x.mcap")


def test_every_truncation_is_recovered_to_what_can_be_read_of_it(tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    data = written(path)
    first = next(at for at, opcode in records(data) if opcode == Opcode.MESSAGE_INDEX)
    for number, place in enumerate(range(first, len(data), (len(data) - first) // 12)):
        path.write_bytes(data[:place])
        saved = recover(path, tmp_path / f"{number}.mcap")
        assert saved.path is not None
        assert frames(saved.path) == frames(path)
        assert msgspec.structs.replace(Take(saved.path).header, journal=True) == made.HEADER
