"""OSCQuery's answers: the tree of a show as JSON, for the path and the attribute that are asked for.

Source: the OSCQuery proposal by Vidvox, its required and optional attributes and its errors.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from engine.controls.desk import Mirror
from engine.controls.tree import Branch, Node, Tree
from engine.wire.decode import Value

ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE")
"""What can be asked of an address by itself."""

EXTENSIONS = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "LISTEN", "PATH_ADDED", "PATH_REMOVED")
"""What is done beyond what every server does."""

ACCESS = {"r": 1, "w": 2, "rw": 3}

UNITS = {"m": "distance.m", "deg": "angle.degree", "s": "time.second", "Hz": "time.hz"}
"""The proposal's words for ours."""

OK, NO_CONTENT, BAD_REQUEST, NOT_FOUND = 200, 204, 400, 404

_TYPES: dict[str, type[float | str]] = {"f": float, "i": int, "s": str}


class Answer(NamedTuple):
    """An answer.

    Attributes:
        status: of HTTP.
        body: JSON; empty where there is none.
    """

    status: int
    body: bytes = b""


class Host(NamedTuple):
    """What a server says of itself.

    Attributes:
        name: for people.
        address: that it was reached at.
        port: TCP.
        control: UDP port that hears OSC at the same address; 0: none does.
    """

    name: str
    address: str
    port: int
    control: int

    @property
    def info(self) -> dict[str, Any]:
        """HOST_INFO."""
        osc = {"OSC_IP": self.address, "OSC_PORT": self.control, "OSC_TRANSPORT": "UDP"} if self.control else {}
        web = {"WS_IP": self.address, "WS_PORT": self.port}
        return {"NAME": self.name, "EXTENSIONS": dict.fromkeys(EXTENSIONS, True), **osc, **web}


class Namespace:
    """What is seen of a show's tree: everything but the performers that do not play.

    Args:
        tree: every address.
        mirror: what each of them holds.
        root: begins every address.
    """

    def __init__(self, tree: Tree, mirror: Mirror, root: str) -> None:
        self._tree, self._mirror, self._root = tree, mirror, root
        self._kept: dict[str, bytes] = {}
        self._own = re.compile(rf"{re.escape(root)}/p(\d+)(/.*)?")

    def hear(self, addresses: Iterable[str]) -> None:
        """Take that these addresses hold something new, which the mirror knows already."""
        for address in addresses:
            self._kept.pop("/", None)
            for end in (*(found.start() for found in re.finditer("/", address)), len(address)):
                self._kept.pop(address[:end], None)

    @property
    def performers(self) -> int:
        """How many play: the numbers from 1 to this."""
        (number,) = self._mirror.get(f"{self._root}/ctl/performers") or (0,)
        return int(number or 0)

    def performer(self, number: int) -> str:
        """The path of what belongs to a performer."""
        return f"{self._root}/p{number}"

    def answer(self, target: str, host: Host) -> Answer:
        """What a request gets for its target, a path and perhaps `?` and an attribute."""
        path, asks, query = target.partition("?")
        try:
            path = unquote(path, errors="strict")
        except UnicodeDecodeError:
            return Answer(BAD_REQUEST)
        if not path.startswith("/") or (asks and query not in (*ATTRIBUTES, "HOST_INFO")):
            return Answer(BAD_REQUEST)
        if query == "HOST_INFO":
            return Answer(OK, msgspec.json.encode(host.info))
        branch = self.find(path)
        if branch is None:
            return Answer(NOT_FOUND)
        return self._attribute(branch, query) if asks else Answer(OK, self._described(branch))

    def find(self, path: str) -> Branch | None:
        """The part of the tree at a path; None where there is none, or nobody to whom it belongs plays."""
        branch = self._tree.branch(path) if "//" not in path else None
        return branch if branch is not None and self._plays(branch.path) else None

    def value(self, path: str) -> Sequence[Value]:
        """What an address holds; nothing where that is not known."""
        return self.typed(path, self._mirror.get(path) or ())

    def typed(self, path: str, arguments: Sequence[Value]) -> Sequence[Value]:
        """What an address holds, in the types that the tree says it has."""
        node = self._tree.nodes.get(path)
        tags = "" if node is None else node.tags
        if len(tags) != len(arguments) or None in arguments:
            return arguments
        return [_TYPES[tag](value) for tag, value in zip(tags, arguments, strict=True) if value is not None]

    def _plays(self, path: str) -> bool:
        found = self._own.fullmatch(path)
        return found is None or int(found[1]) <= self.performers

    def _attribute(self, branch: Branch, name: str) -> Answer:
        found = msgspec.json.decode(self._described(branch), type=dict[str, msgspec.Raw])
        return Answer(OK, msgspec.json.encode({name: found[name]})) if name in found else Answer(NO_CONTENT)

    def _described(self, branch: Branch) -> bytes:
        """All attributes of a branch and of what is below it; kept, as 256 performers take 43 ms."""
        known = self._kept.get(branch.path)
        if known is None:
            found = self._attributes(branch)
            if branch.children:
                below = {name: child for name, child in branch.children.items() if self._plays(child.path)}
                found["CONTENTS"] = {name: msgspec.Raw(self._described(child)) for name, child in below.items()}
            known = self._kept[branch.path] = msgspec.json.encode(found)
        return known

    def _attributes(self, branch: Branch) -> dict[str, Any]:
        node = branch.node
        if node is None:
            return {"FULL_PATH": branch.path, "ACCESS": 0}
        found = {"FULL_PATH": node.path, "DESCRIPTION": node.description, "ACCESS": ACCESS[node.access]}
        if node.tags:
            found["TYPE"] = node.tags
        value = self.value(node.path)
        if value and "r" in node.access:
            found["VALUE"] = value
        return found | _limits(node)


def _limits(node: Node) -> dict[str, Any]:
    """Range, unit and what becomes of values beyond."""
    found: dict[str, Any] = {}
    if node.words:
        found["RANGE"] = [{"VALS": node.words}]
    elif node.low is not None and node.high is not None:
        number = _TYPES[node.tags]
        found["RANGE"] = [{"MIN": number(node.low), "MAX": number(node.high)}]
        found["CLIPMODE"] = ["both"]
    if node.unit:
        found["UNIT"] = [UNITS.get(node.unit, node.unit)]
    return found
