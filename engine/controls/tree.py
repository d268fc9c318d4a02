"""Every address of a running show: what has a value, what can be called, what can be read."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Literal, NamedTuple

from engine.schema.controls import Control, Part
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import OWN_ROWS, OWNERS
from engine.wire.decode import Value
from engine.wire.pattern import compiled, is_pattern

KEPT = 64
"""Patterns whose addresses are remembered; the worst of them names 7000."""

EVERYTHING = 1_000_000
"""More addresses than there are."""

TAGS = {"float": "f", "int": "i", "bool": "i"}

Access = Literal["rw", "w", "r"]


def owner(performer: int) -> str:
    """What a performer, or another of `OWNERS`, is called in an address."""
    return OWNERS.get(performer) or f"p{performer}"


def named(own: str, performer: int) -> str:
    """What a knob or a verb is called by; 0 is the show."""
    return f"{owner(performer)}/{own}" if performer else own


class Node(NamedTuple):
    """An address and what may be sent to it.

    Attributes:
        path: the address.
        tags: OSC types of its arguments.
        low: bottom of the range of a number.
        high: top of it.
        default: value that it has where nobody says anything.
        unit: of the number.
        description: what it does.
        access: whether it can be set and asked for, only called, or only read.
        trusted: whether only a trusted source may set or call it.
        knob: name on the board; empty where it is none.
        performer: whose it is; 0: the show's, or one of `OWNERS`.
        verb: what is done; empty where it has a value instead.
        words: values of a string that make sense; empty: any.
    """

    path: str
    tags: str
    low: float | None = None
    high: float | None = None
    default: float | None = None
    unit: str = ""
    description: str = ""
    access: Access = "w"
    trusted: bool = False
    knob: str = ""
    performer: int = 0
    verb: str = ""
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called by away from OSC: `temperature`, `p2/temperature`, `go`, `p2/prime`; empty for a state."""
        return named(self.knob or self.verb, self.performer)

    def arguments(self, value: float) -> tuple[Value, ...]:
        """A value as it is sent."""
        return (value if self.tags == "f" else round(value),)


@dataclass(frozen=True)
class Branch:
    """A part of the tree.

    Attributes:
        path: where it begins; `/` at the top.
        node: the address itself, where it is one.
        children: what follows, by the next name.
    """

    path: str
    node: Node | None = None
    children: "dict[str, Branch]" = field(default_factory=dict)


ALL: tuple[Part, ...] = ("bodies", "keys", "images", "signs")
KEYS: tuple[Part, ...] = ("keys",)
SIGNS: tuple[Part, ...] = ("signs",)


class Verb(NamedTuple):
    """Something that can be called.

    Attributes:
        path: behind the root.
        tags: OSC types of its arguments; fewer may be given where that makes sense.
        description: what it does.
        trusted: whether only a trusted source may.
        parts: shows in which it makes sense: those with one of these.
    """

    path: str
    tags: str
    description: str
    trusted: bool = False
    parts: tuple[Part, ...] = ALL


PRIME = Verb("ctl/prime", "si", "start from a stored moment: the number of a clip, and of its frame", parts=("bodies",))

VERBS: Mapping[str, Verb] = {
    "hello": Verb("hello", "", "tell all receivers what they need to know"),
    "ping": Verb("ping", "i", "is answered by a pong"),
    "subscribe": Verb("subscribe", "sis", "send frames to this host and port in this protocol for 30 s"),
    "go": Verb("cue/go", "s", "play a cue by its name or number, or the next one"),
    "next": Verb("cue/next", "", "play the next cue"),
    "back": Verb("cue/back", "", "play the cue before the last one"),
    "panic": Verb("panic", "", "bodies to a neutral pose within half a second, all keys up, pictures black"),
    "reset": Verb("reset", "", "begin anew, as the show was written"),
    "stop": Verb("stop", "", "end the show", trusted=True),
    "load": Verb("model/load", "s", "have another model take over: a file, or the name of a bundled one", trusted=True),
    "prime": PRIME,
    "note": Verb("in/note", "iii", "a key goes down, or up with velocity 0: its number, velocity, channel", parts=KEYS),
    "pedal": Verb("in/pedal", "ii", "the sustain pedal: 0 to 127, channel", parts=KEYS),
    "glove": Verb("in/glove", "f", "a sample: a number for each channel; its own whole number may lead", parts=SIGNS),
    "glove_rest": Verb("in/glove/rest", "", "nobody signs any more: the sign is over", parts=SIGNS),
}

STATES: Mapping[str, tuple[str, str]] = {
    "fps": ("f", "frames sent in a second"),
    "late": ("f", "frames that missed their deadline"),
    "skipped": ("f", "frames that were not sent"),
    "p99_ms": ("f", "lateness, 99th percentile, milliseconds"),
    "clients": ("f", "receivers that subscribed"),
    "model": ("s", "the model that plays"),
    "status": ("s", "what the engine does"),
    "cue": ("s", "the last cue"),
    "provider": ("s", "what the model runs on"),
    "recording": ("s", "the file that is recorded into, or why nothing is recorded"),
}

PLACES = {"crossfade": "model/crossfade"}
"""Where parameters are that are not under `ctl`."""


