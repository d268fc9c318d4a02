"""Goes over the records of an MCAP file, however broken or hostile it is; https://mcap.dev/spec.

`mcap.reader` trusts lengths and lets a text stand for what it cannot read; here nothing is believed that a CRC does not
hold, and no claim of a file takes memory that its bytes do not fill.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import zstandard
from mcap import records
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile
from mcap.opcode import Opcode

from engine.schema.errors import DataError
from engine.takes.writer import CHUNK, COMPRESSION, LARGEST, MAGIC

RECORD = struct.Struct("<BQ")
"""Opcode and length."""

MOST_CHUNK = LARGEST + 2 * CHUNK
"""Bytes of a chunk: one record may be as large as they come, behind others that are not yet a chunk."""

PIECE = 64 << 10
"""Bytes that are read at once of what is passed over."""

CUT = "cut off"
WRITTEN = "that of what was written"

RECOVER = "`engine takes recover` saves what is whole"

KNOWN = (Opcode.HEADER, Opcode.ATTACHMENT, Opcode.CHUNK, Opcode.MESSAGE_INDEX, Opcode.DATA_END)
"""What stands in the data of a take. MCAP has readers pass over all else; here that would turn a flipped bit into a
chunk that is missed."""

Kind = TypeVar("Kind")


class Raw(NamedTuple):
    """A record as it stands in the file.

    Attributes:
        opcode: what it is.
        at: place of its first byte.
        body: its bytes.
    """

    opcode: int
    at: int
    body: bytes


class Ended(Exception):  # noqa: N818 (a state of the file, which the caller judges)
    """The file ends before its end; the text says where."""


class Scan:
    """Reads a file from its beginning.

    Args:
        file: at its beginning.
        path: for people.

    Attributes:
        place: of the next byte.
        begun: where the record begins that is read now, or would come next.
        ended: whether the end of the data was found, behind which there are no chunks.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path
        self.place = self.begun = self._crc = 0
        self.ended = False

    def wrong(self, found: str, expected: str, at: int | None = None, hint: str = RECOVER) -> DataError:
        """The error of a place in the file."""
        place = self.place if at is None else at
        return DataError(f"{self._path}: byte {place}", found, expected, hint)

    def records(self, place: int = 0) -> Iterator[Raw]:
        """Each record up to the end of the data; then the CRC of all of it is checked, and what follows.

        Args:
            place: of a record that was found before, to begin with; then that CRC is not checked. 0: the beginning.

        Raises:
            Ended: the file ends too early.
            DataError: it is no MCAP file, or it is damaged.
        """
        if place:
            self.place = self._file.seek(place)
        else:
            self.magic()
        while True:
            before = self._crc
            raw = self.record()
            if raw.opcode == Opcode.DATA_END:
                self.ended = True
                if not place and raw.body != before.to_bytes(4, "little"):
                    raise self.wrong("a CRC of all data that does not fit", WRITTEN, raw.at)
                self._tail()
                return
            yield raw

    def record(self) -> Raw:
        """The next record.

        Raises:
            Ended: the file ends before it does.
            DataError: it is none that a take has.
        """
        at = self.begun = self.place
        opcode, length = RECORD.unpack(self._read(RECORD.size))
        if opcode not in KNOWN or (opcode == Opcode.HEADER) != (at == len(MAGIC)):
            raise self.wrong("a record that no take has", "one of a take", at)
        if length > MOST_CHUNK:
            raise self.wrong(f"a record of {length} bytes", f"at most {MOST_CHUNK}", at)
        body = self._read(length)
        if opcode == Opcode.MESSAGE_INDEX and int.from_bytes(body[2:6], "little") != length - 6:
            raise self.wrong("an index that is none", "one", at)
        if opcode == Opcode.ATTACHMENT and body[-4:] != zlib.crc32(body[:-4]).to_bytes(4, "little"):
            raise self.wrong("a description whose CRC does not fit", WRITTEN, at)
        return Raw(opcode, at, body)

    def magic(self) -> None:
        """Pass over what every MCAP file begins with.

        Raises:
            Ended: the file ends within it.
            DataError: it begins otherwise.
        """
        found = self._file.read(len(MAGIC))
        self._took(found)
        if not found or not MAGIC.startswith(found):
            what = "an empty file" if not found else "no MCAP file"
            raise DataError(str(self._path), what, "a take, as `engine serve --record` makes them")
        if len(found) < len(MAGIC):
            raise Ended(f"{CUT} at byte {self.place}")

    def _tail(self) -> None:
        """The summary, whose CRC goes up to its own place in the footer, and the magic again."""
        start, self._crc = self.place, 0
        while True:
            at = self.place
            opcode, length = RECORD.unpack(self._read(RECORD.size))
            if opcode == Opcode.FOOTER:
                break
            self._pass(length)
        if length != 20:
            raise self.wrong("a footer of another length", "20 bytes", at)
        summary, _ = struct.unpack("<QQ", self._read(16))
        crc = self._crc
        if int.from_bytes(self._read(4), "little") != crc or summary not in (0, start):
            raise self.wrong("an index whose CRC does not fit", WRITTEN, at)
        if self._read(len(MAGIC)) != MAGIC or self._file.read(1):
            raise self.wrong("bytes behind the end", "none")

    def _read(self, length: int) -> bytes:
        data = self._file.read(length)
        self._took(data)
        if len(data) < length:
            raise Ended(f"{CUT} at byte {self.place}")
        return data

    def _pass(self, length: int) -> None:
        while length:
            length -= len(self._read(min(length, PIECE)))

    def _took(self, data: bytes) -> None:
        self.place += len(data)
        self._crc = zlib.crc32(data, self._crc)

    def unpack(self, raw: Raw) -> bytes:
        """The records of a chunk.

        Raises:
            DataError: it is damaged.
        """
        found = self.parsed(raw, records.Chunk.read)
        if found.compression != COMPRESSION or found.uncompressed_size > MOST_CHUNK:
            what = f"{found.uncompressed_size} bytes in a chunk, by {found.compression or 'no compression'}"
            raise self.wrong(what, f"at most {MOST_CHUNK} by {COMPRESSION}", raw.at)
        try:
            if zstandard.frame_content_size(found.data) != found.uncompressed_size:
                raise self.wrong("a chunk of another size than it says", "the same", raw.at)
            data = zstandard.ZstdDecompressor().decompress(found.data)
        except zstandard.ZstdError:
            data = b""
        if zlib.crc32(data) != found.uncompressed_crc or len(data) != found.uncompressed_size:
            raise self.wrong("a chunk whose CRC does not fit", WRITTEN, raw.at)
        return data

    def parsed(self, raw: Raw, read: Callable[[ReadDataStream], Kind]) -> Kind:
        """A record as `mcap.records` reads it, of the length that it says.

        Raises:
            DataError: it is none.
        """
        stream = ReadDataStream(BytesIO(raw.body))
        try:
            found = read(stream)
        except (EndOfFile, struct.error, UnicodeDecodeError, OverflowError):
            raise self.wrong("a record that is none", "one", raw.at) from None
        if stream.count > len(raw.body):
            raise self.wrong("a record of another length", "the one that it says", raw.at)
        return found

    def contents(self, raw: Raw) -> Iterator[tuple[int, bytes]]:
        """Opcode and bytes of each record in a chunk.

        Raises:
            DataError: the chunk is damaged.
        """
        data, place = self.unpack(raw), 0
        while place < len(data):
            if len(data) - place < RECORD.size:
                raise self.wrong("a record that does not end", "whole ones", raw.at)
            opcode, length = RECORD.unpack_from(data, place)
            place += RECORD.size
            if length > len(data) - place:
                raise self.wrong("a record that does not end", "whole ones", raw.at)
            yield opcode, data[place : place + length]
            place += length
