"""The machine, and a core of it."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from engine.bench.machine import machine, pinned
from engine.bench.receivers import receivers, row


def test_the_machine_is_named() -> None:
    found = machine()
    assert found["processor"]
    assert int(found["cores"]) >= 1
    assert found["figurant"]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system binds no process to a core")
def test_a_core_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with pinned() as core:
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before


def test_receivers_have_ports_that_follow_each_other() -> None:
    sockets = row(3)
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    assert ports == [ports[0], ports[0] + 1, ports[0] + 2]


def test_a_reader_leaves_ctrl_c_to_the_sender() -> None:
    with receivers([1]):
        (reader,) = multiprocessing.active_children()
        assert reader.pid is not None
        os.kill(reader.pid, signal.SIGINT)
        reader.join(0.5)
        assert reader.is_alive()
    assert not reader.is_alive()


def test_neither_torch_nor_matplotlib_is_needed_to_look() -> None:
    text = "import sys, engine.bench.command; print([name for name in ('torch', 'matplotlib') if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
