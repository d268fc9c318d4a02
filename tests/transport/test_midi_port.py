"""A MIDI port that comes and goes; the system's ports are a pretence."""

import importlib
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.schema.errors import ConfigError, TransportError
from engine.transport import midi_port, midi_system
from engine.transport.midi_port import Message, MidiSender, everything_up, system_ports
from engine.transport.midi_system import SystemOutput, SystemOutputs

SYNTH = "FLUID Synth (4711):Synth input port (4711:0) 128:0"
ON, OFF = b"\x90\x3c\x40", b"\x80\x3c\x40"
QUIET = everything_up(range(1, 17))


class Port:
    """A port of the pretence.

    Attributes:
        taken: what it was given.
        full: whether its driver takes nothing.
    """

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.full = False
        self.closed = 0

    def send(self, message: Message) -> None:
        assert not self.closed
        if self.full:
            raise OSError("full")
        self.taken.append(bytes(message))

    def close(self) -> None:
        self.closed += 1


class Ports:
    """The outputs of a system.

    Attributes:
        there: names of those that there are; None where the system has no MIDI.
        busy: whether none can be opened.
        opened: with the names by which they were, and whether they were made.
    """

    def __init__(self, *there: str) -> None:
        self.there: list[str] | None = list(there)
        self.busy = False
        self.opened: list[tuple[str, bool, Port]] = []

    def names(self) -> Sequence[str]:
        if self.there is None:
            raise TransportError("midi", "no sequencer", "one")
        return self.there

    def open(self, name: str, *, virtual: bool) -> Port:
        if self.busy:
            raise TransportError(f"midi {name}", "in use", "an output that can be opened")
        self.opened.append((name, virtual, Port()))
        return self.opened[-1][2]

    def close(self) -> None:
        self.there = None


def made(ports: Ports, name: str = "fluid", *, virtual: bool = False) -> tuple[MidiSender, list[str]]:
    lines: list[str] = []
    return MidiSender(name, ports, lines.append, virtual=virtual), lines


def test_a_port_is_found_by_a_part_of_its_name_and_is_quiet_before_anything_sounds() -> None:
    ports = Ports("Midi Through", f"{SYNTH} and more", SYNTH)
    sender, lines = made(ports)
    sender.look()
    assert sender.send([ON, OFF]) == 2
    [(name, virtual, port)] = ports.opened
    assert (name, virtual) == (SYNTH, False)
    assert port.taken == [*QUIET, ON, OFF]
    assert lines == [f"midi 'fluid': plays on {SYNTH}"]
    assert sender.counters == (2, 0, {})


def test_quiet_is_the_pedal_and_the_keys_of_every_channel() -> None:
    assert len(QUIET) == 32
    assert QUIET[:2] == [b"\xb0\x40\x00", b"\xb0\x7b\x00"]
    assert QUIET[-2:] == [b"\xbf\x40\x00", b"\xbf\x7b\x00"]
    assert everything_up([3]) == [b"\xb2\x40\x00", b"\xb2\x7b\x00"]


def test_what_is_sent_while_the_port_is_away_is_counted() -> None:
    sender, lines = made(Ports("other"))
    assert sender.send([ON]) == 0
    for _ in range(3):
        sender.look()
    assert sender.send([OFF]) == 0
    assert sender.counters == (0, 2, {})
    assert lines == ["midi 'fluid': no such output; there are: other; looking on"]


def test_a_port_that_goes_and_comes_is_found_again_and_quiet_again() -> None:
    ports = Ports(SYNTH)
    sender, lines = made(ports)
    sender.look()
    ports.there = []
    sender.look()
    first = ports.opened[0][2]
    assert sender.send([ON]) == 0
    assert first.closed == 0, "somebody might be sending just now"
    sender.look()
    assert first.closed == 1
    ports.there = ["Fluid 2"]
    sender.look()
    assert sender.send([ON]) == 1
    assert ports.opened[1][2].taken == [*QUIET, ON]
    assert lines == [
        f"midi 'fluid': plays on {SYNTH}",
        f"midi 'fluid': {SYNTH} is gone; looking on",
        "midi 'fluid': plays on Fluid 2",
    ]


def test_each_trouble_is_spoken_of_once() -> None:
    ports = Ports(SYNTH)
    sender, lines = made(ports)
    ports.busy = True
    sender.look()
    sender.look()
    ports.there = None
    sender.look()
    sender.look()
    ports.there, ports.busy = [SYNTH], False
    sender.look()
    assert lines == [
        f"midi {SYNTH}: in use; expected an output that can be opened",
        "midi: no sequencer; expected one",
        f"midi 'fluid': plays on {SYNTH}",
    ]


def test_a_virtual_port_is_made_and_stays() -> None:
    ports = Ports()
    sender, lines = made(ports, "Figurant", virtual=True)
    sender.look()
    sender.look()
    assert [(name, virtual) for name, virtual, _ in ports.opened] == [("Figurant", True)]
    assert lines == ["midi 'Figurant': plays on Figurant"]


def test_what_the_driver_refuses_is_counted_and_never_raised() -> None:
    ports = Ports(SYNTH)
    sender, _ = made(ports)
    sender.look()
    ports.opened[0][2].full = True
    assert sender.send([ON, OFF]) == 0
    assert sender.counters == (0, 0, {"full": 2})


def test_closing_leaves_the_port_quiet_and_is_harmless_twice() -> None:
    ports = Ports(SYNTH)
    sender, _ = made(ports)
    sender.start()
    sender.send([ON])
    sender.close()
    sender.close()
    port = ports.opened[0][2]
    assert port.taken == [*QUIET, ON, *QUIET]
    assert port.closed == 1
    assert sender.send([ON]) == 0


def test_a_port_is_looked_for_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_port, "LOOK", 0.001)
    ports, looked = Ports(), threading.Semaphore(0)

    def names() -> Sequence[str]:
        looked.release()
        return [SYNTH]

    sender, _ = made(ports)
    sender.start()
    monkeypatch.setattr(ports, "names", names)
    assert all(looked.acquire(timeout=10) for _ in range(2))
    assert sender.send([ON]) == 1
    sender.close()
    assert "midi fluid" not in {thread.name for thread in threading.enumerate()}


def test_without_the_extra_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ConfigError) as caught:
        system_ports(jack=False)
    expected = "midi output: python-rtmidi is not installed; expected the extra 'midi' (pip install 'figurant[midi]')"
    assert str(caught.value) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file")
def test_without_a_sequencer_nobody_asks_alsa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(midi_system, "SEQUENCER", tmp_path / "seq")
    outputs = SystemOutputs()
    with pytest.raises(TransportError, match="modprobe snd-seq"):
        outputs.names()
    outputs.close()


class Driver:
    """One that takes nothing, and cannot be closed."""

    def send_message(self, message: Message) -> None:  # noqa: ARG002
        raise ValueError("wrong")

    def close_port(self) -> None:
        raise OSError

    def delete(self) -> None:
        raise OSError


def test_what_a_driver_raises_is_an_oserror_and_closing_is_harmless() -> None:
    output = SystemOutput(Driver())
    with pytest.raises(OSError, match="wrong"):
        output.send(ON)
    output.close()
    output.close()
    with pytest.raises(OSError, match="closed"):
        output.send(ON)
