"""Keys that are struck and let go by several voices, as one piano has them: nothing is left hanging."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.schema.note import Note, Pedal, Timed

UP, PEDAL, STRUCK = range(3)
"""The order of what happens at the same moment."""


class Stroke(NamedTuple):
    """A message of one key of one channel of one track; velocity 0 lets go."""

    tick: int
    message: int
    velocity: int


class Edge(NamedTuple):
    """A moment of a sound or of the pedal, in nanoseconds; the order of the fields is that of the events."""

    at: int
    rank: int
    number: int
    track: int
    message: int
    event: Note | Pedal


def paired(strokes: Sequence[Stroke]) -> list[tuple[Stroke, int | None]]:
    """Each stroke of a key with the tick at which it is let go.

    Letting go is for the latest stroke that still sounds; for one of the same moment only where no earlier one does, as
    many programs write the next note before the end of the last. A stroke without an end has the next one's.
    """
    begun = [stroke for stroke in strokes if stroke.velocity]
    ends: list[int | None] = [None] * len(begun)
    earlier: list[int] = []
    fresh: list[int] = []
    count, now = 0, -1
    for stroke in strokes:
        if stroke.tick > now:
            earlier += fresh
            fresh, now = [], stroke.tick
        if stroke.velocity:
            fresh.append(count)
            count += 1
        elif earlier or fresh:
            ends[(earlier or fresh).pop()] = stroke.tick
    for index in reversed(range(len(ends) - 1)):
        if ends[index] is None:
            ends[index] = ends[index + 1]
    return list(zip(begun, ends, strict=True))


def merged(edges: Iterable[Edge]) -> list[Timed]:
    """What happens to one piano: a key comes up when the last sound on it ends, on every channel that struck it.

    Args:
        edges: in their order.
    """
    sounding: Counter[int] = Counter()
    channels: dict[int, set[int]] = defaultdict(set)
    events: list[Timed] = []
    for at, rank, number, track, message, event in edges:
        if rank != UP:
            events.append(Timed(at, event, track, message))
        if rank == STRUCK:
            sounding[number] += 1
            channels[number].add(event.channel)
        elif rank == UP:
            sounding[number] -= 1
            if not sounding[number]:
                up = (Note(number, 0, channel) for channel in sorted(channels.pop(number)))
                events += [Timed(at, note, track, message) for note in up]
    return events


def raised(events: Iterable[Timed], at: int) -> list[Timed]:
    """The pedal comes up on each channel that left it down."""
    last = {timed.event.channel: timed for timed in events if isinstance(timed.event, Pedal)}
    left = [(channel, timed) for channel, timed in sorted(last.items()) if timed.event != Pedal(0, channel)]
    return [Timed(at, Pedal(0, channel), timed.track, timed.message) for channel, timed in left]
