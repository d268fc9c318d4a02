"""What the figures are measured on, and a core to measure on."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

from engine.identity import processor, versions

PACKAGES = ("figurant", "numpy", "numba", "onnxruntime-gpu", "onnxruntime", "torch")


def machine() -> dict[str, str]:
    """Processor, system and versions."""
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        **versions(PACKAGES),
    }


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
