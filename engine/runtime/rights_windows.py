"""The right to run before everybody else on Windows, which any program has, and a system that is told to stay awake.

Source: Microsoft's reference of avrt.h, processthreadsapi.h and timeapi.h.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

TASK = "Pro Audio"
"""Of those that the Multimedia Class Scheduler knows, the one with the highest priority."""

CRITICAL = 2
"""AVRT_PRIORITY_CRITICAL."""

TIME_CRITICAL = 15
"""THREAD_PRIORITY_TIME_CRITICAL, where the Multimedia Class Scheduler does not run."""

TIMER_MS = 1
"""Period of the system's timer; 15.6 by default. `time.sleep` has a better one since Python 3.11, `select` has not."""

POWER_THROTTLING = 4
"""ProcessPowerThrottling, of PROCESS_INFORMATION_CLASS."""

SLOW_OR_LATE = 0x1 | 0x4
"""PROCESS_POWER_THROTTLING_EXECUTION_SPEED and _IGNORE_TIMER_RESOLUTION: what Windows 11 does to a program whose window
is covered."""


class Throttling(ctypes.Structure):
    """`PROCESS_POWER_THROTTLING_STATE`: what of `control` is not in `state` is forbidden; the rest is up to Windows."""

    _fields_ = (("version", ctypes.c_uint32), ("control", ctypes.c_uint32), ("state", ctypes.c_uint32))


def claim(kernel32: ctypes.CDLL, avrt: ctypes.CDLL) -> str | None:
    """Ask for the calling thread and say what it got: `MMCSS Pro Audio`, `time critical` or None."""
    avrt.AvSetMmThreadCharacteristicsW.argtypes = (ctypes.c_wchar_p, ctypes.c_void_p)
    avrt.AvSetMmThreadCharacteristicsW.restype = ctypes.c_void_p
    avrt.AvSetMmThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
    index = ctypes.c_uint32()
    task = avrt.AvSetMmThreadCharacteristicsW(TASK, ctypes.byref(index))
    if task:
        avrt.AvSetMmThreadPriority(task, CRITICAL)
        return f"MMCSS {TASK}"
    kernel32.GetCurrentThread.restype = ctypes.c_void_p
    kernel32.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return "time critical" if kernel32.SetThreadPriority(kernel32.GetCurrentThread(), TIME_CRITICAL) else None


@contextmanager
def awake(kernel32: ctypes.CDLL, winmm: ctypes.CDLL) -> Iterator[None]:
    """Have the process run at full speed and its timers be exact, whether somebody looks at its window or not."""
    fine = winmm.timeBeginPeriod(TIMER_MS) == 0
    _forbid(kernel32, SLOW_OR_LATE)
    try:
        yield
    finally:
        _forbid(kernel32, 0)
        if fine:
            winmm.timeEndPeriod(TIMER_MS)


def _forbid(kernel32: ctypes.CDLL, throttling: int) -> None:
    """Forbid these kinds of throttling alone. A Windows that does not know them refuses, and does not throttle."""
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    kernel32.SetProcessInformation.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
    wish = Throttling(1, throttling, 0)
    process = kernel32.GetCurrentProcess()
    kernel32.SetProcessInformation(process, POWER_THROTTLING, ctypes.byref(wish), ctypes.sizeof(wish))
