"""What `powercfg` and the system's call say, in the words of their reference; no Windows was asked."""

import ctypes
from typing import Any

import pytest
from libraries import library

from engine.checks import power_windows
from engine.checks.finding import Finding
from engine.checks.power_windows import Status

BALANCED = "GUID des Energieschemas: 381b4222-f694-41f0-9685-ff5bb260df2e  (Ausbalanciert)"

SAVER = "Power Scheme GUID: A1841308-3541-4FAB-BC81-F71556F20B4A  (Power saver)"


def windows(plugged: int, saver: int = 0, answer: int = 1) -> ctypes.CDLL:
    def told(reference: Any) -> int:
        status: Status = reference._obj
        status.plugged, status.saver = plugged, saver
        return answer

    return library(GetSystemPowerStatus=told)[0]


@pytest.mark.parametrize(
    ("system", "text", "good"),
    [
        (windows(1), "plugged in", True),
        (windows(0), "running on its battery", False),
        (windows(1, saver=1), "battery saver is on", False),
        (windows(0, answer=0), "not told", True),
    ],
)
def test_a_battery_that_is_used_is_told(system: ctypes.CDLL, text: str, good: bool) -> None:  # noqa: FBT001 (a case)
    found = power_windows.battery(system)
    assert (found.text, found.good) == (text, good)
    assert bool(found.hint) is not good


def test_the_plan_is_known_by_its_number_and_told_by_its_name() -> None:
    assert power_windows.plan(BALANCED) == Finding("power plan", good=True, text="Ausbalanciert")
    saver = power_windows.plan(SAVER)
    assert (saver.good, saver.text) == (False, "Power saver: slow cores")
    assert power_windows.plan("").text == "not told"


def test_all_of_it() -> None:
    assert [found.name for found in power_windows.examine(lambda _: BALANCED, windows(1))] == ["power", "power plan"]


def test_the_status_is_laid_out_as_windows_does() -> None:
    assert ctypes.sizeof(Status) == 12
