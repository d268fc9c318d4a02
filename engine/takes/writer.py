"""Writes a take: an MCAP file (https://mcap.dev/spec) whose chunks reach the system whole.

`mcap.writer` has no way to end a chunk and none to end a file that the disk has no room for, so records are put
together here; their bytes are made by `mcap.records`.
"""

import errno
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple, Protocol

import zstandard
from mcap import records
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode

from engine.schema.errors import DataError
from engine.takes import header as description
from engine.takes.names import candidates
from engine.takes.schemas import Channel, channels
from engine.takes.values import Header, Topic

MAGIC = b"\x89MCAP0\r\n"
PROFILE = "figurant"
LIBRARY = "figurant"
ATTACHMENT = "take.json"

CHUNK = 64 << 10
"""Bytes after which a chunk ends, before compression."""

LARGEST = 18 << 20
"""Bytes that one record may have; the largest picture takes 16.8 MB, a frame of 256 performers 0.4 MB."""

MESSAGE = struct.Struct("<BQHIQQ")
"""Opcode, length, channel, sequence and twice the time."""

COMPRESSION = "zstd"
LEVEL = 1
"""Saves 28 % of eight bundled dancers' bytes and 23 % of one's, for 3 us a dancer; level 3 saves 1 % more for a third
more time, and the last bits of movement are noise to any."""


