"""Messages of mido as ours, and a system without MIDI."""

from pathlib import Path

import mido
import pytest

from engine.controls.mapping import Heard
from engine.controls.midi_ports import SystemPort, SystemPorts, read
from engine.schema.errors import TransportError
from engine.transport import midi_system


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ([0xB0, 7, 127], Heard("control", 7, 127, 1)),
        ([0xBF, 0, 0], Heard("control", 0, 0, 16)),
        ([0x91, 36, 100], Heard("note", 36, 100, 2)),
        ([0x91, 36, 0], Heard("note", 36, 0, 2)),
        ([0x81, 36, 64], Heard("note", 36, 0, 2)),
        ([0xE0, 0, 64], None),
        ([0xC0, 5], None),
        ([0xF8], None),
    ],
)
def test_a_message_is_read(message: list[int], expected: Heard | None) -> None:
    assert read(mido.Message.from_bytes(message)) == expected


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems have no such file")
def test_without_a_sequencer_nobody_asks_alsa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(midi_system, "SEQUENCER", tmp_path / "seq")
    with pytest.raises(TransportError, match="modprobe snd-seq"):
        SystemPorts().names()


def test_closing_a_device_that_is_gone_is_harmless() -> None:
    class Gone:
        def close(self) -> None:
            raise OSError

    SystemPort(Gone()).close()
