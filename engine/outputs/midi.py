"""A MIDI port of this machine: a synthesiser, a program, an instrument (MIDI 1.0 Detailed Specification, 1996).

Each event is a message of three bytes: note on, note off, controller 64. Nothing is sent for a frame, and there are no
addresses.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from engine.contracts import Datagrams, Status
from engine.outputs._body import Address
from engine.schema import show
from engine.schema.frame import Frame
from engine.schema.model import ModelSpec
from engine.schema.note import SUSTAIN, Event, Note

ADDRESSES: tuple[Address, ...] = ()
"""It is no OSC."""

OFF, ON, CONTROL = 0x80, 0x90, 0xB0
"""First byte of a message, on the first channel."""


class Options(show.MidiOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of the MIDI output, beside what is asked of its port.

    Attributes:
        release: velocity with which keys come up; 64 is that of a keyboard that does not feel it.
    """

    release: Annotated[int, Meta(ge=0, le=127, description="a whole number from 0 to 127")] = 64


class MidiOut:
    """Keys as MIDI messages.

    Args:
        options: what was asked for.
    """

    def __init__(self, options: Options) -> None:
        self._channel, self._release = options.channel, options.release

    def datagrams(self, frame: Frame) -> Datagrams:  # noqa: ARG002
        """Nothing: keys are told of when they move."""
        return ()

    def notes(self, events: Sequence[Event]) -> Datagrams:
        """A message for each event; the channel that nobody said is the first."""
        return [self._message(event) for event in events]

    def announce(self, performers: Sequence[int]) -> Datagrams:  # noqa: ARG002
        """Nothing: an instrument asks for nothing."""
        return ()

    def report(self, status: Status) -> Datagrams:  # noqa: ARG002
        """Nothing: an instrument has no words for it."""
        return ()

    def _message(self, event: Event) -> bytes:
        place = (self._channel or max(event.channel, 1)) - 1
        if not isinstance(event, Note):
            return bytes((CONTROL + place, SUSTAIN, event.value))
        if event.velocity == 0:
            return bytes((OFF + place, event.number, self._release))
        return bytes((ON + place, event.number, event.velocity))


def create(spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> MidiOut:  # noqa: ARG001
    """The MIDI output of a show."""
    return MidiOut(options)
