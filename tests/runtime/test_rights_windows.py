"""Against stand-ins for the libraries: what is asked is what Microsoft's reference describes; no Windows was asked."""

import ctypes
from typing import Any

import pytest
from libraries import library

from engine.runtime import rights_windows
from engine.runtime.rights_windows import Throttling

HANDLE = 1 << 40


def test_the_multimedia_scheduler_is_asked_first() -> None:
    avrt, calls = library(AvSetMmThreadCharacteristicsW=HANDLE, AvSetMmThreadPriority=1)
    kernel32, others = library()
    assert rights_windows.claim(kernel32, avrt) == "MMCSS Pro Audio"
    assert calls[0][:2] == ("AvSetMmThreadCharacteristicsW", "Pro Audio")
    assert calls[1] == ("AvSetMmThreadPriority", HANDLE, 2)
    assert avrt.AvSetMmThreadCharacteristicsW.restype is ctypes.c_void_p
    assert others == []


@pytest.mark.parametrize(("taken", "got"), [(1, "time critical"), (0, None)])
def test_a_priority_is_asked_for_where_it_does_not_run(taken: int, got: str | None) -> None:
    avrt, _ = library(AvSetMmThreadCharacteristicsW=0, AvSetMmThreadPriority=1)
    kernel32, calls = library(GetCurrentThread=HANDLE, SetThreadPriority=taken)
    assert rights_windows.claim(kernel32, avrt) == got
    assert calls[-1] == ("SetThreadPriority", HANDLE, 15)


@pytest.mark.parametrize(("refused", "ends"), [(0, ["timeBeginPeriod", "timeEndPeriod"]), (97, ["timeBeginPeriod"])])
def test_thrift_is_forbidden_for_the_show_alone(refused: int, ends: list[str]) -> None:
    wishes: list[tuple[int, int, int]] = []

    def wished(_process: Any, _kind: int, reference: Any, _size: int) -> int:
        wish: Throttling = reference._obj
        wishes.append((wish.version, wish.control, wish.state))
        return 1

    kernel32, asked = library(GetCurrentProcess=HANDLE, SetProcessInformation=wished)
    winmm, timers = library(timeBeginPeriod=refused, timeEndPeriod=0)
    with rights_windows.awake(kernel32, winmm):
        assert wishes == [(1, 5, 0)]
    assert wishes == [(1, 5, 0), (1, 0, 0)]
    assert timers == [(name, 1) for name in ends]
    assert (asked[1][1], asked[1][2], asked[1][4]) == (HANDLE, 4, 12)
