"""What the figures are measured on, and a core to measure on."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("figurant", "numpy", "numba", "onnxruntime-gpu", "onnxruntime", "torch")

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """Processor, system and versions."""
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
    """Keep the thread and those that it starts on one core, where the system can; gives its number."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


@contextmanager
def pinned() -> Iterator[int | None]:
    """As `pin`, until the end."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
    try:
        yield pin()
    finally:
        if before:
            os.sched_setaffinity(0, before)
