"""What leaves when."""

import itertools
import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from runtime.heard import FRAME, MS, NAMES, STATE, labels, sequences, word
from runtime.rig import EVERYTHING, START, play, rig

from engine.runtime.clock import VirtualClock
from engine.runtime.stage import PARTING_NS
from engine.runtime.ticker import SECOND, Ticker
from engine.schema.frame import F32, Body
from engine.schema.kinds import Latency
from engine.schema.show import Entrance, Place

LATENCIES: tuple[Latency, Latency] = ("steady", "latch")


def test_every_frame_leaves_at_its_deadline() -> None:
    played = play(seconds=2)
    ticker = Ticker(30, START)
    assert sequences(played) == list(range(60))
    assert played.senders[0].times(FRAME) == [ticker.deadline(n) for n in range(60)]
    assert [milliseconds for _, milliseconds in labels(played)[:4]] == [0, 33, 67, 100]


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
    assert summary.sends == (sum(len(sender.datagrams) for sender in played.senders), 0, 0)
    assert (summary.provider, summary.rights, summary.lead) == ("stick's strings", "none", None)
    assert summary.seconds == pytest.approx(59 / 30)
    text = "\n".join(summary.lines())
    assert "60 frames in 2.0 s at 30 fps" in text
    assert "1 guarded, 2 nudged, 3 primed again" in text
    assert "4 requests, 3 unknown, 2 bad, 1 denied" in text
    assert "0 changes of what plays\nrefused: 0 models, 5 cues, 0 commands" in text


@pytest.mark.parametrize(("fps", "computed"), [(30, 60), (24, 61), (60, 62), (120, 62)])
def test_the_wire_has_its_own_rate(fps: float, computed: int) -> None:
    """The last frame of the wire lies before 2 s, and needs two frames of the model behind it."""
    played = play(fps=fps, seconds=2)
    ticker = Ticker(fps, START)
    assert sequences(played) == list(range(2 * int(fps)))
    assert played.senders[0].times(FRAME) == [ticker.deadline(n) for n in range(2 * int(fps))]
    assert len(played.act.frames) == computed


def test_a_skipped_deadline_skips_no_frame_of_the_model() -> None:
    played = play(fps=60, seconds=1, costs={10: 100 * MS})
    summary = played.stage.summary()
    assert summary.skipped > 0
    assert len(played.act.frames) == (summary.frames + 1) // 2 + 1
    assert labels(played)[-1] == (59, 983)


def test_speed_changes_at_a_frame_border() -> None:
    made = rig(seconds=4)
    made.stage.prime()
    made.stage.call(lambda: made.playing.pace(2.0))
    made.stage.play(threading.Event())
    assert len(made.act.frames) == 1 + 2 * 119
    assert sequences(made) == list(range(120))


