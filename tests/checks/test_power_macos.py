"""What `pmset` says, in the words of its manual; no Mac was asked."""

from engine.checks import power_macos

BATTERY = """Now drawing from '{} Power'
 -InternalBattery-0 (id=4653155)\t87%; discharging; 5:01 remaining present: true
"""

SETTINGS = """System-wide power settings:
Currently in use:
 standby              1
 lowpowermode         {}
 sleep                1
"""


def test_a_battery_that_is_used_is_told() -> None:
    assert not power_macos.battery(BATTERY.format("Battery")).good
    assert power_macos.battery(BATTERY.format("AC")).text == "plugged in"


def test_low_power_mode_is_told() -> None:
    assert not power_macos.low_power(SETTINGS.format(1)).good
    assert power_macos.low_power(SETTINGS.format(0)).good


def test_a_mac_that_says_nothing_is_no_fault() -> None:
    asked: list[tuple[str, ...]] = []

    def ask(command: tuple[str, ...]) -> str:
        asked.append(command)
        return ""

    assert all(found.good for found in power_macos.examine(ask))
    assert asked == [("pmset", "-g", "batt"), ("pmset", "-g")]
