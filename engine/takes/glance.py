"""What a list of takes says of each: from the index at a file's end, or by reading it where there is none."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mcap import records
from mcap.opcode import Opcode

from engine.schema.errors import DataError
from engine.takes.facts import gather
from engine.takes.reader import MESSAGE, Take
from engine.takes.scan import RECORD, Ended, Raw, Scan
from engine.takes.values import Header
from engine.takes.writer import MAGIC

FOOTER = struct.Struct("<BQQQI")
"""Opcode, length, where the index begins, where its own index would, and the CRC of it all."""

MOST_INDEX = 64 << 20
"""Bytes of an index that are looked at: a chunk takes 150 and there are four a second, so this is a day."""


class Glance(NamedTuple):
    """A line of a list.

    Attributes:
        path: of the file.
        header: the description.
        size: bytes.
        frames: how many.
        seconds: how long they take.
        performers: how many are on at the first frame.
        whole: whether the file has its end; what stands before that is for `verify` to read.
    """

    path: Path
    header: Header
    size: int
    frames: int
    seconds: float
    performers: int
    whole: bool


def glance(path: Path) -> Glance:
    """Look at a take.

    Raises:
        DataError: it is no take.
    """
    take, size = Take(path), path.stat().st_size
    try:
        first = next(take.frames(), None)
        frames, last = _told(path)
    except (DataError, Ended):
        facts = gather(path)
        return Glance(path, facts.header, size, facts.frames, facts.seconds, len(facts.performers), not facts.damage)
    if first is None:
        return Glance(path, take.header, size, 0, 0.0, 0, whole=True)
    seconds = (last + 1 - first.frame.sequence) / take.header.fps
    return Glance(path, take.header, size, frames, seconds, len(first.frame.performers), whole=True)


def _told(path: Path) -> tuple[int, int]:
    """How many frames the index counts, and the number of the last.

    Raises:
        DataError: there is no index, or it does not fit.
        Ended: likewise.
    """
    with path.open("rb") as file:
        scan, size = Scan(file, path), path.stat().st_size
        file.seek(max(size - FOOTER.size - len(MAGIC), 0))
        foot, magic = file.read(FOOTER.size), file.read()
        if len(foot) < FOOTER.size or magic != MAGIC:
            raise scan.wrong("no end", "one", size)
        _, _, start, _, crc = FOOTER.unpack(foot)
        end = size - FOOTER.size - len(MAGIC)
        if not 0 < start < end or end - start > MOST_INDEX:
            raise scan.wrong("no index", "one", size)
        file.seek(start)
        index = file.read(end - start)
        if zlib.crc32(index + foot[:-4]) != crc:
            raise scan.wrong("an index whose CRC does not fit", "the one of what was written", start)
        return _counted(scan, file, list(_split(scan, index, start)))


def _split(scan: Scan, index: bytes, start: int) -> Iterator[Raw]:
    at = 0
    while at + RECORD.size <= len(index):
        opcode, length = RECORD.unpack_from(index, at)
        yield Raw(opcode, start + at, index[at + RECORD.size : at + RECORD.size + length])
        at += RECORD.size + length
    if at != len(index):
        raise scan.wrong("an index that does not end", "whole records", start)


def _counted(scan: Scan, file: BinaryIO, index: list[Raw]) -> tuple[int, int]:
    channels = [scan.parsed(raw, records.Channel.read) for raw in index if raw.opcode == Opcode.CHANNEL]
    number = next((each.id for each in channels if each.topic == "/frames"), 0)
    counts = [scan.parsed(raw, records.Statistics.read) for raw in index if raw.opcode == Opcode.STATISTICS]
    frames = sum(each.channel_message_counts.get(number, 0) for each in counts)
    for raw in reversed(index):
        if raw.opcode == Opcode.CHUNK_INDEX:
            chunk = scan.parsed(raw, records.ChunkIndex.read)
            if number in chunk.message_index_offsets:
                return frames, _last(scan, file, chunk.chunk_start_offset, number)
    return frames, 0


def _last(scan: Scan, file: BinaryIO, at: int, number: int) -> int:
    """Number of the last frame in the chunk at a place."""
    file.seek(at)
    found = 0
    for opcode, body in scan.contents(scan.record()):
        if opcode == Opcode.MESSAGE and len(body) >= MESSAGE.size and MESSAGE.unpack_from(body)[0] == number:
            found = MESSAGE.unpack_from(body)[1]
    return found