class File(Protocol):
    """What is written to: an unbuffered file."""

    def write(self, data: bytes | memoryview, /) -> int | None:
        """Write some of the bytes, and say how many."""
        ...

    def seek(self, place: int, /) -> int:
        """Go on writing there."""
        ...

    def truncate(self, size: int, /) -> int:
        """Cut the file off."""
        ...

    def fileno(self) -> int:
        """The system's number of the file."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class Mark(NamedTuple):
    """Where a chunk ended.

    Attributes:
        offset: bytes before that place.
        crc: CRC-32 of those.
        counts: records of each topic.
        chunks: how many there are.
        indexed: bytes of their records in the index.
        first: nanoseconds since 1970 of the earliest record.
        last: likewise of the latest.
    """

    offset: int
    crc: int
    counts: tuple[int, ...]
    chunks: int = 0
    indexed: int = 0
    first: int = 0
    last: int = 0


class TakeWriter:
    """Writes one file; for one thread.

    Args:
        file: new and empty; it is closed here.
        path: for people.
        header: the description.

    Raises:
        OSError: as it comes, from every call; then `cut_short` ends the file.
    """

    def __init__(self, file: File, path: Path, header: Header) -> None:
        self.path = path
        self._file, self._started = file, header.started
        self._channels = channels()
        self._numbers: dict[Topic, int] = {each.topic: n for n, each in enumerate(self._channels, 1)}
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._chunk = bytearray(_declarations(self._channels))
        self._index: dict[int, list[tuple[int, int]]] = {}
        self._chunks = bytearray()  # of the index: 150 bytes a chunk, where objects would take 600 for hours
        self._offset = self._crc = 0
        self._open = True
        attachment = records.Attachment(header.started, header.started, ATTACHMENT, "application/json", b"")
        attachment.data = description.encode(header)
        built = RecordBuilder()
        built.write(MAGIC)
        records.Header(PROFILE, LIBRARY).write(built)
        begin = built.count
        attachment.write(built)
        self._attachment = records.AttachmentIndex(
            begin, built.count - begin, header.started, header.started, len(attachment.data), ATTACHMENT,
            "application/json",
        )  # fmt: skip
        self._write(_bytes(built))
        self._marks = [Mark(self._offset, self._crc, (0,) * len(self._channels))]

    @classmethod
    def create(cls, folder: Path, header: Header) -> "TakeWriter":
        """Begin a new file in a folder, which is made if it is not there.

        Raises:
            DataError: the folder cannot be one.
            OSError: the file cannot be made.
        """
        if folder.exists() and not folder.is_dir():
            raise DataError(str(folder), "a file", "a folder for takes")
        folder.mkdir(parents=True, exist_ok=True)
        for path in candidates(folder, header):
            try:
                file = path.open("xb", buffering=0)
            except FileExistsError:
                continue
            try:
                return cls(file, path, header)
            except OSError:
                file.close()
                path.unlink(missing_ok=True)  # not a byte of it is of use
                raise
        raise DataError(str(folder), "a thousand takes of the same moment", "a folder with fewer")

    @property
    def size(self) -> int:
        """Bytes that were handed to the system."""
        return self._offset

    def add(self, topic: Topic, at: int, sequence: int, data: bytes) -> None:
        """Add a record; a chunk that is full goes to the file.

        Args:
            topic: where it belongs.
            at: nanoseconds since the show began.
            sequence: of its frame.
            data: as `frames.seal` or `events.encode` gives it.
        """
        if len(data) > LARGEST:
            raise DataError(topic, f"a record of {len(data)} bytes", f"at most {LARGEST}")
        number, time = self._numbers[topic], self._started + at
        self._index.setdefault(number, []).append((time, len(self._chunk)))
        length = MESSAGE.size - 9 + len(data)
        self._chunk += MESSAGE.pack(Opcode.MESSAGE, length, number, sequence & 0xFFFFFFFF, time, time)
        self._chunk += data
        if len(self._chunk) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """End the chunk and hand it to the system: it survives the end of this process."""
        if not self._index:
            return
        data = bytes(self._chunk)
        times = [time for entries in self._index.values() for time, _ in entries]
        first, last = min(times), max(times)
        packed = self._compressor.compress(data)
        built = RecordBuilder()
        records.Chunk(COMPRESSION, packed, last, first, zlib.crc32(data), len(data)).write(built)
        length = built.count
        places = {}
        for number, entries in self._index.items():
            places[number] = self._offset + built.count
            records.MessageIndex(number, sorted(entries)).write(built)
        index = records.ChunkIndex(
            length, self._offset, COMPRESSION, len(packed), last, built.count - length, places, first, len(data)
        )  # fmt: skip
        self._write(_bytes(built))
        index.write(built)
        self._chunks += _bytes(built)
        self._marks = [*self._marks[-1:], self._marked(first, last)]
        self._chunk.clear()
        self._index.clear()

    def _marked(self, first: int, last: int) -> Mark:
        """The place behind a chunk whose records were made between two times."""
        before = self._marks[-1]
        return Mark(
            offset=self._offset,
            crc=self._crc,
            counts=tuple(n + len(self._index.get(at, ())) for at, n in enumerate(before.counts, 1)),
            chunks=before.chunks + 1,
            indexed=len(self._chunks),
            first=min(before.first, first) if before.chunks else first,
            last=max(before.last, last),
        )

    def sync(self) -> None:
        """Have the system hand to the disk what it has: it survives a power cut."""
        getattr(os, "fdatasync", os.fsync)(self._file.fileno())

    def close(self) -> None:
        """End the file with its index; closing twice is harmless."""
        if not self._open:
            return
        self.flush()
        self._end(self._marks[-1], index=True)
        self._open = False
        self._file.close()

    def cut_short(self) -> None:
        """End the file at its last whole chunk, after an error; what was not flushed is lost.

        A full disk has no room for the index: then the file has none, and where even 50 bytes are too much the last
        chunk makes room. A disk that takes nothing at all leaves a file that `recover` ends.
        """
        if not self._open:
            return
        self._open = False
        try:
            for mark in reversed(self._marks):
                if self._ended(mark, index=True) or self._ended(mark, index=False):
                    return
        finally:
            self._file.close()

    def _ended(self, mark: Mark, *, index: bool) -> bool:
        """Whether the file could be cut off and ended there."""
        try:
            self._file.truncate(mark.offset)
            self._file.seek(mark.offset)
            self._offset, self._crc = mark.offset, mark.crc
            self._end(mark, index=index)
        except OSError:
            return False
        return True

    def _end(self, mark: Mark, *, index: bool) -> None:
        built = RecordBuilder()
        records.DataEnd(mark.crc).write(built)
        start = mark.offset + built.count
        ended = _bytes(built)
        summary = self._summary(mark) if index else b""
        foot = Opcode.FOOTER.to_bytes() + (20).to_bytes(8, "little")
        foot += struct.pack("<QQ", start if index else 0, 0)
        crc = zlib.crc32(foot, zlib.crc32(summary))
        self._write(ended + summary + foot + crc.to_bytes(4, "little") + MAGIC)

    def _summary(self, mark: Mark) -> bytes:
        built = RecordBuilder()
        built.write(_declarations(self._channels))
        counts = {number: count for number, count in enumerate(mark.counts, 1) if count}
        records.Statistics(
            1, len(self._channels), counts, mark.chunks, sum(counts.values()), mark.last, mark.first, 0,
            len(self._channels),
        ).write(built)  # fmt: skip
        built.write(memoryview(self._chunks)[: mark.indexed])
        self._attachment.write(built)
        return _bytes(built)

    def _write(self, data: bytes) -> None:
        """Write all of it; a file without a buffer may take a part."""
        left = memoryview(data)
        while left:
            written = self._file.write(left)
            if not written:
                raise OSError(errno.EIO, "nothing was written")
            left = left[written:]
        self._offset += len(data)
        self._crc = zlib.crc32(data, self._crc)


def _bytes(built: RecordBuilder) -> bytes:
    """What was put together."""
    data: bytes = built.end()  # type: ignore[no-untyped-call]  # mcap has types for all but this
    return data


def _declarations(topics: tuple[Channel, ...]) -> bytes:
    """The records that say what the channels hold."""
    built = RecordBuilder()
    for number, each in enumerate(topics, 1):
        records.Schema(number, each.data, each.encoding, each.schema).write(built)
        records.Channel(number, each.topic, each.message, {}, number).write(built)
    return _bytes(built)
