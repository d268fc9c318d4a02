"""A part of a take as a take."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.schema.errors import ConfigError, DataError
from engine.takes import frames
from engine.takes.events import decode
from engine.takes.facts import Facts, whole
from engine.takes.fresh import free, fresh
from engine.takes.reader import Message, Take
from engine.takes.values import Entry


class Span(NamedTuple):
    """What is kept.

    Attributes:
        first: its first frame.
        last: its last one.
        begin: nanoseconds since the show began, of its beginning.
        end: likewise of its end.
    """

    first: Message
    last: Message
    begin: float
    end: float


def cut(path: Path, out: Path, begin: float = 0.0, end: float = math.inf) -> Facts:
    """Write what lies between two times.

    The journal is kept from its beginning up to the last frame, so that what is cut out can still be played again: it
    is computed from the show's first frame on.

    Args:
        path: of the take, which is whole.
        out: the new one.
        begin: seconds from the take's first frame.
        end: likewise.

    Raises:
        ConfigError: no frame lies between them.
        DataError: the take is not whole, or the new one cannot be written.
    """
    free(out)
    facts, take = whole(path), Take(path)
    kept = _span(take, facts, begin, end)
    with fresh(out, msgspec.structs.replace(take.header, first=kept.first.sequence)) as writer:
        for message in _between(take, kept):
            writer.add(*message)
    return whole(out)


def _span(take: Take, facts: Facts, begin: float, end: float) -> Span:
    rate = take.header.fps
    if facts.sequences is None:
        raise DataError(str(take.path), "a take without frames", "one that can be cut")
    zero = facts.sequences[0]
    first = last = None
    for message in take.messages("/frames"):
        if begin * rate - 0.5 <= message.sequence - zero < end * rate - 0.5:
            first, last = first or message, message
    if first is None or last is None:
        found = f"no frame from {begin:g} s to {min(end, facts.seconds):g} s"
        raise ConfigError("--from, --to", found, f"times from 0s to {facts.seconds:.3f}s, the first one earlier")
    early = -math.inf if first.sequence == zero else first.at
    late = math.inf if last.sequence == facts.sequences[1] else last.at + 1e9 / rate
    return Span(first, last, early, late)


def _between(take: Take, kept: Span) -> Iterator[Message]:
    last = frames.tick(kept.last.data)
    for message in take.messages():
        if message.topic == "/frames":
            if kept.first.sequence <= message.sequence <= kept.last.sequence:
                yield message
        elif message.topic == "/journal":
            entry = decode(message.topic, message.at, message.data)
            if isinstance(entry, Entry) and entry.tick <= last:
                yield message._replace(at=message.at if kept.begin < message.at else kept.first.at)
        elif kept.begin <= message.at < kept.end:
            yield message
