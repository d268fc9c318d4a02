"""What the benchmarks share: the machine they ran on, percentiles, PyTorch's own step of a reference model."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from export.reference import Reference

PACKAGES = ("figurant", "numpy", "numba", "onnxruntime-gpu", "onnxruntime", "torch")

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
