"""Fixtures for every test."""

import os
import signal
from pathlib import Path

import pytest

from engine import cache
from export.data import place

cache.prepare()  # before Numba is imported: kernels of older sources would be tested otherwise
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before PyTorch: workers of few tiny numbers only wait for each other


MOST_WORKERS = 4
"""Each imports PyTorch and compiles what nobody has compiled yet."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The default run is spread over the cores; what needs real time or a port, or is asked for by its file, is not."""
    quiet = config.option.markexpr.startswith("not (live")
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    return min(os.cpu_count() or 1, MOST_WORKERS) if quiet and whole else 0


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings; without it the test is skipped, or failed where CI is set."""
    folder = place.folder()
    if not folder.is_dir():
        reason = f"no recordings in {folder}; {place.VARIABLE} names another folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Take Ctrl-C as from a terminal: a shell's background job, and what it starts, would ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
