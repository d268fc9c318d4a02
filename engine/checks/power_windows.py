"""How Windows saves power."""

import ctypes
import re
from collections.abc import Callable, Iterator

from engine.checks.finding import Finding

SCHEME = ("powercfg", "/getactivescheme")

SAVER = "a1841308-3541-4fab-bc81-f71556f20b4a"
"""The plan "Power saver", by whatever name."""

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NAME = re.compile(r"\((.+)\)")


class Status(ctypes.Structure):
    """`SYSTEM_POWER_STATUS`."""

    _fields_ = (
        ("plugged", ctypes.c_ubyte),  # 0 no, 1 yes, 255 not known
        ("battery", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("left", ctypes.c_uint32),
        ("full", ctypes.c_uint32),
    )


def examine(ask: Callable[[tuple[str, ...]], str], kernel32: ctypes.CDLL) -> Iterator[Finding]:
    """All of it; `ask` runs a command and gives what it says, nothing where it cannot be run."""
    yield battery(kernel32)
    yield plan(ask(SCHEME))


def battery(kernel32: ctypes.CDLL) -> Finding:
    """Where the current comes from."""
    status = Status()
    if not kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return Finding("power", good=True, text="not told")
    if status.plugged == 0:
        return Finding("power", good=False, text="running on its battery", hint="plug it in: it is slower, and it ends")
    if status.saver:
        return Finding("power", good=False, text="battery saver is on", hint="Settings, System, Power: switch it off")
    return Finding("power", good=True, text="plugged in")


def plan(said: str) -> Finding:
    """Which power plan rules."""
    found, name = GUID.search(said.lower()), NAME.search(said)
    text = name[1] if name else "not told"
    if found and found[0] == SAVER:
        hint = "'powercfg /setactive SCHEME_MIN' chooses High performance"
        return Finding("power plan", good=False, text=f"{text}: slow cores", hint=hint)
    return Finding("power plan", good=True, text=text)
