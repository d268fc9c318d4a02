"""What the benchmarks share: the machine, percentiles, stop watches, receivers, PyTorch's step of a reference model."""

import errno
import multiprocessing
import os
import platform
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np

from engine.bench.reference import Reference

PACKAGES = ("figurant", "numpy", "numba", "onnxruntime-gpu", "onnxruntime", "torch")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LAST_PORT = 65535

LOOK = 0.005
"""Seconds between two looks of a receiver: one that waits is woken by the sender, and at the sender's cost."""

CPU_INFO = Path("/proc/cpuinfo")


class Times(NamedTuple):
    """Microseconds: median and 99th percentile."""

    p50: float
    p99: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> "Times":
        p50, p99 = np.percentile(np.array(nanoseconds, np.float64) / 1000.0, [50, 99])
        return cls(round(float(p50), 2), round(float(p99), 2))


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    found = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    if CPU_INFO.exists():
        lines = (line.partition(":") for line in CPU_INFO.read_text().splitlines())
        names = [value.strip() for key, _, value in lines if key.strip() == "model name"]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def pin() -> int | None:
    """Keep the process on one core, where the system can; gives its number. Before anything starts a thread."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


class Meter:
    """Nanoseconds that parts of a program take in each of its frames, the parts within them not counted.

    Args:
        keep: remember the calls, so that they can be made again.

    Attributes:
        frames: what each part took in a frame, by name; a part that was not called has no entry.
        calls: by part, the calls of the last of the frames that called the most parts.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.frames: list[dict[str, int]] = []
        self.calls: dict[str, list[Callable[[], object]]] = {}
        self._calls: dict[str, list[Callable[[], object]]] = {}
        self._keep = keep
        self._frame: dict[str, int] = {}
        self._within = [0]

    def timed(self, part: str, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """The function, which now adds to a part whatever it takes."""

        def measured(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if self._keep:
                again = partial(function, *args, **kwargs)
                self._calls.setdefault(part, []).append(again)
            self._within.append(0)
            begin = time.perf_counter_ns()
            result = function(*args, **kwargs)
            took = time.perf_counter_ns() - begin
            self._frame[part] = self._frame.get(part, 0) + took - self._within.pop()
            self._within[-1] += took
            return result

        return measured

    def turn(self) -> None:
        """A frame ends."""
        if self._frame:
            self.frames.append(self._frame)
            self._frame = {}
        if len(self._calls) >= len(self.calls):
            self.calls = self._calls
        self._calls = {}

    def knows(self, parts: Sequence[str]) -> bool:
        """Whether it remembers calls of all these parts."""
        return all(part in self.calls for part in parts)

    def again(self, parts: Sequence[str], times: int) -> Times:
        """Make the calls of some parts again and again, all of them at a time."""
        calls = [call for part in parts for call in self.calls[part]]
        taken = []
        for _ in range(times):
            begin = time.perf_counter_ns()
            for call in calls:
                call()
            taken.append(time.perf_counter_ns() - begin)
        return Times.of(taken)

    def times(self, *parts: str) -> Times:
        """Of all these parts together, over the frames that have every one of them."""
        return Times.of([sum(frame[part] for part in parts) for frame in self.frames if all(map(frame.get, parts))])


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
    reader.start()
    for each in everyone:
        each.close()
    try:
        yield ports
    finally:
        reader.terminate()
        reader.join()


def _drop(sockets: Sequence[socket.socket]) -> None:
    """Read and forget, on any core but the one of the sender, where there is another one."""
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


class Eager:
    """A reference model stepped by PyTorch as it comes: nn.LSTM and nn.Linear, one thread, all components."""

    def __init__(self, shape: Reference) -> None:
        import torch  # noqa: PLC0415 (the benchmarks run without it too)

        torch.set_num_threads(1)
        torch.manual_seed(1)
        self._torch = torch
        self._lstm = torch.nn.LSTM(shape.features, shape.hidden, shape.layers).eval()
        dense = [torch.nn.Linear(shape.hidden, shape.dense)] if shape.dense else []
        head = torch.nn.Linear(shape.dense or shape.hidden, shape.components * (2 * shape.dims + 1))
        self._head = torch.nn.Sequential(*dense, head).eval()
        self._parts = [shape.components * shape.dims, shape.components * shape.dims, shape.components]
        self._state = tuple(torch.zeros(shape.layers, 1, shape.hidden) for _ in range(2))
        self._x = np.zeros((1, 1, shape.features), np.float32)

    def step(self) -> None:
        """One step, from an array to arrays."""
        with self._torch.inference_mode():
            hidden, self._state = self._lstm(self._torch.from_numpy(self._x), self._state)
            mu, raw, logits = self._head(hidden[0]).split(self._parts, -1)
            sigma = self._torch.nn.functional.elu(raw) + 1.0
            for part in (mu, sigma, logits):
                part.numpy()
