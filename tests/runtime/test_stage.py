"""What leaves when."""

import itertools
import re
import struct
import threading
import time

import pytest
from runtime.rig import START, Rig, play, rig

from engine.runtime.clock import VirtualClock
from engine.runtime.stage import ANNOUNCE_NS, PARTING_NS, REPORT_NS
from engine.runtime.ticker import SECOND, Ticker

MS = SECOND // 1000
FRAME = b"/frame\0"
NAMES = b"/skeleton/names\0"
STATE = b"/state/"


def sequences(played: Rig) -> list[int]:
    datagrams = [datagram for datagram in played.senders[0].datagrams if FRAME in datagram]
    return [struct.unpack_from(">i", datagram, datagram.index(b",ii\0") + 4)[0] for datagram in datagrams]


def word(datagram: bytes) -> bytes:
    found = re.search(rb"/state/status\0+,s\0\0(\w+)", datagram)
    assert found
    return found[1]


def test_every_frame_leaves_at_its_deadline() -> None:
    played = play(seconds=2)
    ticker = Ticker(30, START)
    assert sequences(played) == list(range(60))
    assert played.senders[0].times(FRAME) == [ticker.deadline(n) for n in range(60)]
    assert [frame.milliseconds for frame in played.act.frames[:4]] == [0, 33, 67, 100]


def test_the_clock_begins_when_the_first_frame_is_ready() -> None:
    played = play(costs={0: 5 * SECOND})
    assert played.senders[0].times(FRAME)[0] == START + 5 * SECOND
    assert played.stage.summary().late == 0
    assert played.stage.summary().step.p99 == 0


def test_a_slow_step_is_sent_late_and_counted() -> None:
    played = play(costs={5: 40 * MS})
    summary = played.stage.summary()
    assert sequences(played) == list(range(30))
    assert (summary.frames, summary.late, summary.skipped) == (30, 1, 0)
    assert summary.step.p99 == pytest.approx(40, rel=0.02)
    assert summary.lateness.p99 == pytest.approx(40 - 33.3, rel=0.02)


def test_missed_deadlines_are_skipped_and_never_caught_up() -> None:
    played = play(costs={5: 240 * MS})
    summary = played.stage.summary()
    assert sequences(played) == [0, 1, 2, 3, 4, 5, *range(12, 30)]
    assert (summary.frames, summary.late, summary.skipped) == (24, 1, 6)


def test_an_act_that_is_always_too_slow_plays_at_its_own_rate_without_a_burst() -> None:
    played = play(seconds=10, costs=dict.fromkeys(range(300), 40 * MS))
    times = played.senders[0].times(FRAME)
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) >= SECOND // 60
    assert len(times) == pytest.approx(240, abs=2)
    summary = played.stage.summary()
    assert summary.frames + summary.skipped == 300


def test_a_machine_that_slept_leaves_a_gap_and_no_burst() -> None:
    class Sleepy(VirtualClock):
        def sleep_until_ns(self, deadline: int) -> None:
            asleep = self.now_ns() < START + SECOND <= deadline
            super().sleep_until_ns(deadline + 5 * SECOND if asleep else deadline)

    played = play(seconds=10, clock=Sleepy(START))
    times = played.senders[0].times(FRAME)
    gaps = sorted(after - before for before, after in itertools.pairwise(times))
    assert gaps[0] >= SECOND // 60
    assert gaps[-1] == pytest.approx(5 * SECOND, rel=0.01)
    assert played.stage.summary().skipped == pytest.approx(150, abs=2)


def test_announcements_come_with_the_first_frame_and_every_two_seconds_behind_a_frame() -> None:
    played = play(seconds=7, targets=2)
    first, second = (sender.times(NAMES) for sender in played.senders)
    assert first[0] == second[0] == START
    assert [after - before for before, after in itertools.pairwise(first)] == [ANNOUNCE_NS] * 3
    assert not set(first[1:]) & set(second[1:])
    for _, datagrams in played.senders[0].calls:
        assert all(FRAME not in datagram for datagram in datagrams[1:])
    assert all(FRAME in datagrams[0] for _, datagrams in played.senders[0].calls[:-1])


def test_the_state_is_told_once_a_second_and_never_with_an_announcement() -> None:
    played = play(seconds=5)
    sender = played.senders[0]
    states = sender.times(STATE)
    assert len(states) == 6
    assert all(after - before == REPORT_NS for before, after in itertools.pairwise(states[:-1]))
    assert not set(states) & set(sender.times(NAMES))
    told = [word(datagram) for datagram in sender.datagrams if STATE in datagram]
    assert told == [b"playing"] * 5 + [b"stopped"]


def test_the_state_tells_the_rate_and_what_was_missed() -> None:
    played = play(seconds=3, costs={40: 500 * MS})
    told = [datagram for datagram in played.senders[0].datagrams if STATE in datagram]
    fps = [_number(datagram, b"fps") for datagram in told]
    assert fps[0] == pytest.approx(30, abs=0.1)
    assert fps[1] < 20
    assert [_number(datagram, b"skipped") for datagram in told] == [0, 14, 14, 14]


def _number(datagram: bytes, name: bytes) -> float:
    found = re.search(rb"/state/" + name + rb"\0+,f\0\0(....)", datagram, re.DOTALL)
    assert found
    return float(struct.unpack(">f", found[1])[0])


def test_the_last_word_waits_for_the_link() -> None:
    calls = play().senders[0].calls
    assert calls[-1][0] - calls[-2][0] == PARTING_NS


def test_ten_seconds_give_the_same_bytes_twice_and_pass_at_once() -> None:
    began = time.perf_counter()
    first, second = play(seconds=10), play(seconds=10)
    assert first.senders[0].calls == second.senders[0].calls
    assert time.perf_counter() - began < 3


def test_a_stop_ends_a_show_without_an_end() -> None:
    stop = threading.Event()

    class Stopping(VirtualClock):
        def sleep_until_ns(self, deadline: int) -> None:
            super().sleep_until_ns(deadline)
            if self.now_ns() >= START + 3 * SECOND:
                stop.set()

    made = rig(seconds=None, clock=Stopping(START))
    made.stage.prime()
    made.stage.play(stop)
    assert made.stage.summary().frames == 90
    assert word(made.senders[0].datagrams[-1]) == b"stopped"


def test_the_summary_adds_up() -> None:
    played = play(seconds=2, targets=2)
    summary = played.stage.summary()
    assert summary.datagrams == sum(len(sender.datagrams) for sender in played.senders)
    assert (summary.stalled, summary.errors, summary.provider, summary.rights) == (0, 0, "x", "none")
    assert summary.seconds == pytest.approx(59 / 30)
    text = "\n".join(summary.lines())
    assert "60 frames in 2.0 s at 30 fps" in text
    assert "1 guarded, 2 nudged, 3 primed again" in text


def test_closing_closes_every_sender_and_twice_is_harmless() -> None:
    played = play(targets=2)
    played.stage.close()
    played.stage.close()
    assert all(sender.closed for sender in played.senders)
