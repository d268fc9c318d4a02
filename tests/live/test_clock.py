"""Clocks in real time; what they reach is the machine's business, so only sense is asked for."""

import math

import pytest

from engine.bench import clock
from engine.checks import machine
from engine.runtime.realtime import NONE, trial

pytestmark = pytest.mark.live


def test_all_clocks_are_measured_beside_all_loads() -> None:
    rows = clock.measure([60.0, 120.0], 0.5)
    loads = [load.name for load in clock.loads()]
    asked = trial() != NONE
    assert len(rows) == len(loads) * 2 * (3 if asked else 2)
    assert {row.load for row in rows} == set(loads)
    for row in rows:
        assert 0 <= row.p50_us <= row.p99_us <= row.worst_us < math.inf
        assert 0 <= row.late + row.skipped <= row.fps * 0.5
        assert (row.rights != NONE) <= (row.clock == "engine")


def test_only_the_loads_that_were_chosen_are_run() -> None:
    assert {row.load for row in clock.measure([60.0], 0.2, ["quiet"])} == {"quiet"}


def test_the_machine_is_looked_at() -> None:
    names = [found.name for found in machine.examine()]
    assert names[:2] == ["real-time rights", "timer"]
