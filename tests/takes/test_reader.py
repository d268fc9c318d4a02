import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import made_takes as made
import msgspec
import numpy as np
import pytest
import zstandard
from mcap import records
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.writer import Writer

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.takes import frames
from engine.takes.reader import Take
from engine.takes.scan import Raw, Scan
from engine.takes.values import Entry, Struck, Taken
from engine.takes.writer import MAGIC, TakeWriter


def whole(path: Path) -> bytes:
    """A small take: 12 frames in three chunks."""
    writer = TakeWriter.create(path.parent, made.HEADER)
    for part in (made.show(0, 4), made.show(4, 4), made.show(8, 4)):
        made.write(writer, part)
        writer.flush()
    writer.close()
    data = writer.path.read_bytes()
    writer.path.unlink()
    return data


def read(path: Path) -> tuple[list[object], str]:
    """What can be read, and what is wrong with the rest; '' where nothing is."""
    found: list[object] = []
    try:
        with Take(path) as take:
            found.append(msgspec.json.encode(take.header))
            for record in take.records():
                found.append(made.plain(record))  # noqa: PERF401 (what came before an error counts)
    except DataError as error:
        return found, str(error)
    assert take.complete == (take.damage == "")
    return found, take.damage


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    path = made.make(tmp_path)
    with Take(path) as take:
        assert take.header == made.HEADER
        assert [made.plain(record) for record in take.records()] == [made.plain(each) for each in made.show(0, 100)]
        assert take.complete
        assert take.damage == ""


def test_topics_are_read_by_themselves(tmp_path: Path) -> None:
    def wanted(kind: type) -> list[object]:
        return [made.plain(each) for each in made.show(0, 100) if isinstance(each, kind)]

    with Take(made.make(tmp_path)) as take:
        assert [made.plain(each) for each in take.frames()] == wanted(Taken)
        assert list(take.notes()) == wanted(Struck)
        assert list(take.journal()) == wanted(Entry)
        kinds = [type(record).__name__ for record in take.records("/controls", "/state")]
        assert set(kinds) == {"Asked", "Reported"}
        assert next(take.messages("/notes")).at == made.moment(2) + 5


def test_what_lies_long_before_a_moment_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, unpack = made.make(tmp_path), Scan.unpack
    unpacked: list[Raw] = []

    def noted(scan: Scan, raw: Raw) -> bytes:
        unpacked.append(raw)
        return unpack(scan, raw)

    monkeypatch.setattr(Scan, "unpack", noted)
    with Take(path) as take:
        everything = [frame.frame.sequence for frame in take.frames()]
        chunks = len(unpacked)
        late = [frame.frame.sequence for frame in take.frames(since=made.moment(50))]
        assert take.complete
        again = [frame.frame.sequence for frame in take.frames(since=made.moment(50))]
        assert (take.complete, again) == (True, [number for number in late if number >= 45])
    assert late == [number for number in everything if number < 15 or number >= 45], "the first chunk names the topics"
    assert len(unpacked) - chunks == (chunks - 2) + (chunks - 3)


def borders(data: bytes) -> list[int]:
    """Where the file's records end."""
    found, at = [len(MAGIC)], len(MAGIC)
    while at < len(data) - len(MAGIC):
        at += 9 + struct.unpack_from("<Q", data, at + 1)[0]
        found.append(at)
    return found


def test_a_truncated_file_gives_an_exact_prefix_or_an_error(tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    data = whole(path)
    path.write_bytes(data)
    wanted, damage = read(path)
    assert damage == ""
    places = {len(data) * percent // 100 for percent in range(100)}
    places |= {place + more for place in borders(data) for more in (-1, 0, 1)} & set(range(len(data)))
    lengths = []
    for place in sorted(places):
        path.write_bytes(data[:place])
        found, damage = read(path)
        assert found == wanted[: len(found)], place
        assert damage, place
        lengths.append(len(found))
    assert lengths == sorted(lengths)
    assert {0, 1, len(wanted)} < set(lengths)


def test_bits_that_flip_are_found_and_never_make_other_values(tmp_path: Path) -> None:
    path, draw = tmp_path / "flipped.mcap", np.random.default_rng(3)
    data = whole(path)
    path.write_bytes(data)
    wanted, _ = read(path)
    heads = [place + more for place in borders(data)[:-1] for more in range(17) if place + more < len(data)]
    places = [*draw.choice(heads, 120).tolist(), *draw.integers(0, len(data), 180).tolist()]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << int(draw.integers(8))
        path.write_bytes(flipped)
        found, damage = read(path)
        assert damage, place
        assert found == wanted[: len(found)], place


def test_a_crashed_file_whose_chunk_is_hidden_is_not_read_past_it(tmp_path: Path) -> None:
    path = tmp_path / "hidden.mcap"
    data = whole(path)
    path.write_bytes(data)
    wanted, _ = read(path)
    (second,) = [at for at in borders(data)[:-1] if data[at] == Opcode.CHUNK][1:2]
    end = next(at for at in borders(data) if data[at] == Opcode.DATA_END)
    for opcode in {*range(17), *(Opcode.CHUNK ^ 1 << bit for bit in range(8))}:
        if opcode != Opcode.CHUNK:
            path.write_bytes(data[:second] + bytes((opcode,)) + data[second + 1 : end])
            found, damage = read(path)
            assert damage
            assert found == wanted[: len(found)], opcode


def test_frames_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path, made.HEADER)
    made.write(writer, [made.taken(5), made.taken(6), made.taken(6)])
    writer.close()
    found, damage = read(writer.path)
    assert len(found) == 3
    assert "frame 6: it stands behind frame 6; expected numbers that rise" in damage


def test_a_frame_whose_own_crc_is_wrong_is_refused(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path, made.HEADER)
    taken = made.taken(5)
    data = frames.FrameWriter(CORE20, 8, 2).encode(taken.frame, 0, taken.controls)
    writer.add("/frames", 0, 5, data + b"\x7d\x00\x00\x00\x00")
    writer.close()
    assert "/frames at frame 5: a CRC that does not fit" in read(writer.path)[1]


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        ("/notes", b"{}"),
        ("/notes", b'{"note":200,"velocity":1}'),
        ("/notes", b"\xff"),
        ("/journal", b'{"tick":"a"}'),
        ("/controls", b'{"type":"asked"}'),
        ("/state", b"[]"),
    ],
)
def test_lines_that_are_none_are_refused(tmp_path: Path, topic: str, data: bytes) -> None:
    writer = TakeWriter.create(tmp_path, made.HEADER)
    writer.add(topic, 0, 5, data)  # type: ignore[arg-type]
    writer.close()
    assert f"{topic} at frame 5: no line of {topic}" in read(writer.path)[1]


