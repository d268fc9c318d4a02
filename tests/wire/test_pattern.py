"""Address patterns: the examples of the specification, and one that would keep a backtracking matcher for years."""

import pytest

from engine.wire.pattern import matches


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
    ],
)
def test_and_no_other(pattern: str, address: str) -> None:
    assert not matches(pattern, address)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["*a", "{a,aa}", "*?", "{a,}{,a}"])
def test_a_hostile_pattern_is_answered_at_once(piece: str) -> None:
    assert not matches("/" + piece * (250 // len(piece)) + "b", "/" + "a" * 250)
