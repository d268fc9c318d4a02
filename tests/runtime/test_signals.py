"""Ctrl-C and SIGTERM."""

import os
import signal
import threading

import pytest

from engine.runtime.signals import ending


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_the_end(number: signal.Signals) -> None:
    stop = threading.Event()
    with ending(stop):
        os.kill(os.getpid(), number)
        assert stop.wait(1)


def test_the_second_signal_is_the_systems() -> None:
    stop = threading.Event()
    with ending(stop):
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_old_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ending(threading.Event()):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
