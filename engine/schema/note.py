"""Keys of a piano: what goes down, how hard, and what comes up again."""

from collections.abc import Mapping
from typing import NamedTuple

LOWEST, HIGHEST = 21, 108
"""The keys of a piano by their MIDI numbers, A0 to C8."""

KEYS = HIGHEST - LOWEST + 1

LOUDEST = 127
"""Highest velocity, and highest value of the pedal."""

DOWN = 64
"""Value from which on a sustain pedal is down (MIDI 1.0, controller 64)."""

SUSTAIN = 64
"""Number of the controller that is the sustain pedal."""


def on_piano(number: int) -> bool:
    """Whether a piano has this key."""
    return LOWEST <= number <= HIGHEST


class Note(NamedTuple):
    """A key that goes down or comes up.

    Attributes:
        number: of the key, 21 to 108 wherever it leaves the engine.
        velocity: 1 to 127; 0: the key comes up.
        channel: 1 to 16, or 0 where nobody said; it is passed on as it came.
    """

    number: int
    velocity: int
    channel: int = 1


class Pedal(NamedTuple):
    """The sustain pedal.

    Attributes:
        value: 0 to 127; from 64 on it is down.
        channel: as a note's.
    """

    value: int
    channel: int = 1


Event = Note | Pedal


class Timed(NamedTuple):
    """Something that happens in a score.

    Attributes:
        at: nanoseconds since its beginning.
        event: what happens.
        track: of the file that it stands in, from 0.
        message: of the track, from 0.
    """

    at: int
    event: Event
    track: int = 0
    message: int = 0


class Score(NamedTuple):
    """What is to be played, in the order of time; at the same moment keys come up first, then the pedal, then low keys.

    Attributes:
        name: for people.
        events: only keys that a piano has; each that goes down comes up again.
        length: nanoseconds, to the end of the last track.
        left_out: how many notes are not here, by the reason.
    """

    name: str
    events: tuple[Timed, ...]
    length: int
    left_out: Mapping[str, int]
