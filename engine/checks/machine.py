"""The checks of the system that this is."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator

from engine.checks import power_linux, power_macos, power_windows, timing
from engine.checks.finding import Finding
from engine.runtime.clock import MonotonicClock
from engine.runtime.realtime import apart, undisturbed

PATIENCE = 5.0
"""Seconds that a command of the system has to answer."""


def examine() -> Iterator[Finding]:
    """Rights and timer, by trying them, and how power is saved."""
    with undisturbed():
        trial = apart(lambda: timing.attempt(MonotonicClock()))
    yield timing.rights(trial.rights)
    yield timing.timer(trial.pace)
    if sys.platform == "linux":
        yield from power_linux.examine()
    elif sys.platform == "darwin":
        yield from power_macos.examine(ask)
    elif sys.platform == "win32":
        yield from power_windows.examine(ask, ctypes.CDLL("kernel32"))


def ask(command: tuple[str, ...]) -> str:
    """What a command of the system says; nothing where it cannot be run."""
    try:
        told = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 (our own words)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.decode(errors="replace")
