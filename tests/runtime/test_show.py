"""A show on its own thread."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from runtime.rig import START, Puppet, rig

from engine.runtime import show
from engine.runtime.clock import VirtualClock
from engine.runtime.failure import BrokeOffError


def test_a_show_plays_to_its_end_and_closes() -> None:
    made = rig(seconds=2)
    made.stage.prime()
    show.perform(made.stage, threading.Event())
    assert made.stage.summary().frames == 60
    assert made.senders[0].closed


def test_the_rights_of_the_frame_thread_stand_in_the_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def claim() -> str:
        asked.append(threading.current_thread().name)
        return "all of them"

    monkeypatch.setattr(show, "claim", claim)
    made = rig()
    made.stage.prime()
    show.perform(made.stage, threading.Event())
    assert asked == ["frames"]
    assert made.stage.summary().rights == "all of them"


def test_a_defect_in_the_frame_thread_is_one_line_and_closes() -> None:
    made = rig(broken=7)
    made.stage.prime()
    with pytest.raises(BrokeOffError) as caught:
        show.perform(made.stage, threading.Event())
    assert str(caught.value).startswith("frame 7, rig.py line ")
    assert str(caught.value).endswith("ZeroDivisionError: a bug in two lines")
    assert made.senders[0].closed
    assert made.stage.summary().frames == 7


class Hands:
    """Play beside the frames, and keep whether the sockets were open when they ended."""

    def __init__(self, closed: Callable[[], bool]) -> None:
        self._closed = closed
        self.said: list[str] = []

    def start(self) -> None:
        self.said.append("start")

    def check(self) -> None:
        self.said.append("check")

    def close(self) -> None:
        self.said.append("too late" if self._closed() else "close")


@pytest.mark.parametrize("broken", [-1, 7])
def test_however_the_frames_end_the_keys_end_while_the_sockets_are_open(broken: int) -> None:
    made = rig(broken=broken)
    hands = Hands(lambda: made.senders[0].closed)
    made.stage.prime()
    with nullcontext() if broken < 0 else pytest.raises(BrokeOffError, match="a bug"):
        show.perform(made.stage, threading.Event(), hands)
    assert hands.said == ["start", "close", *(["check"] if broken < 0 else [])]
    assert made.senders[0].closed


def test_a_tick_that_hangs_does_not_hold_the_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "PATIENCE", 0.05)
    stop, release = threading.Event(), threading.Event()

    class Stuck(VirtualClock):
        def sleep_until_ns(self, deadline: int) -> None:
            super().sleep_until_ns(deadline)
            if self.now_ns() >= START + 10**9 and not stop.is_set():
                stop.set()
                release.wait(10)

    made = rig(seconds=None, clock=Stuck(START))
    made.stage.prime()
    with pytest.raises(BrokeOffError, match="did not end within"):
        show.perform(made.stage, stop)
    release.set()
    assert made.senders[0].closed


def test_what_takes_long_is_done_by_the_thread_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The show's time stands still until the errand is run; it began in a message and ends with a performer more."""
    monkeypatch.setattr(show, "LOOK", 0.001)
    arrived = threading.Event()

    class Patient(VirtualClock):
        def sleep_until_ns(self, deadline: int) -> None:
            if self.now_ns() < START + 10**9 <= deadline:
                assert arrived.wait(10)
            super().sleep_until_ns(deadline)

    class Room(Puppet):
        def reserve(self, number: int) -> None:
            super().reserve(number)
            arrived.set()

    made = rig(seconds=2, clock=Patient(START), looks={3: lambda: made.company.ask(2)}, act=Room)
    made.stage.prime()
    show.perform(made.stage, threading.Event())
    assert made.act.reserved == [(2, threading.current_thread().name)]
    assert made.act.performers == (1, 2)


def test_an_errand_that_asks_for_too_much_ends_no_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "LOOK", 0.001)
    made = rig(looks={3: lambda: made.company.ask(9)})
    made.stage.prime()
    show.perform(made.stage, threading.Event())
    made.stage.run_errands()
    assert made.stage.summary().refused.commands == 1
    assert made.stage.summary().frames == 30
