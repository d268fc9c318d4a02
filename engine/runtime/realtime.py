"""The right to run before everybody else, as far as the system grants it."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from engine.runtime import rights_linux, rights_macos, rights_windows

NONE = "none"

SWITCH = 0.0002
"""Seconds after which a Python thread has to let another one go on; by default a busy one may hold up a frame for 5 ms
each time that the frame thread waits for the system."""

Given = TypeVar("Given")


def claim() -> str:
    """Ask for the calling thread and say what it got: a word of the system's own, such as `SCHED_FIFO 20`, or `none`.

    It lasts until the thread ends and touches no other.
    """
    granted: str | None = None
    if sys.platform == "linux":
        granted = rights_linux.claim(ctypes.CDLL(None))
    elif sys.platform == "darwin":
        granted = rights_macos.claim(ctypes.CDLL(None))
    elif sys.platform == "win32":
        granted = rights_windows.claim(ctypes.CDLL("kernel32"), ctypes.CDLL("avrt"))
    return granted or NONE


def follow() -> str:
    """As `claim`, for a thread beside a show that comes right after the frame thread; on Linux alone.

    Where ordinary work keeps such a thread from its core while it has Python's lock, the frame thread waits for both.
    """
    granted: str | None = None
    if sys.platform == "linux":
        granted = rights_linux.claim(ctypes.CDLL(None), rights_linux.PRIORITY - 1)
    return granted or NONE


def sharpen() -> None:
    """Have the calling thread woken as exactly as without any right; `claim` does this too."""
    if sys.platform == "linux":
        rights_linux.sharpen(ctypes.CDLL(None))


def apart(body: Callable[[], Given]) -> Given:
    """What `body` gives in a thread that ends at once, so that what it claims ends too; Ctrl-C ends both."""
    running: set[int] = set()

    def watched() -> Given:
        running.add(threading.get_ident())
        try:
            return body()
        finally:
            running.clear()

    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(watched).result()
        except KeyboardInterrupt:
            for thread in tuple(running):
                _interrupt(thread)
            raise


def _interrupt(thread: int) -> None:
    """Have a thread raise what Ctrl-C raises in the main one, as soon as it is in Python again."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))


def trial() -> str:
    """What `claim` would get."""
    return apart(claim)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector, other threads of Python and the system's thrift away.

    What exists is not looked at any more, and the tick path makes no cycles.
    """
    enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH)
    try:
        with _awake():
            yield
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
        if enabled:
            gc.enable()


def _awake() -> AbstractContextManager[None]:
    if sys.platform == "win32":
        return rights_windows.awake(ctypes.CDLL("kernel32"), ctypes.CDLL("winmm"))
    return nullcontext()
