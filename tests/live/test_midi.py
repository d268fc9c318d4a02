"""A MIDI input of the system, played by another port of it."""

import queue
from pathlib import Path

import mido
import pytest

from engine.controls.mapping import Heard
from engine.controls.midi_ports import SystemPorts
from engine.transport.midi_system import SEQUENCER

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not Path(SEQUENCER).exists(), reason=f"no {SEQUENCER}: the system has no ALSA sequencer"),
]


def test_a_fader_and_a_key_are_heard() -> None:
    ports, heard = SystemPorts(), queue.Queue[Heard]()
    before = set(ports.names())
    with mido.Backend("mido.backends.rtmidi").open_output("figurant test", virtual=True) as device:
        (name,) = set(ports.names()) - before
        port = ports.open(name, heard.put)
        device.send(mido.Message("control_change", channel=1, control=7, value=100))
        device.send(mido.Message("pitchwheel", pitch=100))
        device.send(mido.Message("note_on", note=36, velocity=90))
        device.send(mido.Message("note_off", note=36))
        assert [heard.get(timeout=1) for _ in range(3)] == [
            Heard("control", 7, 100, 2),
            Heard("note", 36, 90, 1),
            Heard("note", 36, 0, 1),
        ]
        port.close()
        port.close()
    assert set(ports.names()) == before
