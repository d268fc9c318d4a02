"""Reads takes, also those that a crash or a full disk ended: an exact prefix, or an error, never other values."""

import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, cast

from mcap import records
from mcap.opcode import Opcode

from engine.inference.proto import Malformed
from engine.schema.errors import DataError
from engine.takes import events, header
from engine.takes.frame_reader import FrameReader
from engine.takes.scan import Ended, Raw, Scan
from engine.takes.values import FORMAT, TOPICS, Entry, Header, Record, Struck, Taken, Topic
from engine.takes.writer import ATTACHMENT, PROFILE

MESSAGE = struct.Struct("<HIQQ")
"""Channel, sequence and twice the time."""

ALL: tuple[Topic, ...] = tuple(TOPICS.values())

A_TAKE = "a take, as `engine serve --record` makes them"


class Message(NamedTuple):
    """A record as it stands in the file.

    Attributes:
        topic: where it belongs.
        at: nanoseconds since the show began.
        sequence: of its frame.
        data: the bytes.
    """

    topic: Topic
    at: int
    sequence: int
    data: bytes


class _Begun(NamedTuple):
    """Where reading from some time on begins.

    Attributes:
        since: nanoseconds since the show began.
        place: of the first chunk that ends later.
        channels: topics by their numbers, as the chunks before it have them.
    """

    since: int
    place: int
    channels: dict[int, str]


class Take:
    """A take file.

    Args:
        path: of the file.

    Attributes:
        path: likewise.
        header: the description.
        complete: whether the file was read to its end and that is where it ends; False before that.
        damage: why it ended before its end; '' where it did not, or has not been read so far.

    Raises:
        DataError: it cannot be read, is no take, or one of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complete = False
        self.damage = ""
        self._begun: _Begun | None = None
        if not path.is_file():
            raise DataError(str(path), "a folder" if path.is_dir() else "no such file", A_TAKE)
        try:
            with path.open("rb") as file:
                scan = Scan(file, path)
                self.header: Header = described(scan, scan.records())
        except OSError as error:
            raise DataError(str(path), error.strerror or str(error), "a file that can be read") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to give back: what reads has the file open only while it is asked for more."""

    def messages(self, *topics: Topic, since: int = 0) -> Iterator[Message]:
        """The records of some topics, or of all, in the order of the file, not yet decoded.

        It ends where the file does; `damage` tells why.

        Args:
            topics: those that are wanted; none: all.
            since: nanoseconds since the show began; chunks that end before that are not unpacked, and passed by if
                the last one who asked began there too, so that the middle of a long take is soon reached. Some records
                from before that may come all the same.

        Raises:
            DataError: the file is damaged; what came before is right.
        """
        begun = self._begun if self._begun is not None and self._begun.since == since else _Begun(since, 0, {})
        wanted, channels = topics or ALL, dict(begun.channels)
        self.complete, self.damage = False, ""
        try:
            with self.path.open("rb") as file:
                scan = Scan(file, self.path)
                for raw in scan.records(begun.place):
                    if raw.opcode != Opcode.CHUNK:
                        continue
                    late = self._ends(raw) >= since
                    if late and since > 0 and not begun.place:
                        self._begun = begun = _Begun(since, raw.at, dict(channels))
                    if late or not channels:
                        yield from self.unpacked(scan, raw, channels, wanted)
        except Ended as end:
            self.damage = str(end)
            return
        except OSError as error:
            raise DataError(str(self.path), error.strerror or str(error), "a file that can be read") from error
        self.complete = True

    def _ends(self, raw: Raw) -> int:
        """When the last record of a chunk was made, nanoseconds since the show began."""
        return int.from_bytes(raw.body[8:16], "little") - self.header.started

    def unpacked(
        self, scan: Scan, raw: Raw, channels: dict[int, str], topics: Collection[Topic] = ALL
    ) -> Iterator[Message]:
        """The records of a chunk.

        Args:
            scan: that found it.
            raw: the chunk.
            channels: topics by their numbers; what the chunk says of them is added.
            topics: those that are wanted.

        Raises:
            DataError: it is damaged.
        """
        for opcode, body in scan.contents(raw):
            if opcode == Opcode.CHANNEL:
                channel = scan.parsed(Raw(opcode, raw.at, body), records.Channel.read)
                channels[channel.id] = channel.topic
            elif opcode == Opcode.MESSAGE:
                if len(body) < MESSAGE.size:
                    raise scan.wrong("a message that is none", "one", raw.at)
                number, sequence, time, _ = MESSAGE.unpack_from(body)
                topic = channels.get(number)
                if topic is None:
                    raise scan.wrong("a message of no topic", "one of a topic", raw.at)
                if topic in topics:
                    yield Message(cast("Topic", topic), time - self.header.started, sequence, body[MESSAGE.size :])

    def records(self, *topics: Topic, since: int = 0) -> Iterator[Record]:
        """As `messages`, decoded; frames rise in their numbers.

        Raises:
            DataError: the file is damaged; what came before is right.
        """
        frames = FrameReader(self.header.skeleton, len(self.header.knobs), self.header.size)
        last = -1
        for message in self.messages(*topics, since=since):
            try:
                if message.topic != "/frames":
                    yield events.decode(message.topic, message.at, message.data)
                    continue
                taken = frames.decode(message.data)
            except Malformed as error:
                place = f"{self.path}: {message.topic} at frame {message.sequence}"
                raise DataError(place, str(error), "what was written") from error
            if not last < taken.frame.sequence == message.sequence:
                place, found = f"{self.path}: frame {message.sequence}", f"it stands behind frame {last}"
                raise DataError(place, found, "numbers that rise")
            last = message.sequence
            yield taken

    def frames(self, since: int = 0) -> Iterator[Taken]:
        """The frames; otherwise as `records`."""
        return (record for record in self.records("/frames", since=since) if isinstance(record, Taken))

    def notes(self) -> Iterator[Struck]:
        """Keys and pedal; otherwise as `records`."""
        return (record for record in self.records("/notes") if isinstance(record, Struck))

    def journal(self) -> Iterator[Entry]:
        """From what the show can be played again; otherwise as `records`."""
        return (record for record in self.records("/journal") if isinstance(record, Entry))


def described(scan: Scan, found: Iterator[Raw]) -> Header:
    """The description, which stands before all chunks.

    Raises:
        DataError: there is none, or one of another version.
    """
    try:
        first = next(found)
        if scan.parsed(first, records.Header.read).profile != PROFILE:
            raise scan.wrong("an MCAP file of another program", A_TAKE, hint="")
        for raw in found:
            if raw.opcode == Opcode.CHUNK:
                break
            if raw.opcode == Opcode.ATTACHMENT:
                attachment = scan.parsed(raw, records.Attachment.read)
                if attachment.name == ATTACHMENT:
                    return _header(scan, raw, attachment.data)
    except Ended as end:
        raise scan.wrong(f"{end}, before its description ends", A_TAKE, hint="nothing of it can be saved") from end
    raise scan.wrong("an MCAP file without a description", A_TAKE, hint="")


def _header(scan: Scan, raw: Raw, data: bytes) -> Header:
    try:
        return header.decode(data)
    except header.OtherVersionError as error:
        hint = "a newer engine made it" if str(error) > str(FORMAT) else ""
        raise scan.wrong(f"a take of version {error}", f"version {FORMAT}", raw.at, hint) from error
    except Malformed as error:
        raise scan.wrong(str(error), "the one of a take", raw.at, "") from error
