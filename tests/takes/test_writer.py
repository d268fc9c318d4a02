import errno
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import made_takes as made
import msgspec
import numpy as np
import pytest
from mcap.reader import SeekingReader
from mcap.records import Chunk
from mcap.stream_reader import StreamReader

from engine.outputs.native import Options
from engine.schema.errors import DataError
from engine.schema.show import Mqtt, Output, Show
from engine.takes.names import stem
from engine.takes.reader import Take
from engine.takes.writer import CHUNK, TakeWriter


def given(path: Path) -> list[object]:
    return [made.plain(record) for record in Take(path).records()]


def test_mcap_reads_every_record_and_every_crc(tmp_path: Path) -> None:
    path = made.make(tmp_path, 100)
    with path.open("rb") as file:
        records = list(StreamReader(file, validate_crcs=True).records)
        assert records
    with path.open("rb") as file:
        reader = SeekingReader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        topics = [channel.topic for _, channel, _ in reader.iter_messages(log_time_order=True)]
        counts = {summary.channels[n].topic: count for n, count in summary.statistics.channel_message_counts.items()}
        assert counts == {topic: topics.count(topic) for topic in set(topics)}
        assert counts["/frames"] == 100
        (attachment,) = reader.iter_attachments()
        assert json.loads(attachment.data)["seed"] == made.HEADER.seed
        times = [message.log_time for _, _, message in reader.iter_messages(topics=["/frames"])]
        assert times == [made.STARTED + made.moment(n) for n in range(100)]


def test_schemas_of_json_say_what_is_written(tmp_path: Path) -> None:
    with made.make(tmp_path, 70).open("rb") as file:
        checked = 0
        for schema, channel, message in SeekingReader(file).iter_messages():
            if channel.message_encoding == "json":
                assert schema is not None
                jsonschema.validate(json.loads(message.data), json.loads(schema.data))
                checked += 1
        assert checked > 20


def test_chunks_end_when_they_are_full(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path, made.HEADER)
    for number in range(400):
        writer.add("/journal", number, number, b"x" * 1000)
    writer.close()
    with writer.path.open("rb") as file:
        sizes = [each.uncompressed_size for each in StreamReader(file, emit_chunks=True).records if type(each) is Chunk]
    assert len(sizes) == 7
    assert all(CHUNK <= size < CHUNK + 2000 for size in sizes[:-1])


def test_names_sort_by_time_and_nothing_is_written_over(tmp_path: Path) -> None:
    later = msgspec.structs.replace(made.HEADER, started=made.STARTED + 10**6)
    longer = msgspec.structs.replace(made.HEADER, first=600, name="../a b\n")
    headers = [made.HEADER, made.HEADER, made.HEADER, later, longer]
    writers = [TakeWriter.create(tmp_path / "new" / "folder", header) for header in headers]
    for writer in writers:
        writer.close()
    names = [writer.path.name for writer in writers]
    assert names == sorted(names)
    assert names[0] == f"{stem(made.HEADER)}.mcap"
    assert names[1:3] == [f"{stem(made.HEADER)}_2.mcap", f"{stem(made.HEADER)}_3.mcap"]
    assert names[4].endswith("-a-b.mcap")
    assert {path.parent.name for path in (writer.path for writer in writers)} == {"folder"}


def test_where_the_system_has_no_fdatasync_all_is_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS and Windows."""
    synchronised: list[int] = []
    monkeypatch.delattr(os, "fdatasync", raising=False)
    monkeypatch.setattr(os, "fsync", synchronised.append)
    writer = TakeWriter.create(tmp_path, made.HEADER)
    writer.sync()
    writer.close()
    assert len(synchronised) == 1


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("")
    with pytest.raises(DataError, match=r"takes: a file; expected a folder"):
        TakeWriter.create(tmp_path / "takes", made.HEADER)


def test_a_password_is_not_given_away(tmp_path: Path) -> None:
    mqtt = Mqtt(host="localhost", user="me", password="secret-word")  # noqa: S106 (nobody's)
    header = msgspec.structs.replace(made.HEADER, show=Show(mqtt=mqtt))
    writer = TakeWriter.create(tmp_path, header)
    writer.close()
    assert b"secret-word" not in writer.path.read_bytes()
    kept = Take(writer.path).header.show.mqtt
    assert kept is not None
    assert kept.user == "me"


def test_options_of_receivers_come_back_as_they_stand_in_the_file(tmp_path: Path) -> None:
    output = Output(kind="native", port=9100, options=Options(rig=True))
    header = msgspec.structs.replace(made.HEADER, show=Show(outputs=(output, Output(kind="td", port=7000))))
    writer = TakeWriter.create(tmp_path, header)
    writer.close()
    found = Take(writer.path).header.show.outputs
    assert msgspec.to_builtins(found) == msgspec.to_builtins(header.show.outputs)


def test_what_is_flushed_is_there_while_the_file_is_open(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path, made.HEADER)
    assert list(Take(writer.path).records()) == []
    made.write(writer, made.show(0, 40))
    writer.sync()
    with Take(writer.path) as take:
        assert [frame.frame.sequence for frame in take.frames()] == list(range(30))
        assert not take.complete
        assert "cut off" in take.damage
    assert writer.size == writer.path.stat().st_size
    writer.close()
    writer.close()
    assert writer.size == writer.path.stat().st_size
    assert given(writer.path) == [made.plain(each) for each in made.show(0, 40)]


class Small(io.BytesIO):
    """A file on a disk of so many bytes; what does not fit is written in part, as systems do."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.left = b""

    def write(self, data: object) -> int:
        given = bytes(data)  # type: ignore[call-overload]
        fits = given[: max(self.room - self.tell(), 0)]
        if given and not fits:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fits)

    def close(self) -> None:
        self.left = self.left or self.getvalue()
        super().close()