class Tree:
    """The addresses of a show; never changed but for what `find` remembers, which is for one thread alone.

    Args:
        root: begins every address.
        table: parameters by their names, as `engine.schema.controls.expanded` gives them.
        cues: names of the cues.
        parts: what is played.
        sample: numbers of a sample of gloves.
        tells: what its frames tell of besides, by the address behind the root: OSC types, and what it is.

    Attributes:
        root: likewise.
        nodes: every address.
        top: of the tree, with the path `/`.
    """

    def __init__(
        self,
        root: str,
        table: Mapping[str, Control],
        *,
        cues: Sequence[str] = (),
        parts: Sequence[Part] = ("bodies",),
        sample: int = 1,
        tells: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> None:
        self.root = root
        states = {f"state/{name}": state for name, state in STATES.items()}
        found = [
            *_parameters(root, table, parts),
            *_verbs(root, tuple(cues), parts, sample),
            *_read(root, {**states, **tells}),
        ]
        self.nodes: Mapping[str, Node] = {node.path: node for node in found}
        self._parameters = {node.name: node for node in found if node.knob}
        self._verbs = {node.name: node for node in found if node.verb}
        self._remembered: dict[str, tuple[Node, ...]] = {}
        self.top = _grown(found)

    def parameter(self, name: str) -> Node | None:
        """What `temperature`, `p2/temperature` or `crossfade` stands for."""
        return self._parameters.get(name)

    def verb(self, name: str) -> Node | None:
        """What `go`, `panic` or `p2/prime` stands for."""
        return self._verbs.get(name)

    def name(self, path: str) -> str:
        """What the node at this address is called by; empty where there is none."""
        node = self.nodes.get(path)
        return "" if node is None else node.name

    def values(self, target: Callable[[str, int], float]) -> Mapping[str, tuple[Value, ...]]:
        """What stands at the address of each parameter, for `Board.target`."""
        found = self._parameters.values()
        return {node.path: node.arguments(target(node.knob, node.performer)) for node in found}

    def branch(self, path: str) -> Branch | None:
        """The part of the tree that begins at this address."""
        found: Branch | None = self.top
        for name in path.strip("/").split("/") if path.strip("/") else []:
            found = None if found is None else found.children.get(name)
        return found

    def recall(self, address: str) -> Sequence[Node] | None:
        """As `find`, at once; None for a pattern that was not worked out lately."""
        if not is_pattern(address):
            node = self.nodes.get(address)
            return () if node is None else (node,)
        return self._remembered.get(address)

    def find(self, address: str, most: int = EVERYTHING) -> Sequence[Node]:
        """The nodes that an address, or a pattern of addresses, means; of more than `most` the first and one too many.

        Those are not remembered, so that a frame's time goes into no more nodes than it has time to set.
        """
        known = self.recall(address)
        if known is not None:
            return known
        found = tuple(islice(self._matching(address), most + 1))
        if len(found) <= most:
            if len(self._remembered) >= KEPT:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[address] = found
        return found

    def _matching(self, address: str) -> Iterator[Node]:
        """Level by level; each name is held against the pattern once, however many branches have it."""
        level: Iterable[Branch] = (self.top,)
        for part in compiled(address)[1:]:
            above = tuple(level)
            fits = {name for name in {name for branch in above for name in branch.children} if part.fits(name)}
            level = _below(above, fits)
        return (branch.node for branch in level if branch.node is not None)


def _below(level: Iterable[Branch], names: Collection[str]) -> Iterator[Branch]:
    """The children with these names."""
    return (child for branch in level for name, child in branch.children.items() if name in names)


def _parameters(root: str, table: Mapping[str, Control], parts: Sequence[Part]) -> Iterator[Node]:
    for name, control in table.items():
        answering = set(control.parts).intersection(parts)
        own = Node(
            f"{root}/{PLACES.get(name, f'ctl/{name}')}",
            TAGS[control.kind],
            control.low,
            control.high,
            control.default,
            control.unit,
            control.description,
            "rw",
            trusted=control.trusted,
            knob=name,
        )
        if control.scope != "each" and answering:
            yield own
        for number in _owners(answering) if control.scope != "act" else ():
            yield own._replace(path=f"{root}/{owner(number)}/ctl/{name}", performer=number)


def _owners(parts: Collection[Part]) -> Sequence[int]:
    """Who can have a value of their own."""
    bodies = range(1, MAX_PERFORMERS + 1) if "bodies" in parts else ()
    return (*bodies, *(row for part, row in OWN_ROWS.items() if part in parts))


def _verbs(root: str, cues: tuple[str, ...], parts: Sequence[Part], sample: int) -> Iterator[Node]:
    for name, verb in VERBS.items():
        words = cues if name == "go" else ()
        if not set(verb.parts).isdisjoint(parts):
            yield Node(
                f"{root}/{verb.path}",
                verb.tags * sample if name == "glove" else verb.tags,
                description=verb.description,
                trusted=verb.trusted,
                verb=name,
                words=words,
            )
    for number in range(1, MAX_PERFORMERS + 1) if "bodies" in parts else ():
        path = f"{root}/{owner(number)}/{PRIME.path}"
        yield Node(path, PRIME.tags, description=PRIME.description, performer=number, verb="prime")


def _read(root: str, tells: Mapping[str, tuple[str, str]]) -> Iterator[Node]:
    for name, (tags, description) in tells.items():
        yield Node(f"{root}/{name}", tags, description=description, access="r")


def _grown(nodes: Sequence[Node]) -> Branch:
    """The tree of these nodes."""
    children: dict[str, Branch] = {}
    top = Branch("/", None, children)
    for node in nodes:
        at = top
        _, *names = node.path.split("/")
        for depth, name in enumerate(names):
            last = depth == len(names) - 1
            path = f"{'' if at is top else at.path}/{name}"
            at = at.children.setdefault(name, Branch(path, node if last else None))
    return top