def foreign(profile: str = "", description: bytes | None = None, name: str = "take.json") -> bytes:
    """An MCAP file by mcap's own writer."""
    file = io.BytesIO()
    writer = Writer(file)
    writer.start(profile)
    if description is not None:
        writer.add_attachment(0, 0, name, "application/json", description)
    schema = writer.register_schema("x", "jsonschema", b"{}")
    writer.add_message(writer.register_channel("/frames", "json", schema), 0, b"{}", 0)
    writer.finish()  # type: ignore[no-untyped-call]
    return file.getvalue()


def described(**changes: object) -> bytes:
    tree = msgspec.to_builtins(made.HEADER)
    return msgspec.json.encode({**tree, **changes})


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "an empty file; expected a take"),
    "no MCAP": (lambda: b"RIFF" * 100, "no MCAP file; expected a take"),
    "another program's": (foreign, "an MCAP file of another program; expected a take"),
    "without a description": (lambda: foreign("figurant"), "an MCAP file without a description; expected a take"),
    "with another attachment": (
        lambda: foreign("figurant", b"{}", "x.json"),
        "an MCAP file without a description; expected a take",
    ),
    "newer": (
        lambda: foreign("figurant", described(format=2)),
        "a take of version 2; expected version 1 (a newer engine made it)",
    ),
    "not described": (lambda: foreign("figurant", b"{}"), "a description that is none: "),
    "no JSON": (lambda: foreign("figurant", b"\xff\x00"), "a description that is none: "),
    "described wrongly": (lambda: foreign("figurant", described(fps="many")), "a description that is none: "),
    "show of another kind": (lambda: foreign("figurant", described(show=[1])), "a description that is none: "),
    "nested": (lambda: foreign("figurant", b'{"format":1,"x":' + b"[" * 10**5), "a description that is none: "),
    "impossible rate": (lambda: foreign("figurant", described(fps=0)), "a description that is none: "),
    "cut off": (lambda: MAGIC + b"\x01", "cut off at byte 9, before its description ends"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_take_is_refused(tmp_path: Path, name: str) -> None:
    make, found = REFUSED[name]
    path = tmp_path / "foreign.mcap"
    path.write_bytes(make())
    with pytest.raises(DataError) as caught:
        Take(path)
    assert found in str(caught.value)
    assert str(path) in caught.value.place


def test_a_folder_or_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r": a folder; expected a take"):
        Take(tmp_path)
    with pytest.raises(DataError, match=r"none.mcap: no such file; expected a take"):
        Take(tmp_path / "none.mcap")


def bomb(claimed: int, packed: bytes, crc: int = 1) -> bytes:
    built = RecordBuilder()
    records.Chunk("zstd", packed, 0, 0, crc, claimed).write(built)
    data: bytes = built.end()  # type: ignore[no-untyped-call]
    return data


def big(claimed: int) -> bytes:
    """A frame of zstd that claims a size."""
    return b"\x28\xb5\x2f\xfd\xe0" + claimed.to_bytes(8, "little") + b"\x01\x00\x00"


ZEROS = zstandard.ZstdCompressor().compress(bytes(1 << 30))

HOSTILE = {
    "a record of petabytes": b"\x06" + (1 << 50).to_bytes(8, "little") + b"x",
    "a record with the highest length": b"\x06" + b"\xff" * 8 + b"x",
    "a chunk that says gigabytes": bomb(1 << 40, big(1 << 40)),
    "a chunk whose parts differ": bomb(100, big(1 << 40)),
    "a chunk of zeros": bomb(1 << 30, ZEROS, zlib.crc32(bytes(1 << 30))),
    "a chunk of zeros that says less": bomb(1000, ZEROS),
    "a chunk of nothing": b"\x06" + bytes(8),
    "a chunk without bytes": bomb(0, b"", 0),
    "an unknown record": b"\x70" + (5).to_bytes(8, "little") + b"12345",
    "zeros, as after a power cut": bytes(100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_claims_take_no_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.mcap"
    data = whole(path)
    end = next(at for at in borders(data) if data[at] == Opcode.DATA_END)
    path.write_bytes(data[:end] + HOSTILE[name])
    wanted = 1 + sum(len(made.show(first, 4)) for first in (0, 4, 8))
    tracemalloc.start()
    try:
        found, damage = read(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == wanted
    assert damage
    assert most < 40 << 20
