"""What every screen keeps to, run over everything found in `engine/screens`; packages have stand-ins."""

import os
import time
from collections.abc import Iterator
from contextlib import closing

import msgspec
import numpy as np
import pytest
from screens.packages import INSTALL, Heard

from engine import imagery, plugins
from engine.imagery import Shown
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Options, Screen

SIZE = Size(height=30, width=52)

pytestmark = pytest.mark.parametrize("kind", plugins.screens())


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def screen(kind: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[imagery.Screen]:
    if kind in INSTALL:
        INSTALL[kind](monkeypatch, Heard())
    named = plugins.screen_options()[kind].named
    written = Screen(kind=kind, host=f"contract-{os.getpid()}" if named else "127.0.0.1")
    with closing(plugins.screen(kind)(written, SIZE, fps=30, name="a show", say=said.append)) as made:
        yield made


def settled(screen: imagery.Screen, total: int) -> Shown:
    for _ in range(2000):
        if sum(screen.counters) == total:
            return screen.counters
        time.sleep(0.005)
    raise AssertionError(screen.counters)


def test_what_it_can_be_asked_are_options(kind: str) -> None:
    options = plugins.screen_options()[kind]
    assert issubclass(options, Options)
    assert options() == msgspec.convert({}, options)


def test_it_says_where_in_one_line(screen: imagery.Screen, kind: str) -> None:
    assert screen.place
    assert "\n" not in screen.place
    assert kind


def test_every_picture_is_accounted_for(screen: imagery.Screen, said: list[str]) -> None:
    pixels = np.zeros((30, 52), np.uint8)
    for number in range(50):
        pixels[:] = number
        screen.show(Image(pixels), number, 33 * number)
    found = settled(screen, 50)
    assert found.shown >= 1
    assert (found.failed, said) == (0, [])


def test_a_picture_may_be_overwritten_when_it_was_shown(screen: imagery.Screen, said: list[str]) -> None:
    screen.show(Image(np.zeros((30, 52), np.uint8)), 0, 0)  # a temporary array, gone at once
    settled(screen, 1)
    assert said == []


def test_it_takes_the_wire_numbers_at_their_ends(screen: imagery.Screen, said: list[str]) -> None:
    pixels = np.zeros((30, 52), np.uint8)
    for number in (0, 2**31 - 1, 0):
        screen.show(Image(pixels), number, number)
    settled(screen, 3)
    assert said == []


def test_closing_twice_and_showing_then_are_harmless(screen: imagery.Screen, said: list[str]) -> None:
    for _ in range(2):
        screen.close()
    for number in range(10):
        screen.show(Image(np.zeros((30, 52), np.uint8)), number, 0)
    assert said == []
