"""What a Linux kernel tells of itself, as files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.checks import power_linux
from engine.checks.power_linux import CPUS, SOURCE


def made(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n", encoding="utf-8")
    return root


def cores(driver: str, governor: str, *preferences: str) -> dict[str, str]:
    files: dict[str, str] = {}
    for number in range(2):
        folder = f"{CPUS}/cpu{number}/cpufreq"
        files |= {f"{folder}/scaling_driver": driver, f"{folder}/scaling_governor": governor}
        if preferences:
            files[f"{folder}/energy_performance_preference"] = preferences[number % len(preferences)]
    return files


def test_a_machine_that_tells_nothing_is_no_fault(tmp_path: Path) -> None:
    found = list(power_linux.examine(tmp_path))
    assert [each.name for each in found] == ["clock source", "processor speed", "power", "processor share"]
    assert all(each.good for each in found)


@pytest.mark.parametrize(("source", "good"), [("tsc", True), ("kvm-clock", True), ("hpet", False), ("acpi_pm", False)])
def test_a_slow_clock_is_told(source: str, good: bool, tmp_path: Path) -> None:  # noqa: FBT001 (a case)
    found = power_linux.clock_source(made(tmp_path, {SOURCE: source}))
    assert (found.good, found.text) == (good, source)
    assert bool(found.hint) is not good


@pytest.mark.parametrize(
    "files",
    [
        cores("acpi-cpufreq", "performance"),
        cores("intel_pstate", "powersave", "balance_performance"),
        cores("amd-pstate-epp", "powersave", "performance", "balance_performance"),
    ],
)
def test_processors_that_are_fast_at_once(files: Mapping[str, str], tmp_path: Path) -> None:
    assert power_linux.governor(made(tmp_path, files)).good


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (cores("acpi-cpufreq", "schedutil"), "schedutil"),
        (cores("acpi-cpufreq", "powersave"), "powersave"),
        (cores("intel_pstate", "powersave", "balance_power"), "balance_power, powersave"),
        (cores("intel_pstate", "powersave", "performance", "power"), "performance, power, powersave"),
    ],
)
def test_processors_that_are_slow_at_first(files: Mapping[str, str], words: str, tmp_path: Path) -> None:
    found = power_linux.governor(made(tmp_path, files))
    assert not found.good
    assert found.text.startswith(f"{words}:")
    assert found.hint


@pytest.mark.parametrize(
    ("status", "scope", "text"),
    [("Discharging", "System", "running on its battery"), ("Charging", "System", "plugged in")],
)
def test_a_battery_that_is_used_is_told(status: str, scope: str, text: str, tmp_path: Path) -> None:
    folder = "sys/class/power_supply/BAT0"
    found = power_linux.battery(made(tmp_path, {f"{folder}/status": status, f"{folder}/scope": scope}))
    assert (found.text, found.good) == (text, status != "Discharging")


def test_the_battery_of_a_mouse_is_nobodys_business(tmp_path: Path) -> None:
    folder = "sys/class/power_supply/hidpp_battery_0"
    files = {f"{folder}/status": "Discharging", f"{folder}/scope": "Device"}
    assert power_linux.battery(made(tmp_path, files)).text == "no battery"


@pytest.mark.parametrize(
    ("group", "bounds", "share"),
    [
        ("0::/", {"": "150000 100000"}, "1.5 cores"),
        ("0::/show.slice/figurant.service", {"show.slice": "50000 100000"}, "0.5 cores"),
        ("1:cpu:/x\n0::/a", {"": "max 100000", "a": "max 100000"}, "unbounded"),
        ("0::/a", {"": "max 100000", "a": "nonsense"}, "unbounded"),
    ],
)
def test_the_lowest_bound_of_the_groups_counts(
    group: str, bounds: Mapping[str, str], share: str, tmp_path: Path
) -> None:
    limits = {f"sys/fs/cgroup/{name}/cpu.max": bound for name, bound in bounds.items()}
    found = power_linux.quota(made(tmp_path, {"proc/self/cgroup": group, **limits}))
    assert found.text.startswith(share)
    assert found.good is (share == "unbounded")
    assert bool(found.hint) is not found.good
