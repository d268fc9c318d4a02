"""Several takes as one: the files that one recording is spread over, or takes that follow each other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.schema.errors import DataError
from engine.takes import events, frames
from engine.takes.facts import Facts, whole
from engine.takes.frames import Shift
from engine.takes.fresh import free, fresh
from engine.takes.reader import Message, Take
from engine.takes.values import Asked, Entry, Header, Reported


class Part(NamedTuple):
    """A take and where it goes.

    Attributes:
        take: the take.
        shift: of its frames' numbers.
        later: nanoseconds by which it is moved.
        known: entries of its journal that stand in earlier parts.
    """

    take: Take
    shift: Shift
    later: int
    known: int


class Ends(NamedTuple):
    """The first and the last frame of a take."""

    first: Message
    last: Message


def join(paths: Sequence[Path], out: Path) -> Facts:
    """Write takes one after the other, with numbers that go on rising.

    Parts of one recording keep their numbers and times, and the journal stays whole. A take of another recording
    begins one frame after the one before it; what is made so cannot be played again by its model.

    Raises:
        DataError: they are not two or more, not whole, do not fit each other, or the new one cannot be written.
    """
    free(out)
    if len(paths) < 2:
        raise DataError("TAKES", f"{len(paths)} of them", "two or more to join")
    for path in paths:
        whole(path)
    takes = [Take(path) for path in paths]
    for take in takes[1:]:
        _fits(take, takes[0])
    journal = _one(takes)
    parts = _parts(takes, journal)
    header = msgspec.structs.replace(takes[0].header, journal=journal is not None)
    with fresh(out, header) as writer:
        for part in parts:
            for message in _moved(part, journal=journal is not None):
                writer.add(*message)
    return whole(out)


def _fits(take: Take, first: Take) -> None:
    ours, theirs = take.header, first.header
    pairs = (
        (ours.fps, theirs.fps), (ours.skeleton, theirs.skeleton), (ours.knobs, theirs.knobs), (ours.size, theirs.size),
    )  # fmt: skip
    for found, wanted in pairs:
        if found != wanted:
            what = (
                f"{found:g} fps"
                if isinstance(found, float)
                else "another skeleton or other controls, or pictures of another size"
            )
            expected = f"{wanted:g} fps" if isinstance(wanted, float) else "the same"
            raise DataError(str(take.path), what, f"{expected}, as in {first.path}")


def _same(one: Header, other: Header) -> bool:
    """Whether two takes are of one recording."""
    return (one.started, one.seed, one.build, one.machine) == (other.started, other.seed, other.build, other.machine)


def _one(takes: Sequence[Take]) -> list[int] | None:
    """How many entries of each journal the ones before it hold; None where there is not one journal of all."""
    written: list[Entry] = []
    known = []
    for take in takes:
        entries = list(take.journal())
        if not take.header.journal or not _same(take.header, takes[0].header) or entries[: len(written)] != written:
            return None
        known.append(len(written))
        written = entries
    return known


def _parts(takes: Sequence[Take], known: Sequence[int] | None) -> list[Part]:
    parts: list[Part] = []
    before: Ends | None = None
    for place, take in enumerate(takes):
        ends = _ends(take)
        shift, later = Shift(), 0
        if before is not None:
            last = parts[-1]
            shift, later = last.shift, last.later
            if not _same(take.header, last.take.header):
                shift, later = _behind(last, before, ends, take.header.fps)
            elif ends.first.sequence <= before.last.sequence:
                found = f"it begins with frame {ends.first.sequence}, and {last.take.path} ends with frame"
                raise DataError(str(take.path), f"{found} {before.last.sequence}", "parts in their order")
        parts.append(Part(take, shift, later, 0 if known is None else known[place]))
        before = ends
    return parts


def _ends(take: Take) -> Ends:
    first = last = None
    for message in take.messages("/frames"):
        first, last = first or message, message
    if first is None or last is None:
        raise DataError(str(take.path), "a take without frames", "one with frames")
    return Ends(first, last)


def _behind(last: Part, before: Ends, ends: Ends, fps: float) -> tuple[Shift, int]:
    """What has a take begin one frame after the end of another one."""
    later = before.last.at + last.later + round(1e9 / fps) - ends.first.at
    ticks = frames.tick(before.last.data) + last.shift.tick + 1 - frames.tick(ends.first.data)
    numbers = before.last.sequence + last.shift.sequence + 1 - ends.first.sequence
    return Shift(numbers, round(later / 1e6), ticks), later


def _moved(part: Part, *, journal: bool) -> Iterator[Message]:
    entries = 0
    for message in part.take.messages():
        topic, at, sequence, data = message
        if topic == "/journal":
            entries += 1
            if journal and entries > part.known:
                yield message
            continue
        if part.later or any(part.shift):
            data = _other(message, part)
        yield Message(topic, at + part.later, sequence + part.shift.sequence, data)


def _other(message: Message, part: Part) -> bytes:
    """A record's bytes with other numbers."""
    if message.topic == "/frames":
        return frames.shifted(message.data, part.shift)
    record = events.decode(message.topic, message.at, message.data)
    if isinstance(record, Asked):
        record = msgspec.structs.replace(record, sequence=record.sequence + part.shift.sequence)
    elif isinstance(record, Reported):
        record = msgspec.structs.replace(record, at=record.at + part.later)
    return events.encode(record)[1]
