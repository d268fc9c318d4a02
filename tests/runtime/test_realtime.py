"""Rights are asked for, never demanded."""

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.runtime import realtime, rights_linux, rights_macos, rights_windows

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the schedulers of Linux")


@linux
def test_a_trial_says_what_was_got_and_leaves_the_caller_alone() -> None:
    before = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    fifo, nice = f"SCHED_FIFO {rights_linux.PRIORITY}", f"nice {rights_linux.NICE}"
    assert realtime.trial() in (fifo, nice, realtime.NONE)
    assert (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())) == before


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize(("granted", "told"), [(None, realtime.NONE), ("much", "much")])
def test_each_system_is_asked_in_its_own_way(
    platform: str, granted: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(system: str) -> str | None:
        asked.append(system)
        return granted

    monkeypatch.setattr(ctypes, "CDLL", lambda name: name)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(rights_linux, "claim", lambda _: ask("linux"))
    monkeypatch.setattr(rights_macos, "claim", lambda _: ask("darwin"))
    monkeypatch.setattr(rights_windows, "claim", lambda *_: ask("win32"))
    assert realtime.claim() == told
    assert asked == [platform]


def test_a_system_that_nobody_knows_grants_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    assert realtime.claim() == realtime.NONE
    realtime.sharpen()


def test_what_is_done_apart_is_done_in_another_thread_and_its_failures_are_the_callers() -> None:
    assert realtime.apart(threading.get_ident) != threading.get_ident()

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        realtime.apart(fail)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system sends no signals to threads")
def test_ctrl_c_ends_what_is_done_apart_as_well() -> None:
    main, ended = threading.get_ident(), threading.Event()

    def body() -> None:
        try:
            signal.pthread_kill(main, signal.SIGINT)
            while True:
                time.sleep(0.001)
        except KeyboardInterrupt:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        realtime.apart(body)
    assert ended.wait(10.0)


def test_the_collector_rests_during_the_show_and_works_again_after_it() -> None:
    with realtime.undisturbed():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_busy_thread_of_python_has_to_let_others_go_on_during_the_show_alone() -> None:
    before = sys.getswitchinterval()
    with realtime.undisturbed():
        assert sys.getswitchinterval() == pytest.approx(realtime.SWITCH)
    assert sys.getswitchinterval() == before


def test_windows_stays_awake_during_the_show_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def awake(*libraries: str) -> Iterator[None]:
        told.append(" ".join(libraries))
        yield
        told.append("over")

    monkeypatch.setattr(ctypes, "CDLL", lambda name: name)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(rights_windows, "awake", awake)
    with realtime.undisturbed():
        assert told == ["kernel32 winmm"]
    assert told == ["kernel32 winmm", "over"]
