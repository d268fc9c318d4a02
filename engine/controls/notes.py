"""Keys that others press: `/engine/in/note number velocity channel` and `/engine/in/pedal value channel`.

A channel may be left out and is 1 then. Numbers of any kind are taken, rounded and clamped; a T stands for a key or a
pedal that is down, an F for one that is up.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from engine.controls.letter import Letter
from engine.schema.note import DOWN, LOUDEST, Event, Note, Pedal
from engine.wire.decode import Message, Value

CHANNELS = 16

NUMBERS = 127
"""Highest number of a key in MIDI; one that no piano has is the keyboard's to leave out."""


class Sorted(NamedTuple):
    """What a letter says.

    Attributes:
        events: of keys and pedals, in order.
        rest: all else that it says; None: nothing.
        broken: messages about keys that make no sense.
    """

    events: Sequence[Event]
    rest: Letter | None
    broken: int


class NoteReader:
    """Tells what is said about keys from all else.

    Unlike other letters, one is not refused whole where a message makes no sense: a key that is not lifted would hang.
    A pattern never means a key.

    Args:
        root: begins every address.
    """

    def __init__(self, root: str) -> None:
        self._note, self._pedal = f"{root}/in/note", f"{root}/in/pedal"

    def sort(self, letter: Letter) -> Sorted:
        """Take a letter apart."""
        events: list[Event] = []
        rest: list[Message] = []
        broken = 0
        for message in letter.messages:
            try:
                if message.address == self._note:
                    events.append(read_note(message.arguments))
                elif message.address == self._pedal:
                    events.append(read_pedal(message.arguments))
                else:
                    rest.append(message)
            except ValueError:
                broken += 1
        return Sorted(events, Letter(tuple(rest), letter.source) if rest else None, broken)


def read_note(arguments: Sequence[Value]) -> Note:
    """A key that goes down or comes up; whatever is above velocity 0 goes down.

    Raises:
        ValueError: they are not two or three numbers.
    """
    if not 2 <= len(arguments) <= 3:
        raise ValueError(f"{tuple(arguments)}; expected number, velocity and channel")
    velocity = _number(arguments[1], DOWN)
    struck = max(_whole(velocity, LOUDEST), 1) if velocity > 0 else 0
    return Note(_whole(_number(arguments[0]), NUMBERS), struck, _channel(arguments[2:]))


def read_pedal(arguments: Sequence[Value]) -> Pedal:
    """Where the sustain pedal goes.

    Raises:
        ValueError: they are not one or two numbers.
    """
    if not 1 <= len(arguments) <= 2:
        raise ValueError(f"{tuple(arguments)}; expected value and channel")
    return Pedal(_whole(_number(arguments[0], LOUDEST), LOUDEST), _channel(arguments[1:]))


def _channel(given: Sequence[Value]) -> int:
    return _whole(_number(given[0]), CHANNELS) if given else 1


def _number(given: Value, true: int = 1) -> float:
    """A finite number; `true` stands for a T.

    Raises:
        ValueError: it is none.
    """
    if isinstance(given, bool):
        return true if given else 0
    if isinstance(given, str | None):
        raise ValueError(f"{given!r}; expected a number")  # noqa: TRY004 (whatever came from outside is a ValueError)
    if not -math.inf < given < math.inf:
        raise ValueError(f"{given}; expected a finite number")
    return given


def _whole(number: float, most: int) -> int:
    """The nearest whole number from 0 to `most`."""
    return round(min(max(number, 0), most))
