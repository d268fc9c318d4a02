"""SCHED_FIFO first, then niceness, then nothing; and never for those that the thread starts."""

import ctypes
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest
from libraries import library

from engine.runtime import rights_linux
from engine.runtime.realtime import apart, follow

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the schedulers of Linux")

SHARP = ("prctl", rights_linux.PR_SET_TIMERSLACK, rights_linux.SLACK, 0, 0, 0)


def _refuse(*_: object) -> NoReturn:
    raise PermissionError


def test_fifo_is_asked_for_the_thread_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(
        os, "sched_setscheduler", lambda pid, policy, param: asked.append((pid, policy, param.sched_priority))
    )
    libc, calls = library(prctl=0)
    assert rights_linux.claim(libc) == f"SCHED_FIFO {rights_linux.PRIORITY}"
    assert asked == [(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, rights_linux.PRIORITY)]
    assert calls == [SHARP]


def test_a_thread_that_writes_comes_right_after_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "sched_setscheduler", lambda _pid, _policy, param: asked.append(param.sched_priority))
    rights = apart(follow)
    assert asked == [rights_linux.PRIORITY - 1]
    assert rights == f"SCHED_FIFO {rights_linux.PRIORITY - 1}"


def test_niceness_is_asked_for_where_fifo_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "sched_setscheduler", _refuse)
    monkeypatch.setattr(os, "setpriority", lambda *arguments: asked.append(arguments))
    assert rights_linux.claim(library(prctl=0)[0]) == f"nice {rights_linux.NICE}"
    assert asked == [(os.PRIO_PROCESS, threading.get_native_id(), rights_linux.NICE)]


def test_without_rights_the_timer_is_sharp_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", _refuse)
    monkeypatch.setattr(os, "setpriority", _refuse)
    libc, calls = library(prctl=0)
    assert rights_linux.claim(libc) is None
    assert calls == [SHARP]


def test_a_library_without_the_wish_or_one_that_refuses_it_is_no_fault() -> None:
    assert not rights_linux.sharpen(library()[0])
    assert not rights_linux.sharpen(library(prctl=-1)[0])


def test_the_kernel_takes_the_slack_for_the_thread_alone() -> None:
    def slack() -> str:
        return Path(f"/proc/{threading.get_native_id()}/timerslack_ns").read_text(encoding="ascii").strip()

    def sharpened() -> str:
        assert rights_linux.sharpen(ctypes.CDLL(None))
        return slack()

    before = slack()
    assert apart(sharpened) == str(rights_linux.SLACK)
    assert slack() == before


def test_what_a_thread_with_rights_starts_has_none() -> None:
    def started() -> tuple[str | None, int, int]:
        granted = rights_linux.claim(ctypes.CDLL(None))
        return granted, os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, apart(lambda: os.sched_getscheduler(0))

    granted, own, child = apart(started)
    assert own == (os.SCHED_FIFO if granted and granted.startswith("SCHED_FIFO") else os.SCHED_OTHER)
    assert child == os.SCHED_OTHER
