"""The system is asked, and what it does not know is no fault."""

import sys

from engine.checks import machine


def test_what_a_command_says_is_heard() -> None:
    assert machine.ask((sys.executable, "-c", "print('loud')")).strip() == "loud"


def test_a_command_that_is_not_there_says_nothing() -> None:
    assert machine.ask(("figurant-has-no-such-command",)) == ""
