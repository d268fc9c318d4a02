"""What the wire asks for."""

from collections.abc import Sequence

import pytest
from runtime.rig import Ear, Said

from engine.runtime.requests import Answered, Requests, number
from engine.wire.decode import Value


def served(*said: Said, bad: int = 0) -> tuple[list[Sequence[Value]], Answered]:
    asked: list[Sequence[Value]] = []

    def one(arguments: Sequence[Value]) -> None:
        number(arguments, 0, 9)
        asked.append(arguments)

    requests = Requests(Ear({0: said}, bad), {"/engine/one": one, "/engine/two": asked.append})
    requests.serve()
    requests.serve()
    return asked, requests.counters


def test_a_message_is_done_once() -> None:
    assert served(Said("/engine/two", ("a", 1))) == ([("a", 1)], Answered(taken=1))


def test_a_pattern_reaches_everything_that_it_matches() -> None:
    asked, counted = served(Said("/engine/*", (3,)), Said("/engine/o?e", (4,)))
    assert asked == [(3,), (3,), (4,)]
    assert counted == Answered(taken=3)


def test_what_nobody_has_or_makes_no_sense_is_counted() -> None:
    asked, counted = served(Said("/engine/three"), Said("/engine/one", ("x",)), Said("/engine/one", (1,)), bad=4)
    assert asked == [(1,)]
    assert counted == Answered(taken=1, unknown=1, bad=5)


@pytest.mark.parametrize(("given", "found"), [(3, 3), (3.2, 3), (True, 1), (-5, 0), (1e30, 64), (-0.0, 0)])
def test_a_number_is_brought_into_its_range(given: Value, found: int) -> None:
    assert number((given,), 0, 64) == found


@pytest.mark.parametrize("given", [(), (1, 2), ("1",), (None,), (float("nan"),), (float("inf"),)])
def test_what_is_no_number_is_refused(given: tuple[Value, ...]) -> None:
    with pytest.raises(ValueError, match="expected one number"):
        number(given, 0, 64)
