"""Taking turns, with a clock that is told what time it is."""

from collections.abc import Callable

import pytest

from engine.bench import turns
from engine.bench.times import Times, noise
from engine.bench.turns import PACED_TURNS, SETTLING, TURNS, Rival, alone, hot, paced


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Callable[[], None]]:
    """Makes steps that take so many nanoseconds of a time in which nothing else passes."""
    clock = [0]
    monkeypatch.setattr(turns, "now", lambda: clock[0])

    def step(nanoseconds: int) -> Callable[[], None]:
        def spend() -> None:
            clock[0] += nanoseconds

        return spend

    return step


def test_percentiles_are_microseconds() -> None:
    assert Times.of([1000 * n for n in range(101)]) == (50.0, 99.0)


def test_noise_is_the_middle_half_of_the_medians() -> None:
    assert noise([[5, 5], [5, 5], [5, 5]]) == 0.0
    assert noise([[80], [90], [100], [110], [120]]) == pytest.approx(0.2)


def test_everybody_gets_the_time_it_was_given(spent: Callable[[int], Callable[[], None]]) -> None:
    found = hot([Rival("quick", spent(1000), 8), Rival("slow", spent(50_000), 8)], seconds=0.01)
    assert found["quick"] == (1.0, 1.0, 0.0, 10_000)
    assert found["slow"] == (50.0, 50.0, 0.0, 200)


def test_the_slowest_one_steps_some_times_too(spent: Callable[[int], Callable[[], None]]) -> None:
    assert hot([Rival("slow", spent(10**9), 8)], seconds=0.01)["slow"].steps == TURNS * turns.FEWEST


def test_a_part_of_a_step_is_scaled(spent: Callable[[int], Callable[[], None]]) -> None:
    assert hot([Rival("part", spent(1000), 8, scale=2.5)], seconds=0.001)["part"].p50 == 2.5


def test_rivals_alternate_and_neither_first_turns_nor_first_frames_count() -> None:
    order: list[str] = []
    rivals = [Rival("a", lambda: order.append("a"), 8), Rival("b", lambda: order.append("b"), 8)]
    found = paced(rivals, seconds=0.01, fps=1000)
    length = 10 // PACED_TURNS
    assert found["a"].steps == found["b"].steps == length * PACED_TURNS
    assert order == (["a"] * (length + SETTLING) + ["b"] * (length + SETTLING)) * (PACED_TURNS + 1)


def test_what_comes_before_a_call_does_not_count(spent: Callable[[int], Callable[[], None]]) -> None:
    taken = alone(spent(10), 1e-6, before=spent(1000))
    assert taken == [10] * turns.FEWEST