class Turning:
    """A solver that notes whom it is asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        self.asked.append(tuple(performers))
        turns = np.zeros((len(positions), 2, 4), np.float32)
        turns[..., 3] = 1
        return turns, Body(positions, turns)


def test_rotations_are_solved_for_each_frame_of_the_wire_that_shows_somebody_or_nobody() -> None:
    solver = Turning()
    made = rig(fps=60, solver=solver, performers=(1, 3))
    made.stage.prime()
    made.stage.call(lambda: made.playing.leave(1))
    made.stage.call(lambda: made.playing.leave(3))
    made.stage.play(threading.Event())
    assert len(solver.asked) == 60
    assert (solver.asked[0], solver.asked[-1]) == ((1, 3), ())
    assert len(made.senders[0].times(b"/p3/rot\0")) == len([asked for asked in solver.asked if 3 in asked])


def test_each_receiver_gets_its_own_performers_at_its_own_rate() -> None:
    options: list[dict[str, Any]] = [{}, {"performers": (2,), "every": 3}]
    played = play(seconds=2, targets=2, performers=(1, 2), receiving=options.__getitem__)
    assert sequences(played, 0, 1) == sequences(played, 0, 2) == list(range(60))
    assert sequences(played, 1, 2) == list(range(0, 60, 3))
    assert not any(b"/p1/" in datagram for datagram in played.senders[1].datagrams)
    assert len(played.senders[1].times(NAMES)) == 2
    assert len(played.senders[1].times(STATE)) == 3


def test_performers_come_and_go_in_mid_show_and_the_others_lose_no_frame() -> None:
    made = rig(fps=60, seconds=4, performers=(2,))
    made.stage.prime()
    threads = [
        threading.Thread(target=made.enter, args=(1, Entrance(place=Place(4.0)))),
        threading.Thread(target=made.enter, args=(3,)),
    ]
    for thread in threads:
        thread.start()
        thread.join()
    assert {name for _, name in made.act.reserved} == {thread.name for thread in threads}
    made.stage.play(threading.Event())
    assert sequences(made, performer=2) == list(range(240))
    assert sequences(made, performer=1) == sequences(made, performer=3) == list(range(2, 240))
    assert made.act.entered[1] == Entrance(place=Place(4.0))


def test_a_command_for_what_cannot_be_ends_no_show() -> None:
    made = rig()
    made.stage.prime()
    made.stage.call(lambda: made.playing.pace(9.0))
    made.stage.call(lambda: made.playing.leave(4))
    made.stage.play(threading.Event())
    assert made.stage.summary().frames == 30
    assert made.stage.summary().refused.commands == 2


def test_closing_closes_every_sender_and_twice_is_harmless() -> None:
    played = play(targets=2)
    played.stage.close()
    played.stage.close()
    assert all(sender.closed for sender in played.senders)


def test_what_is_done_at_every_look_may_fail_and_is_counted() -> None:
    looks: list[int] = []

    def fail() -> None:
        looks.append(1)
        raise ValueError

    made = rig(chores=(fail,), refused=lambda: 3)
    made.stage.run_errands()
    made.stage.run_errands()
    assert len(looks) == 2
    assert made.stage.summary().refused == (2, 3, 5)


def test_latch_gives_the_same_bytes_as_steady() -> None:
    steady, latch = (play(seconds=5, latency=latency) for latency in LATENCIES)
    assert steady.senders[0].calls == latch.senders[0].calls
    assert latch.stage.summary().lead == pytest.approx(1.0)
    assert "begun 1.0 ms ahead" in "\n".join(latch.stage.summary().lines())


def test_latch_hears_what_is_said_a_moment_before_the_deadline_and_steady_a_frame_earlier() -> None:
    ticker = Ticker(30, START)
    steady, latch = (play(seconds=4, latency=latency).hand.times[1:] for latency in LATENCIES)
    assert steady == [ticker.deadline(n - 1) for n in range(1, 120)]
    assert latch == [pytest.approx(ticker.deadline(n) - MS, abs=MS / 2) for n in range(1, 120)]


def test_latch_makes_no_frame_late_while_it_learns_what_a_frame_takes() -> None:
    costs = {count: (6 + count % 3) * MS for count in range(600)}
    played = play(seconds=20, latency="latch", costs=costs)
    summary = played.stage.summary()
    assert (summary.late, summary.skipped) == (0, 0)
    assert summary.lead == pytest.approx(10.0, abs=0.1)


def test_a_hold_shows_the_last_frame_and_no_act_steps() -> None:
    made = rig(looks={10: lambda: setattr(made.hand, "wishes", EVERYTHING._replace(hold=True))})
    made.stage.prime()
    made.stage.play(threading.Event())
    assert sequences(made) == list(range(30))
    assert len(made.act.frames) == 10


def test_where_nothing_of_the_movement_is_shown_no_act_steps_until_somebody_comes() -> None:
    still = EVERYTHING._replace(shares=np.zeros(64, np.float32))
    made = rig(looks={10: lambda: setattr(made.hand, "wishes", still), 20: lambda: made.enter(2)}, performers=(1,))
    made.stage.prime()
    made.stage.play(threading.Event())
    assert len(made.act.frames) == 11
    assert sequences(made, performer=2) == list(range(20, 30))


def test_frames_that_are_held_say_nothing_about_what_a_frame_takes() -> None:
    made = rig(
        seconds=30,
        latency="latch",
        costs=dict.fromkeys(range(900), 10 * MS),
        looks={
            300: lambda: setattr(made.hand, "wishes", EVERYTHING._replace(hold=True)),
            800: lambda: setattr(made.hand, "wishes", EVERYTHING),
        },
    )
    made.stage.prime()
    made.stage.play(threading.Event())
    assert made.stage.summary().late == 0


def test_a_stream_that_is_about_to_take_over_is_begun_for_twice_as_early() -> None:
    made = rig(
        seconds=5,
        latency="latch",
        costs=dict.fromkeys(range(200), 4_000_000),
        looks={120: lambda: setattr(made.hand, "changing", True), 121: lambda: setattr(made.hand, "changing", False)},
    )
    made.stage.prime()
    made.stage.play(threading.Event())
    ticker = Ticker(30, START + 4_000_000)  # the first frame was computed before
    ahead = [(ticker.deadline(number) - made.hand.times[number]) / 1_000_000 for number in (120, 121, 122)]
    assert ahead == [5, 10, 5]
