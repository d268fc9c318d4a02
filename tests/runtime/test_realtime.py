"""Rights are asked for, never demanded."""

import gc
import os
import sys
import threading
from typing import NoReturn

import pytest

from engine.runtime import realtime

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for rights")


def _refuse(*_: object) -> NoReturn:
    raise PermissionError


@linux
def test_a_trial_says_what_was_got_and_leaves_the_caller_alone() -> None:
    before = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert realtime.trial() in (f"SCHED_FIFO {realtime.PRIORITY}", f"nice {realtime.NICE}", realtime.NONE)
    assert (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())) == before


@linux
def test_without_rights_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", _refuse)
    monkeypatch.setattr(os, "setpriority", _refuse)
    assert realtime.claim() == realtime.NONE


@linux
def test_niceness_is_asked_for_where_fifo_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "sched_setscheduler", _refuse)
    monkeypatch.setattr(os, "setpriority", lambda *arguments: asked.append(arguments))
    assert realtime.claim() == f"nice {realtime.NICE}"
    assert asked == [(os.PRIO_PROCESS, threading.get_native_id(), realtime.NICE)]


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
