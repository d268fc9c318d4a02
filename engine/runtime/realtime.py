"""The right to run before everybody else, as far as the system grants it."""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PRIORITY = 20
"""SCHED_FIFO priority, 1-99: above all ordinary work, below the audio servers, which ask for 70 and more."""

NICE = -10
"""Niceness where SCHED_FIFO is refused; audio desktops grant this through limits.conf."""

NONE = "none"

SWITCH = 0.0002
"""Seconds after which a Python thread has to let another one go on; by default a busy one may hold up a frame for 5 ms
each time that the frame thread waits for the system."""


def claim() -> str:
    """Ask for the calling thread and say what it got: `SCHED_FIFO 20`, `nice -10` or `none`.

    Only Linux is asked; other systems are left to their own scheduling.
    """
    if sys.platform != "linux":
        return NONE
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError:
        return _nice()
    return f"SCHED_FIFO {PRIORITY}"


def _nice() -> str:
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except OSError:
        return NONE
    return f"nice {NICE}"


def trial() -> str:
    """What `claim` would get, found out by a thread that ends at once."""
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(claim()))
    thread.start()
    thread.join()
    return got[0]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector and other threads of Python away.

    What exists is not looked at any more, and the tick path makes no cycles.
    """
    enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
        if enabled:
            gc.enable()
