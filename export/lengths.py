"""How long keys and the pedal stay where they are put."""

from engine.schema.note import Note, Timed
from export.recording import Recording

SECOND = 10**9
"""Nanoseconds."""

PEDAL = -1
"""In place of a key's number."""


def length(recording: Recording) -> int:
    """Nanoseconds to the end of a recording: of its last frame, or its last note where that comes later."""
    last = recording.notes[-1].at if recording.notes else 0
    return max(round(recording.frames / recording.fps * SECOND), last)


def held(recording: Recording) -> list[tuple[Timed, int]]:
    """Every key that goes down and every move of the pedal, in their order, each with when it ends, nanoseconds.

    A key ends when it comes up or is struck again, the pedal where it moves again, both at the end of the recording.
    """
    found: list[tuple[Timed, int]] = []
    ends: dict[int, int] = {}
    for timed in reversed(recording.notes):
        key = timed.event.number if isinstance(timed.event, Note) else PEDAL
        if not isinstance(timed.event, Note) or timed.event.velocity:
            found.append((timed, ends.get(key, length(recording))))
        ends[key] = timed.at
    return found[::-1]
