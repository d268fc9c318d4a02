"""Two clocks, one behaviour."""

import time

import pytest

from engine.runtime.clock import SPIN_NS, Clock, MonotonicClock, VirtualClock


@pytest.mark.parametrize("clock", [MonotonicClock(), VirtualClock(5)])
@pytest.mark.parametrize("wait", [-1, 0, SPIN_NS // 2, 4 * SPIN_NS])
def test_sleeping_ends_at_the_deadline_or_later(clock: Clock, wait: int) -> None:
    before = clock.now_ns()
    clock.sleep_until_ns(before + wait)
    assert clock.now_ns() >= before + wait


def test_virtual_time_moves_only_when_it_is_slept() -> None:
    clock = VirtualClock()
    clock.sleep_until_ns(3600 * 10**9)
    time.sleep(0.001)
    clock.sleep_until_ns(7)
    assert clock.now_ns() == 3600 * 10**9
