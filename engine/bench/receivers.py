"""Sockets of this machine that are read by another process, so that no datagram meets a closed port."""

import errno
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

LAST_PORT = 65535

LOOK = 0.005
"""Seconds between two looks of a receiver: one that waits is woken by the sender, and at the sender's cost."""


def row(count: int) -> list[socket.socket]:
    """UDP sockets of this machine with ports that follow each other."""
    while True:
        with ExitStack() as opened:
            first = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            first.bind(("127.0.0.1", 0))
            port, found = first.getsockname()[1], [first]
            if port + count > LAST_PORT:
                continue
            try:
                for following in range(port + 1, port + count):
                    found.append(opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
                    found[-1].bind(("127.0.0.1", following))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            opened.pop_all()
            return found


@contextmanager
def receivers(counts: Sequence[int]) -> Iterator[list[int]]:
    """Rows of so many sockets, which a process reads; the first port of each row. Comes before `pin`."""
    rows = [row(count) for count in counts]
    ports = [sockets[0].getsockname()[1] for sockets in rows]
    everyone = [each for sockets in rows for each in sockets]
    reader = multiprocessing.get_context("spawn").Process(target=_drop, args=(everyone,), daemon=True)
    with _deaf():
        reader.start()
    for each in everyone:
        each.close()
    try:
        yield ports
    finally:
        reader.terminate()
        reader.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started here does not hear Ctrl-C, which a terminal sends to all: the sender ends it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _drop(sockets: Sequence[socket.socket]) -> None:
    """Read and forget, on any core but the one of the sender, where there is another one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # not inherited on Windows
    if hasattr(os, "sched_setaffinity"):
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores - {max(cores)} or cores)
    for each in sockets:
        each.setblocking(False)
    while True:
        time.sleep(LOOK)
        for each in sockets:
            with suppress(BlockingIOError):
                while True:
                    each.recv(2**16)
