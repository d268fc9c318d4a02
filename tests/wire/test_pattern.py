"""Address patterns: the examples of the specification, and one that would keep a backtracking matcher for years."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wire.pattern import MOST_SIGNS, compiled, is_pattern, signs


def matches(pattern: str, address: str) -> bool:
    """Whether a message to the pattern is meant for the address."""
    parts, names = compiled(pattern), address.split("/")
    return len(parts) == len(names) and all(part.fits(name) for part, name in zip(parts, names, strict=True))


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/engine/p1/ctl/speed", "/engine/p1/ctl/speed"),
        ("/engine/*/ctl/speed", "/engine/p12/ctl/speed"),
        ("/engine/p?/ctl/s*d", "/engine/p1/ctl/speed"),
        ("/p[1-3]", "/p2"),
        ("/p[!1-3]", "/p4"),
        ("/p[13-]", "/p-"),
        ("/{speed,sigma}", "/sigma"),
        ("/{a,ab}c", "/abc"),
        ("/a*b*c", "/aXXbXXbc"),
        ("/*", "/anything"),
        ("/a**b", "/ab"),
        ("/{,p}1", "/1"),
        ("/{run,hold}", "/hold"),
        ("/[!a-z]?*", "/A1"),
    ],
)
def test_a_pattern_finds_its_address(pattern: str, address: str) -> None:
    assert matches(pattern, address)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/engine/*", "/engine/p1/ctl"),
        ("/engine/p1/ctl/spee", "/engine/p1/ctl/speed"),
        ("/p?", "/p"),
        ("/p?", "/p12"),
        ("/p[1-3]", "/p4"),
        ("/p[!1-3]", "/p2"),
        ("/{speed,sigma}", "/spigma"),
        ("/{speed", "/speed"),
        ("/[a", "/a"),
        ("/a.c", "/abc"),
        ("/*/b", "/b"),
        ("/{a,b", "/a"),
        ("/[z-a]", "/m"),
        ("/a?", "/a/"),
        ("*", "/a"),
    ],
)
def test_and_no_other(pattern: str, address: str) -> None:
    assert not matches(pattern, address)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["*a", "{a,aa}", "*?", "{a,}{,a}"])
def test_a_hostile_pattern_is_answered_at_once(piece: str) -> None:
    assert not matches("/" + piece * (250 // len(piece)) + "b", "/" + "a" * 250)
    assert not matches("/" + piece * (MOST_SIGNS // signs(piece)) + "b", "/" + "a" * 250)


def test_a_pattern_of_fourteen_stars_is_answered() -> None:
    assert matches("/" + "*a" * 14, "/" + "a" * 14)
    assert not matches("/" + "*a" * 14 + "b", "/" + "a" * 250)


def test_a_pattern_with_too_many_signs_means_nothing() -> None:
    assert matches("/" + "?" * MOST_SIGNS, "/" + "a" * MOST_SIGNS)
    assert not matches("/" + "?" * (MOST_SIGNS + 1), "/" + "a" * (MOST_SIGNS + 1))
    assert not matches("/*" * (MOST_SIGNS + 1), "/a" * (MOST_SIGNS + 1))
    assert matches("/" + "*" * 200, "/a")
    assert compiled("/" + "{" + "," * MOST_SIGNS + "}") == ()


def test_signs_are_counted() -> None:
    assert [signs(pattern) for pattern in ("/a/b", "/*", "/***/?", "/[a-z]x", "/{a,b,c}")] == [0, 1, 2, 1, 3]
    assert is_pattern("/a/[b")
    assert not is_pattern("/a]b}")


def naive(pattern: str, name: str) -> bool:
    """By the book: the first sign, then the rest."""
    if not pattern:
        return not name
    sign, rest = pattern[0], pattern[1:]
    match sign:
        case "*":
            return any(naive(rest, name[at:]) for at in range(len(name) + 1))
        case "{":
            words, _, rest = rest.partition("}")
            return any(name.startswith(word) and naive(rest, name[len(word) :]) for word in words.split(","))
        case "[":
            inside, _, rest = rest.partition("]")
            excluded = inside.startswith("!")
            return bool(name) and (name[0] in inside.removeprefix("!")) != excluded and naive(rest, name[1:])
        case "?":
            return bool(name) and naive(rest, name[1:])
    return name[:1] == sign and naive(rest, name[1:])


PIECES = st.sampled_from(["a", "b", "ab", "?", "*", "[ab]", "[!b]", "{a,ba}", "{,b}"])


@given(st.lists(PIECES, max_size=8).map("".join), st.text("abc", max_size=8))
def test_it_matches_as_the_specification_says(pattern: str, name: str) -> None:
    assert matches(f"/{pattern}", f"/{name}") == naive(pattern, name)
