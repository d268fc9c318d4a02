"""How a Mac saves power."""

from collections.abc import Callable, Iterator

from engine.checks.finding import Finding

BATTERY = ("pmset", "-g", "batt")

SETTINGS = ("pmset", "-g")


def examine(ask: Callable[[tuple[str, ...]], str]) -> Iterator[Finding]:
    """All of it; `ask` runs a command and gives what it says, nothing where it cannot be run."""
    yield battery(ask(BATTERY))
    yield low_power(ask(SETTINGS))


def battery(said: str) -> Finding:
    """Where the current comes from."""
    if "'Battery Power'" in said:
        return Finding("power", good=False, text="running on its battery", hint="plug it in: it is slower, and it ends")
    return Finding("power", good=True, text="plugged in" if "'AC Power'" in said else "not told")


def low_power(said: str) -> Finding:
    """Whether the Mac was told to be slow."""
    words = [line.split() for line in said.splitlines()]
    if ["lowpowermode", "1"] in [each[:2] for each in words]:
        hint = "System Settings, Battery, Low Power Mode: Never"
        return Finding("processor speed", good=False, text="Low Power Mode: slow cores, late timers", hint=hint)
    return Finding("processor speed", good=True, text="full", hint="'caffeinate -i engine serve' keeps the Mac awake")
