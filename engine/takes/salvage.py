"""Saves what is whole of a take that is not: what a crash, a full disk or a broken one left."""

import mmap
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
from mcap.opcode import Opcode

from engine.schema.errors import DataError
from engine.takes.facts import Facts, gather, told
from engine.takes.fresh import free, fresh
from engine.takes.names import SUFFIX
from engine.takes.reader import Message, Take
from engine.takes.scan import MOST_CHUNK, RECORD, Ended, Raw, Scan
from engine.takes.schemas import channels
from engine.takes.writer import COMPRESSION

SIGN = struct.pack("<I", len(COMPRESSION)) + COMPRESSION.encode()
"""How a chunk says that it is compressed; the length of its bytes follows."""

BEFORE = RECORD.size + 28
"""Bytes of a chunk before that: opcode, length, two times, a size and a CRC."""


class Saved(NamedTuple):
    """What became of a file.

    Attributes:
        path: of the new one; None where the old one was whole.
        facts: of what there is now.
        lost: what could not be saved, a line for each; none where every frame of the file was.
    """

    path: Path | None
    facts: Facts
    lost: tuple[str, ...]


def recover(path: Path, out: Path | None = None) -> Saved:
    """Write a whole take of what can be saved; nothing is written where the file is whole.

    Args:
        path: of the file.
        out: the new one; None puts it beside.

    Raises:
        DataError: there is nothing to save, or the new file cannot be written.
    """
    target = free(path.with_name(f"{path.stem}-recovered{SUFFIX}") if out is None else out)
    facts = gather(path)
    if not facts.damage:
        return Saved(None, facts, ())
    wreck = Wreck(path)
    if not sum(message.topic == "/frames" for message in wreck.messages()):
        raise DataError(str(path), "not one frame that is whole", "at least one")
    header = wreck.take.header
    journal = header.journal and not wreck.holed
    with fresh(target, msgspec.structs.replace(header, journal=journal)) as writer:
        for message in wreck.messages():
            writer.add(*message)
    return Saved(target, gather(target), tuple(wreck.lost))


class Wreck:
    """A take that may be broken anywhere behind its description.

    Args:
        path: of the file.

    Attributes:
        take: the same, as far as it can be read in order.
        lost: what was passed over, once everything was read.
        holed: whether something of it lay before a chunk that is whole.

    Raises:
        DataError: it is no take.
    """

    def __init__(self, path: Path) -> None:
        self.take = Take(path)
        self.lost: list[str] = []
        self.holed = False

    def messages(self) -> Iterator[Message]:
        """The records of every chunk that is whole."""
        self.lost, self.holed = [], False
        numbers: dict[int, str] = {number: each.topic for number, each in enumerate(channels(), 1)}
        with self.take.path.open("rb") as file:
            scan = Scan(file, self.take.path)
            for raw in self._chunks(scan, file):
                try:
                    found = list(self.take.unpacked(scan, raw, numbers))
                except DataError as error:
                    if raw.opcode == Opcode.CHUNK:
                        self.lost.append(told(error, self.take.path))
                    continue
                self.holed = bool(self.lost)
                yield from found

    def _chunks(self, scan: Scan, file: BinaryIO) -> Iterator[Raw]:
        """Chunks one after the other as long as that goes, then wherever there are some."""
        try:
            for raw in scan.records():
                if raw.opcode == Opcode.CHUNK:
                    yield raw
        except (DataError, Ended) as stop:
            if scan.ended:
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                rest = data[scan.begun : scan.begun + 1]
                if isinstance(stop, DataError) or rest == bytes((Opcode.CHUNK,)):
                    self.lost.append(told(stop, self.take.path) if isinstance(stop, DataError) else str(stop))
                yield from _strewn(data, scan.begun)


def _strewn(data: mmap.mmap, begin: int) -> Iterator[Raw]:
    """What looks like a chunk, from a place on; where its own head says otherwise, with opcode 0."""
    for sign in re.finditer(re.escape(SIGN), data):
        at, size = sign.start() - BEFORE, int.from_bytes(data[sign.end() : sign.end() + 8], "little")
        end = sign.end() + 8 + size
        if at < begin or size > MOST_CHUNK or end > len(data):
            continue
        opcode, length = RECORD.unpack_from(data, at)
        sure = (opcode, length) == (Opcode.CHUNK, end - at - RECORD.size)
        yield Raw(opcode if sure else 0, at, data[at + RECORD.size : end])
