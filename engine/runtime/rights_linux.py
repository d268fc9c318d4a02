"""The right to run before everybody else on Linux, and a timer without slack."""

import ctypes
import os
import threading

PRIORITY = 20
"""SCHED_FIFO priority, 1-99: above all ordinary work, below the audio servers, which ask for 70 and more."""

NICE = -10
"""Niceness where SCHED_FIFO is refused; audio desktops grant this through limits.conf."""

PR_SET_TIMERSLACK = 29
"""Number of the wish (linux/prctl.h)."""

SLACK = 1
"""Nanoseconds by which the kernel may wake an ordinary thread late to wake others along; 50 000 by default. One of
SCHED_FIFO has no slack anyway."""


def claim(libc: ctypes.CDLL, priority: int = PRIORITY) -> str | None:
    """Ask for the calling thread and say what it got: `SCHED_FIFO 20`, `nice -10` or None.

    What the thread starts, threads and processes, is scheduled as everything else.

    Args:
        libc: the C library.
        priority: of SCHED_FIFO.
    """
    sharpen(libc)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except OSError:
        return _nice()
    return f"SCHED_FIFO {priority}"


def sharpen(libc: ctypes.CDLL) -> bool:
    """Have the calling thread woken as soon as it is due, which needs no right; tells whether that was taken."""
    prctl = getattr(libc, "prctl", None)
    return prctl is not None and prctl(PR_SET_TIMERSLACK, ctypes.c_ulong(SLACK), 0, 0, 0) == 0


def _nice() -> str | None:
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except OSError:
        return None
    return f"nice {NICE}"
