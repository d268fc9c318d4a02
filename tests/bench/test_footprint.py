"""Watching a process."""

import os
import sys

import pytest

from engine.bench import footprint
from engine.bench.footprint import clock_time, look, sequence
from engine.wire import osc


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_this_process_is_seen() -> None:
    before = look(os.getpid())
    sum(range(3_000_000))
    block = bytearray(64 << 20)
    after = look(os.getpid())
    assert before is not None
    assert after is not None
    assert after.cpu > before.cpu
    assert after.rss - before.rss > len(block) / 2


def test_a_system_that_does_not_tell_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "LOOKS", {})
    assert look(os.getpid()) is None


def test_times_of_ps_are_read() -> None:
    assert clock_time("0:01.50") == 1.5
    assert clock_time("02:03:04") == 7384
    assert clock_time("1-00:00:01") == 86401


def test_frames_are_counted_by_their_number() -> None:
    frame = osc.bundle([osc.encode("/engine/p1/frame", 7, 233), osc.encode("/engine/p1/root", 0.0)])
    assert sequence(frame) == 7
    assert sequence(osc.encode("/engine/performers", 1)) is None