def play(writer: TakeWriter) -> None:
    made.write(writer, made.show(0, 60))
    writer.close()


def sizes() -> tuple[int, int]:
    """Bytes of the description, and of a whole take."""
    file = Small(1 << 30)
    writer = TakeWriter(file, Path("x"), made.HEADER)
    before = writer.size
    play(writer)
    return before, len(file.left)


def test_a_full_disk_leaves_a_valid_file_wherever_it_was_full(tmp_path: Path) -> None:
    wanted = [made.plain(record) for record in made.show(0, 60)]
    begin, end = sizes()
    without = 0
    for room in range(begin + 50, end, (end - begin) // 45):
        file = Small(room)
        writer = TakeWriter(file, Path("x"), made.HEADER)
        with pytest.raises(OSError, match="No space"):
            play(writer)
        writer.cut_short()
        writer.cut_short()
        assert len(file.left) <= room
        path = tmp_path / "cut.mcap"
        path.write_bytes(file.left)
        with Take(path) as take:
            found = [made.plain(record) for record in take.records()]
            assert take.complete
            assert found == wanted[: len(found)]
        flushed = sum(1 for mark in writer._marks) - 1
        without += not found
        assert flushed or not found
        with path.open("rb") as stream:
            assert list(StreamReader(stream, validate_crcs=True).records)
    assert without < 100


def test_a_full_disk_loses_the_last_chunk_at_most(tmp_path: Path) -> None:
    begin, end = sizes()
    lost = []
    for room in range(begin + 15_000, end, (end - begin) // 20):
        file = Small(room)
        writer = TakeWriter(file, Path("x"), made.HEADER)
        try:
            play(writer)
        except OSError:
            flushed = writer._marks[-1].counts[0]
        writer.cut_short()
        (tmp_path / "cut.mcap").write_bytes(file.left)
        lost.append(flushed - sum(1 for _ in Take(tmp_path / "cut.mcap").frames()))
    assert set(lost) <= {0, made.EACH}
    assert lost.count(0) > len(lost) / 2


def test_a_disk_without_any_room_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> Small:
        path.touch()
        return Small(100)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space"):
        TakeWriter.create(tmp_path, made.HEADER)
    assert list(tmp_path.iterdir()) == []


def limited(folder: Path) -> None:
    """Write until the file may not grow any more; the error's number is the exit code."""
    import resource  # noqa: PLC0415 (Windows has none)

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    writer = TakeWriter.create(folder, made.HEADER)
    resource.setrlimit(resource.RLIMIT_FSIZE, (writer.size + 60_000,) * 2)
    try:
        made.write(writer, made.show(0, 300))
    except OSError as error:
        writer.cut_short()
        os._exit(error.errno or 255)


def forked(work: Callable[[], None]) -> int:
    """Do something in another process, which begins at once as it need not import anything; give its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork, which Windows has not")
def test_a_limited_file_ends_whole(tmp_path: Path) -> None:
    _, status = os.waitpid(forked(lambda: limited(tmp_path)), 0)
    assert os.waitstatus_to_exitcode(status) == errno.EFBIG
    (path,) = tmp_path.iterdir()
    with Take(path) as take:
        found = [made.plain(record) for record in take.records()]
        assert take.complete
    assert len(found) > 20
    assert found == [made.plain(record) for record in made.show(0, 300)][: len(found)]


def told(folder: Path, pipe: int) -> None:
    """Write for ever, and tell of each flush how many frames are in the file."""
    writer = TakeWriter.create(folder, made.HEADER)
    flush = writer.flush

    def flush_and_tell() -> None:
        flush()
        os.write(pipe, b"%d\n" % writer._marks[-1].counts[0])

    writer.flush = flush_and_tell  # type: ignore[method-assign]
    for first in range(0, 10**9, 300):
        made.write(writer, made.show(first, 300))


def kill(folder: Path, chunks: int) -> None:
    """Have a process write and kill it while it does, some chunks after its first one; see what is there."""
    out, into = os.pipe()
    child = forked(lambda: told(folder, into))
    os.close(into)
    with os.fdopen(out) as lines:
        numbers = [int(lines.readline()) for _ in range(chunks)]
        os.kill(child, signal.SIGKILL)
        numbers += [int(line) for line in lines if line.endswith("\n")]
    os.waitpid(child, 0)
    (path,) = folder.iterdir()
    with Take(path) as take:
        found = [made.plain(frame) for frame in take.frames()]
        assert not take.complete
    assert len(found) >= numbers[-1] > 0
    assert found == [made.plain(made.taken(n, keys=n % 2 == 0)) for n in range(len(found))]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork, which Windows has not")
def test_what_was_flushed_survives_the_death_of_the_process(tmp_path: Path) -> None:
    for number in range(5):
        kill(tmp_path / str(number), 1 + 2 * number)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork, which Windows has not")
def test_what_was_flushed_survives_many_deaths(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    for number in range(100):
        kill(tmp_path / str(number), int(draw.integers(1, 31)))
