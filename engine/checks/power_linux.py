"""How Linux keeps time and saves power, as far as it tells; a container or a virtual machine tells little."""

import math
from collections.abc import Iterator
from pathlib import Path

from engine.checks.finding import Finding

CPUS = "sys/devices/system/cpu"

SOURCE = "sys/devices/system/clocksource/clocksource0/current_clocksource"

SLOW_SOURCES = ("hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit")
"""Clocks whose reading takes microseconds, or which step by milliseconds; spinning on them holds up other cores."""

STEADY = ("performance", "balance_performance")
"""Governors and preferences that raise the clock rate at once."""

CHOOSING = ("intel_pstate", "amd-pstate-epp")
"""Drivers whose governor says little: the processor chooses by a preference."""


def examine(root: Path = Path("/")) -> Iterator[Finding]:
    """All of it; `root` is where the file systems of the kernel are."""
    yield clock_source(root)
    yield governor(root)
    yield battery(root)
    yield quota(root)


def clock_source(root: Path) -> Finding:
    """What time is read from."""
    source = _read(root / SOURCE)
    if source in SLOW_SOURCES:
        hint = "start the kernel with 'tsc=reliable', if the processor's counter is; else frames spin on a slow clock"
        return Finding("clock source", good=False, text=source, hint=hint)
    return Finding("clock source", good=True, text=source or "not told")


def governor(root: Path) -> Finding:
    """How fast the processor runs when frames come."""
    governors = _all(root, "scaling_governor")
    if not governors:
        return Finding("processor speed", good=True, text="not told here; a virtual machine's host decides")
    if governors == {"performance"}:
        return Finding("processor speed", good=True, text="performance")
    preferences = _all(root, "energy_performance_preference")
    if _all(root, "scaling_driver") <= set(CHOOSING) and preferences and preferences <= set(STEADY):
        return Finding("processor speed", good=True, text=_joined(preferences))
    text = f"{_joined(governors | preferences)}: slow between frames, and slow when they come"
    hint = "'sudo cpupower frequency-set -g performance' until the next start, or the power mode 'Performance'"
    return Finding("processor speed", good=False, text=text, hint=hint)


def battery(root: Path) -> Finding:
    """Where the current comes from; batteries of mice and keyboards do not count."""
    supplies = [path for path in (root / "sys/class/power_supply").glob("*") if _read(path / "scope") != "Device"]
    if any(_read(path / "status") == "Discharging" for path in supplies):
        return Finding("power", good=False, text="running on its battery", hint="plug it in: it is slower, and it ends")
    return Finding("power", good=True, text="plugged in" if supplies else "no battery")


def quota(root: Path) -> Finding:
    """What share of the cores the program may use; where that is used up, every thread stops for some milliseconds."""
    top = root / "sys/fs/cgroup"
    own = top / _read(root / "proc/self/cgroup").rpartition("0::")[2].lstrip("/")
    groups = [own, *(each for each in own.parents if each.is_relative_to(top))]
    cores = min(_cores(_read(group / "cpu.max")) for group in groups)
    if cores == math.inf:
        return Finding("processor share", good=True, text="unbounded")
    text = f"{cores:g} cores: whoever uses more is stopped for a while, frames too"
    return Finding("processor share", good=False, text=text, hint="start the container without '--cpus'")


def _cores(bound: str) -> float:
    """Cores of a control group's `cpu.max`: microseconds of all cores together, or `max`, and of how many."""
    allowed, _, period = bound.partition(" ")
    return int(allowed) / int(period) if allowed.isdecimal() and period.isdecimal() else math.inf


def _all(root: Path, name: str) -> set[str]:
    """What the cores say in their files of this name."""
    return {_read(path) for path in (root / CPUS).glob(f"cpu[0-9]*/cpufreq/{name}")} - {""}


def _joined(words: set[str]) -> str:
    return ", ".join(sorted(words))


def _read(path: Path) -> str:
    """The text of a file; none where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
