"""Address patterns of OSC 1.0: `?` one character, `*` any number, `[a-z]` one of these, `[!a-z]` none, `{a,b}` words.

None of them matches a `/`. A pattern is followed along all its possibilities at once, never by going back, so that a
hostile one costs no more than its length times that of the address.
"""

from collections.abc import Callable, Iterator

Positions = set[int]
"""Characters of a name that may have been matched so far."""

Token = Callable[[str, Positions], Positions]


def matches(pattern: str, address: str) -> bool:
    """Whether a message to `pattern` is meant for `address`; a pattern with an open bracket matches nothing."""
    patterns, names = pattern.split("/"), address.split("/")
    return len(patterns) == len(names) and all(map(_name, patterns, names))


def _name(pattern: str, name: str) -> bool:
    if pattern == name:
        return True
    positions = {0}
    for token in _tokens(pattern):
        positions = token(name, positions)
    return len(name) in positions


def _tokens(pattern: str) -> Iterator[Token]:
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        closing = {"[": "]", "{": "}"}.get(sign)
        end = at if closing is None else pattern.find(closing, at + 1)
        inside = pattern[at + 1 : end]
        yield _token(sign, inside) if end >= at else _nothing
        at = max(at, end) + 1


def _token(sign: str, inside: str) -> Token:
    match sign:
        case "?":
            return _one(lambda _: True)
        case "*":
            return _many
        case "[":
            characters = _characters(inside.removeprefix("!"))
            return _one(lambda character: (character in characters) != inside.startswith("!"))
        case "{":
            return _word(set(inside.split(",")))
    return _one(lambda character: character == sign)


def _nothing(_name: str, _positions: Positions) -> Positions:
    return set()


def _many(name: str, positions: Positions) -> Positions:
    return set(range(min(positions), len(name) + 1)) if positions else set()


def _one(fits: Callable[[str], bool]) -> Token:
    return lambda name, positions: {at + 1 for at in positions if at < len(name) and fits(name[at])}


def _word(words: set[str]) -> Token:
    return lambda name, positions: {at + len(word) for at in positions for word in words if name.startswith(word, at)}


def _characters(inside: str) -> set[str]:
    """What stands in brackets: characters, and ranges `a-z`; a minus at the end is itself."""
    found: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            found.update(map(chr, range(ord(inside[at]), ord(inside[at + 2]) + 1)))
            at += 3
        else:
            found.add(inside[at])
            at += 1
    return found
