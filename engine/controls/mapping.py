"""What a controller or a key of MIDI does: which parameter it sets, which verb it calls."""

import difflib
from typing import Literal, NamedTuple

from engine.controls.topics import NOT_HERE
from engine.controls.tree import Node, Tree
from engine.schema.errors import ConfigError
from engine.schema.note import SUSTAIN, Event, Note, Pedal
from engine.schema.show import Mapping
from engine.wire.decode import Message, Value

TOP = 127
"""Highest value of a controller, and of a key's velocity."""

HALF = 64
"""Value from which on a controller that calls a verb counts as pressed."""


ENDS = frozenset({120, 123, 124, 125, 126, 127})
"""Controllers that end all notes: all sound off, all notes off, and four changes of mode (MIDI 1.0)."""


class Heard(NamedTuple):
    """What a controller or a key said.

    Attributes:
        kind: which of the two.
        number: its own, 0 to 127.
        value: 0 to 127; of a key the velocity, 0 where it is released.
        channel: 1 to 16.
    """

    kind: Literal["control", "note"]
    number: int
    value: int
    channel: int


def played(heard: Heard) -> Event | None:
    """What happens to a key or to the pedal; None where it is another controller."""
    if heard.kind == "note":
        return Note(heard.number, heard.value, heard.channel)
    return Pedal(heard.value, heard.channel) if heard.number == SUSTAIN else None


def ends(heard: Heard) -> bool:
    """Whether all keys are to come up: a sequencer that is stopped may say no more than that."""
    return heard.kind == "control" and heard.number in ENDS


class Route:
    """What becomes of one controller or key.

    Args:
        mapping: as it was written.
        tree: what can be set and called.
        place: where it was written, for errors.

    Raises:
        ConfigError: it names both a controller and a key or none of them, something to set that there is not, or
            values that it cannot have.
    """

    def __init__(self, mapping: Mapping, tree: Tree, place: str) -> None:
        if (mapping.control is None) == (mapping.note is None):
            found = "neither" if mapping.control is None else "both"
            raise ConfigError(place, found, "one of control and note")
        self._mapping = mapping
        self._node = _node(mapping.to, tree, f"{place}.to")
        self._pressed = False
        if self._node.verb:
            self._arguments = _arguments(mapping, self._node, place)
        else:
            self._low, self._high = _range(mapping, self._node, place)

    def hears(self, heard: Heard) -> bool:
        """Whether that is the controller or the key that is mapped."""
        mapping = self._mapping
        number = mapping.control if heard.kind == "control" else mapping.note
        return number == heard.number and mapping.channel in {None, heard.channel}

    def asks(self, heard: Heard) -> Message | None:
        """What is asked for now; None where it is somebody else's, or nothing."""
        if not self.hears(heard):
            return None
        if self._node.verb:
            return self._calls(heard)
        share = heard.value / TOP if heard.kind == "control" else float(heard.value > 0)
        return Message(self._node.path, self._node.arguments(self._low + (self._high - self._low) * share))

    def _calls(self, heard: Heard) -> Message | None:
        """A verb is called when a key goes down, and not while it stays there."""
        before, self._pressed = self._pressed, heard.value >= (HALF if heard.kind == "control" else 1)
        # A key that is hit twice was released between, even if that got lost; a controller may just have moved on.
        again = heard.kind == "control" and before
        return Message(self._node.path, self._arguments) if self._pressed and not again else None


def _node(name: str, tree: Tree, place: str) -> Node:
    found = tree.parameter(name) or (None if name in NOT_HERE else tree.verb(name))
    if found is None:
        near = difflib.get_close_matches(name, [node.name for node in tree.nodes.values() if node.name], n=1)
        raise ConfigError(place, repr(name), "a parameter or a verb", f"did you mean {near[0]!r}?" if near else "")
    return found


def _arguments(mapping: Mapping, node: Node, place: str) -> tuple[Value, ...]:
    """What a verb is given."""
    if mapping.low is not None or mapping.high is not None:
        raise ConfigError(place, f"low or high of the verb {mapping.to!r}", "none: only a parameter has a range")
    value = mapping.value
    if value is None:
        return ()
    if not node.tags:
        raise ConfigError(f"{place}.value", repr(value), f"none: {mapping.to!r} takes none")
    if isinstance(value, str):
        if node.words and value not in node.words:
            raise ConfigError(f"{place}.value", repr(value), f"one of {', '.join(node.words)}")
        return (value,)
    return (int(value) if float(value).is_integer() else value,)


def _range(mapping: Mapping, node: Node, place: str) -> tuple[float, float]:
    """The values of a parameter at both ends of a fader."""
    if mapping.value is not None:
        raise ConfigError(f"{place}.value", repr(mapping.value), "none: a parameter has low and high")
    bottom, top = node.low or 0.0, node.high or 0.0
    ends = (bottom if mapping.low is None else mapping.low, top if mapping.high is None else mapping.high)
    for name, end in zip(("low", "high"), ends, strict=True):
        if not bottom <= end <= top:
            raise ConfigError(f"{place}.{name}", f"{end:g}", f"a number from {bottom:g} to {top:g}")
    return ends
