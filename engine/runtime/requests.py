"""What is asked of a running show, from all sides: read whole letters, then do what they say."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from engine.controls.board import Board
from engine.controls.letter import Letter, Source
from engine.controls.news import News, Outlet
from engine.controls.tree import Node, Tree
from engine.schema.errors import EngineError
from engine.schema.kinds import MAX_PERFORMERS
from engine.wire.decode import Message, Value
from engine.wire.pattern import is_pattern, signs

MOST = 16 * MAX_PERFORMERS
"""Values that are set, asked for or called in one frame, all letters together: everybody's 16 latent numbers by one
pattern, 4 ms. What is beyond is refused."""

FEW_VALUES = 4
"""Values that a message counts for at least: reading one takes as long as setting four, and 1024 of them 5 ms."""

MOST_SIGNS = 64
"""Signs in the patterns of one frame that are not known from before; each pattern counts for `FEW_SIGNS` at least. The
worst that can be made of them takes about 7 ms."""

FEW_SIGNS = 4


class Mailbox(Protocol):
    """Where letters come from; never waits, never raises for what the network does."""

    def drain(self) -> Sequence[Letter]:
        """What was said since the last call; a bounded amount."""
        ...


class Answered(NamedTuple):
    """What became of the requests since the start.

    Attributes:
        taken: messages that were done.
        unknown: messages whose address nobody has.
        bad: letters of which nothing was done: a message makes no sense, or it is too much at once.
        denied: letters of which nothing was done: a message is not for everybody.
    """

    taken: int = 0
    unknown: int = 0
    bad: int = 0
    denied: int = 0


Call = Callable[[], object]

Verb = Callable[[Sequence[Value], Source], Call]
"""Reads what is asked, changes nothing, and gives what does it in the frame thread, in no time.

Raises:
    ValueError: the arguments make no sense.
"""


Witness = Callable[[Node, Sequence[Value], Source], object]
"""Is told what was done; must neither wait nor take long."""


def nobody(_node: Node, _arguments: Sequence[Value], _source: Source) -> None:
    """Nobody looks."""


class _DeniedError(Exception):
    """The source may not ask for this."""


class Requests:
    """Reads letters and has them done.

    A letter is read to its end before anything of it is done; where one message makes no sense, none is done. A pattern
    means values only, and sets those alone that everybody may: all else is called by its own name.

    Args:
        sources: of letters.
        tree: every address.
        board: takes the values.
        outlet: is told every value that was set, and answers.
        verbs: what is done, by the names of the tree; one that is missing is unknown.
        also: what is done besides when a parameter was set, by its knob.
        witness: is told what was done: a node, its arguments (those of a value as they were taken), and who asked.
    """

    def __init__(
        self,
        sources: Sequence[Mailbox],
        tree: Tree,
        *,
        board: Board,
        outlet: Outlet,
        verbs: Mapping[str, Verb],
        also: Mapping[str, Callable[[float], object]],
        witness: Witness = nobody,
    ) -> None:
        self._sources, self._tree, self._board, self._outlet = sources, tree, board, outlet
        self._verbs, self._also, self._witness = verbs, also, witness
        self._taken = self._unknown = self._bad = self._denied = 0
        self._values_left = self._signs_left = 0

    @property
    def counters(self) -> Answered:
        """What happened so far."""
        return Answered(self._taken, self._unknown, self._bad, self._denied)

    def serve(self) -> None:
        """Do what was asked since the last call."""
        self._values_left, self._signs_left = MOST, MOST_SIGNS
        for source in self._sources:
            for letter in source.drain():
                self._answer(letter)

    def _answer(self, letter: Letter) -> None:
        unknown = 0
        calls: list[Call] = []
        try:
            for message in letter.messages:
                nodes = self._meant(message)
                if nodes:
                    calls.append(self._read(nodes, message.arguments, letter.source))
                else:
                    unknown += 1
            for call in calls:
                call()
        except _DeniedError:
            self._denied += 1
        except (ValueError, EngineError):
            self._bad += 1
        else:
            self._unknown += unknown
            self._taken += len(letter.messages) - unknown

    def _meant(self, message: Message) -> Sequence[Node]:
        """What an address or a pattern means, as far as this frame has time for it."""
        address = message.address
        nodes = self._tree.recall(address)
        if nodes is None:
            effort = max(signs(address), FEW_SIGNS)
            if effort > self._signs_left:
                raise ValueError(f"{address}: more patterns than one frame has time for")
            self._signs_left -= effort
            nodes = self._tree.find(address, self._values_left)
            if len(nodes) > self._values_left:
                self._signs_left = 0  # finding so many has taken a frame's time
        effort = max(len(nodes), FEW_VALUES)
        if effort > self._values_left:
            raise ValueError(f"{address}: more values than one frame has time for")
        self._values_left -= effort
        if not is_pattern(address):
            return nodes
        return [node for node in nodes if node.access == "rw" and not (node.trusted and message.arguments)]

    def _read(self, nodes: Sequence[Node], arguments: Sequence[Value], source: Source) -> Call:
        """What does all that a message says of these nodes: parameters, or a single one of another kind."""
        node = nodes[0]
        if node.trusted and not source.trusted and (node.verb or arguments):
            raise _DeniedError
        if node.verb:
            if (verb := self._verbs.get(node.name)) is None:
                raise ValueError(f"{node.path}: nobody does that in this show")
            return partial(self._do, node, verb(arguments, source), arguments, source)
        if node.access == "r":
            raise ValueError(f"{node.path}: can only be read")
        if not arguments:
            return partial(self._tell, nodes, source)
        return partial(self._set, nodes, number(arguments), source)

    def _do(self, node: Node, call: Call, arguments: Sequence[Value], source: Source) -> None:
        call()
        self._witness(node, arguments, source)

    def _set(self, nodes: Sequence[Node], value: float, source: Source) -> None:
        owners: dict[str, list[int]] = {}
        for node in nodes:
            owners.setdefault(node.knob, []).append(node.performer)
        taken = {knob: self._board.set(knob, value, *performers) for knob, performers in owners.items()}
        for knob, performers in owners.items():
            self._board.told(knob, *performers)
        for node in nodes:
            arguments = node.arguments(taken[node.knob])
            self._outlet.post(News(node.path, arguments, source))
            self._witness(node, arguments, source)
        for knob in self._also.keys() & owners.keys():
            self._also[knob](taken[knob])

    def _tell(self, nodes: Sequence[Node], source: Source) -> None:
        for node in nodes:
            arguments = node.arguments(self._board.target(node.knob, node.performer))
            self._outlet.post(News(node.path, arguments, source, private=True))


def number(arguments: Sequence[Value]) -> float:
    """The one finite number that a message carries.

    Raises:
        ValueError: none, several, or no number.
    """
    if len(arguments) != 1 or isinstance(arguments[0], str | None):
        raise ValueError(f"{tuple(arguments)}; expected one number")
    try:
        value = float(arguments[0])
    except (OverflowError, TypeError):  # an int that no float holds, or a list
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{tuple(arguments)}; expected a finite number")
    return value


def pressed(action: Call) -> Verb:
    """A verb without arguments, such as that of a button: pressed with a number it acts, released with a 0 it does not.

    Buttons on tablets send 1 and then 0.
    """

    def read(arguments: Sequence[Value], _source: Source) -> Call:
        return action if not arguments or number(arguments) else released

    return read


def released() -> None:
    """Do nothing: a button came up again."""
