"""Address patterns of OSC 1.0: `?` one character, `*` any number, `[a-z]` one of these, `[!a-z]` none, `{a,b}` words.

None of them matches a `/`. A pattern is followed along all its possibilities at once, as the bits of a number, never by
going back, and its signs are counted before it is used. So the worst one costs some microseconds a name.
"""

import re
from collections.abc import Callable

MOST_SIGNS = 32
"""Of a pattern: `?`, `*`, brackets, and the words of a choice beyond its first. People use three."""

Token = Callable[[str, int], int]
"""From a name and how much of it may have been matched so far (bit n: the first n characters) to the same after it."""

_SIGN = re.compile(r"[?*\[{]")
_COUNTED = re.compile(r"\*+|[?\[{,]")
_PIECES = re.compile(r"(?P<many>\*+)|(?P<one>\?)|\[(?P<any>[^\]]*)\]|\{(?P<words>[^}]*)\}|(?P<open>[\[{])|[^?*\[{]+")


def is_pattern(address: str) -> bool:
    """Whether an address holds a sign."""
    return _SIGN.search(address) is not None


def signs(pattern: str) -> int:
    """How much of a pattern is more than letters; stars in a row are one."""
    return len(_COUNTED.findall(pattern))


def compiled(pattern: str) -> "tuple[Part, ...]":
    """A pattern name by name; nothing at all where it has too many signs, and so means nothing."""
    return tuple(map(Part, pattern.split("/"))) if signs(pattern) <= MOST_SIGNS else ()


class Part:
    """What a pattern says of one name.

    Args:
        pattern: of a name, without a slash.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = [_token(piece) for piece in _PIECES.finditer(pattern)] if is_pattern(pattern) else []

    def fits(self, name: str) -> bool:
        """Whether it means this name; with an open bracket it means nothing but itself."""
        if name == self._pattern or not self._tokens:
            return name == self._pattern
        reached = 1
        for token in self._tokens:
            reached = token(name, reached)
            if not reached:
                return False
        return bool(reached >> len(name))


def _token(piece: re.Match[str]) -> Token:
    """What a piece of a pattern does."""
    match piece.lastgroup:
        case "many":
            return _many
        case "one":
            return _one
        case "any":
            return _any_of(piece["any"])
        case "words":
            return _word(set(piece["words"].split(",")))
        case "open":
            return _nothing
    return _word({piece[0]})


def _within(name: str, reached: int) -> int:
    """Without what lies beyond the end."""
    return reached & ((2 << len(name)) - 1)


def _nothing(_name: str, _reached: int) -> int:
    return 0


def _many(name: str, reached: int) -> int:
    return _within(name, -(reached & -reached))


def _one(name: str, reached: int) -> int:
    return _within(name, reached << 1)


def _any_of(inside: str) -> Token:
    excluded = inside.startswith("!")
    ranges = _ranges(inside.removeprefix("!"))

    def step(name: str, reached: int) -> int:
        found = 0
        for at, character in enumerate(name):
            if reached >> at & 1 and any(low <= character <= high for low, high in ranges) != excluded:
                found |= 2 << at
        return found

    return step


def _word(words: set[str]) -> Token:
    def step(name: str, reached: int) -> int:
        found = 0
        for word in words:
            at = name.find(word)
            while at >= 0:
                found |= (reached >> at & 1) << at + len(word)
                at = name.find(word, at + 1)
        return found

    return step


def _ranges(inside: str) -> list[tuple[str, str]]:
    """What stands in brackets: characters, and ranges `a-z`; a minus at the end is itself."""
    found = []
    at = 0
    while at < len(inside):
        ranged = inside[at + 1 : at + 2] == "-" and at + 2 < len(inside)
        found.append((inside[at], inside[at + 2] if ranged else inside[at]))
        at += 3 if ranged else 1
    return found
