"""MIDI inputs that come and go; the system's are a pretence, and time passes at once."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from controls.hurried import Loop

from engine.controls.letter import Inbox, Letter
from engine.controls.mapping import Heard
from engine.controls.midi import LOOK, PAUSE, SOURCE, MidiClient
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.errors import ConfigError, TransportError
from engine.schema.note import Event, Note, Pedal
from engine.schema.show import Mapping, Midi

TREE = Tree("/engine", expanded(PARAMETERS))
NANO = "nanoKONTROL2:nanoKONTROL2 _ CTR 20:0"
FADER = Midi(port="NANO", map=(Mapping(to="temperature", control=7), Mapping(to="go", note=36)))

Script = Callable[[], Coroutine[Any, Any, None]]


class Port:
    """An input of the pretence.

    Attributes:
        hear: takes what somebody plays.
    """

    def __init__(self, hear: Callable[[Heard], None]) -> None:
        self.hear = hear
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Ports:
    """The inputs of a system.

    Attributes:
        there: names of those that there are; None where the system has no MIDI.
        busy: whether none can be opened.
        opened: with the names by which they were.
        looked: times of each look.
    """

    def __init__(self, *there: str) -> None:
        self.there: list[str] | None = list(there)
        self.busy = False
        self.opened: list[tuple[str, Port]] = []
        self.looked: list[float] = []

    def names(self) -> Sequence[str]:
        self.looked.append(asyncio.get_running_loop().time())
        if self.there is None:
            raise TransportError("midi", "no sequencer", "one")
        return self.there

    def open(self, name: str, hear: Callable[[Heard], None]) -> Port:
        if self.busy:
            raise TransportError(f"midi {name}", "in use", "an input that can be opened")
        self.opened.append((name, Port(hear)))
        return self.opened[-1][1]


class Keyboard:
    """Who plays.

    Attributes:
        heard: what was played, and None where all was to come up.
    """

    def __init__(self) -> None:
        self.heard: list[Event | None] = []

    def hush(self) -> None:
        self.heard.append(None)


def play(
    ports: Ports, script: Script, *inputs: Midi, keyboard: Keyboard | None = None
) -> tuple[Sequence[Letter], list[str]]:
    """What was asked for and said while a script ran."""
    inbox, lines = Inbox(), list[str]()
    take, gone = (None, None) if keyboard is None else (keyboard.heard.append, keyboard.hush)
    client = MidiClient(inputs or (FADER,), TREE, inbox, lines.append, ports, take=take, gone=gone)

    async def run() -> None:
        running = asyncio.create_task(client.run())
        await asyncio.sleep(LOOK / 2)
        await script()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(run())
    return inbox.drain(), lines


async def wait() -> None:
    await asyncio.sleep(3 * LOOK)


def test_an_input_is_found_by_a_part_of_its_name() -> None:
    ports = Ports("Midi Through:Midi Through Port-0 14:0", NANO)

    async def move() -> None:
        ports.opened[0][1].hear(Heard("control", 7, 127, 1))
        ports.opened[0][1].hear(Heard("control", 8, 127, 1))
        ports.opened[0][1].hear(Heard("note", 36, 127, 1))

    letters, lines = play(ports, move)
    assert [letter.messages for letter in letters] == [
        ((("/engine/ctl/temperature"), (2.0,)),),
        (("/engine/cue/go", ()),),
    ]
    assert {letter.source for letter in letters} == {SOURCE}
    assert SOURCE.trusted
    assert lines == [f"midi 'NANO': hears {NANO}"]
    assert [port.closed for _, port in ports.opened] == [1]


KEYS = Midi(port="NANO", keys=True, map=(Mapping(to="go", note=36, channel=1), Mapping(to="temperature", control=7)))


def test_keys_that_are_not_mapped_are_played() -> None:
    ports, keyboard = Ports(NANO), Keyboard()
    said = [
        Heard("note", 60, 64, 2),
        Heard("note", 36, 64, 1),
        Heard("note", 36, 0, 1),
        Heard("note", 36, 64, 2),
        Heard("control", 64, 127, 1),
        Heard("control", 7, 127, 1),
        Heard("control", 1, 5, 1),
        Heard("note", 60, 0, 2),
    ]

    async def strike() -> None:
        for heard in said:
            ports.opened[0][1].hear(heard)

    letters, _ = play(ports, strike, KEYS, keyboard=keyboard)
    assert keyboard.heard == [Note(60, 64, 2), Note(36, 64, 2), Pedal(127, 1), Note(60, 0, 2)]
    assert len(letters) == 2


def test_keys_of_an_input_that_is_not_for_keys_are_nobodys() -> None:
    ports, keyboard = Ports(NANO), Keyboard()

    async def strike() -> None:
        for heard in (Heard("note", 60, 64, 2), Heard("control", 123, 0, 1)):
            ports.opened[0][1].hear(heard)
        ports.there = []
        await wait()

    letters, _ = play(ports, strike, FADER, keyboard=keyboard)
    assert (keyboard.heard, list(letters)) == ([], [])


def test_what_an_input_left_down_comes_up_when_it_is_gone_or_says_so() -> None:
    ports, keyboard = Ports(NANO), Keyboard()

    async def pull() -> None:
        hear = ports.opened[0][1].hear
        hear(Heard("note", 60, 64, 1))
        hear(Heard("control", 123, 0, 1))
        hear(Heard("note", 61, 64, 1))
        ports.there = []
        await wait()

    play(ports, pull, KEYS, keyboard=keyboard)
    assert keyboard.heard == [Note(60, 64, 1), None, Note(61, 64, 1), None]


def test_keys_are_nobodys_where_no_keys_are_played() -> None:
    ports = Ports(NANO)

    async def strike() -> None:
        ports.opened[0][1].hear(Heard("note", 60, 64, 1))
        ports.opened[0][1].hear(Heard("control", 123, 0, 1))

    letters, _ = play(ports, strike, KEYS)
    assert list(letters) == []


def test_an_input_that_comes_goes_and_comes_again_is_heard() -> None:
    ports = Ports("other")

    async def plug() -> None:
        assert ports.there is not None
        for there in (["other", NANO], ["other"], [NANO.replace("20:", "24:")]):
            ports.there = there
            await wait()

    _, lines = play(ports, plug)
    assert lines == [
        "midi 'NANO': no such input; there are: other; looking on",
        f"midi 'NANO': hears {NANO}",
        f"midi 'NANO': {NANO} is gone",
        "midi 'NANO': no such input; there are: other; looking on",
        f"midi 'NANO': hears {NANO.replace('20:', '24:')}",
    ]
    assert [port.closed for _, port in ports.opened] == [1, 1]


def test_the_name_itself_goes_before_one_that_has_more() -> None:
    ports = Ports("nano 2", "nano")
    play(ports, wait)
    assert [name for name, _ in ports.opened] == ["nano"]


def test_an_input_that_is_in_use_is_asked_again_and_spoken_of_once() -> None:
    ports = Ports(NANO)
    ports.busy = True

    async def release() -> None:
        await wait()
        ports.busy = False
        await wait()

    _, lines = play(ports, release)
    assert [line.endswith("looking on") for line in lines] == [True, False]


def test_a_system_without_midi_is_spoken_of_once_and_asked_seldom() -> None:
    ports = Ports()
    ports.there = None

    async def long() -> None:
        await asyncio.sleep(10 * PAUSE)
        ports.there = [NANO]
        await asyncio.sleep(PAUSE)

    _, lines = play(ports, long)
    assert lines == ["midi: no sequencer; expected one", f"midi 'NANO': hears {NANO}"]
    assert 10 <= len(ports.looked) < 25


def test_without_the_extra_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    inbox, lines = Inbox(), list[str]()

    async def run() -> None:
        running = asyncio.create_task(MidiClient((FADER,), TREE, inbox, lines.append).run())
        await asyncio.sleep(60)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(run())
    assert lines == ["midi: not installed, so no input is heard; pip install 'figurant[midi]'"]


def test_a_mapping_that_makes_no_sense_is_named() -> None:
    wrong = Midi(port="x", map=(Mapping(to="blend", control=1), Mapping(to="nothing", control=2)))
    with pytest.raises(ConfigError, match=r"midi\[1\]\.map\[1\]\.to: 'nothing'"):
        MidiClient((FADER, wrong), TREE, Inbox(), lambda _: None)
