"""Screens of optional packages, with stand-ins for these."""

import sys
import time
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from screens.packages import INSTALL, Heard

from engine import imagery, plugins
from engine.images.colour import table
from engine.schema.errors import ConfigError, DeviceError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen

SIZE = Size(height=3, width=4)
PIXELS = np.arange(0, 240, 20).astype(np.uint8).reshape(3, 4)
PACKAGES = {"ndi": "cyndilib", "spout": "SpoutGL", "syphon": "syphon", "v4l2": "pyvirtualcam"}
HOMES = {"spout": ("win32", "Windows"), "syphon": ("darwin", "macOS"), "v4l2": ("linux", "Linux")}


def make(screen: Screen, said: list[str]) -> imagery.Screen:
    return plugins.screen(screen.kind)(screen, SIZE, fps=29.97, name="a", say=said.append)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it never came to be")


def show(made: imagery.Screen, times: int) -> None:
    before = sum(made.counters)
    for number in range(times):
        made.show(Image(PIXELS), number, 0)
        wait_for(lambda done=before + number + 1: sum(made.counters) == done)  # type: ignore[misc]


@pytest.mark.parametrize("kind", INSTALL)
def test_pictures_arrive_scaled_and_coloured_and_the_right_way_up(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, said = Heard(), list[str]()
    INSTALL[kind](monkeypatch, heard)
    with closing(make(Screen(kind=kind, host="a name", scale=2, colormap="neon"), said)) as made:
        assert "a name" in made.place
        show(made, 3)
        assert made.counters == (3, 0, 0)
    expected = np.kron(table("neon")[PIXELS], np.ones((2, 2, 1), np.uint8))
    assert all(np.array_equal(picture, expected) for picture in heard.pictures)
    assert len(heard.pictures) == 3
    assert heard.said[-1] == "close"
    assert any("a name" in each for each in heard.said if isinstance(each, (str, tuple)))
    assert said == []


def test_ndi_is_told_the_rate_and_keeps_no_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    INSTALL["ndi"](monkeypatch, heard)
    make(Screen(kind="ndi", host="stage"), []).close()
    rate, sender = heard.said[:2]
    assert float(rate) == pytest.approx(29.97)
    assert sender == ("stage", "", False)


@pytest.mark.parametrize("kind", INSTALL)
def test_what_fails_in_mid_show_is_said_once_and_counted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, said = Heard(), list[str]()
    INSTALL[kind](monkeypatch, heard)
    with closing(make(Screen(kind=kind, host="x"), said)) as made:
        heard.trouble = OSError("gone")
        show(made, 3)
        heard.trouble = None
        show(made, 1)
        assert made.counters == (1, 0, 3)
    assert said == [f"{kind}://x: gone; the show goes on without it"]


def test_a_graphics_card_that_takes_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, said = Heard(), list[str]()
    INSTALL["spout"](monkeypatch, heard)
    heard.refuses = True
    with closing(make(Screen(kind="spout", host="x"), said)) as made:
        show(made, 1)
    assert len(said) == 1
    assert "a graphics card with OpenGL and DirectX 11" in said[0]


def test_a_device_that_is_not_there_is_named_with_what_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    INSTALL["v4l2"](monkeypatch, heard)
    heard.refuses = True
    with pytest.raises(DeviceError, match=r"/dev/video10: .* does not exist.*modprobe v4l2loopback"):
        make(Screen(kind="v4l2", host="/dev/video10"), [])


@pytest.mark.parametrize("kind", INSTALL)
def test_without_its_package_one_line_says_what_to_install(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == PACKAGES[kind]]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, PACKAGES[kind], None)
    monkeypatch.setattr(sys, "platform", HOMES.get(kind, (sys.platform, ""))[0])
    with pytest.raises(ConfigError, match=rf"no {PACKAGES[kind]} .*pip install 'figurant\[{kind}\]'"):
        make(Screen(kind=kind, host="x"), [])


@pytest.mark.parametrize("kind", HOMES)
def test_on_another_system_one_line_says_which_it_is_for(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system, called = HOMES[kind]
    monkeypatch.setattr(sys, "platform", "darwin" if system == "linux" else "linux")
    here = "macOS" if system == "linux" else "Linux"
    with pytest.raises(ConfigError, match=f"{kind}://x: {here}; expected {called} "):
        make(Screen(kind=kind, host="x"), [])
