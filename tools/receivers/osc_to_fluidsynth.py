"""Plays the piano of a show on FluidSynth: notes come in by OSC and go on to FluidSynth's own shell, by TCP.

1. fluidsynth -si -o shell.port=9800 /usr/share/sounds/sf2/default-GM.sf2
2. python osc_to_fluidsynth.py
3. engine serve piano --out native://127.0.0.1:9100

Needs python-osc (pip install python-osc), and FluidSynth with a sound font (Debian: fluidsynth, timgm6mb-soundfont).
"""

import argparse
import contextlib
import socket

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

CHANNELS = range(16)
PEDAL, ALL_NOTES_OFF = 64, 123


class Synthesiser:
    """FluidSynth's shell; it counts channels from 0."""

    def __init__(self, host: str, port: int) -> None:
        self._shell = socket.create_connection((host, port))
        self._shell.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a note does not wait for the next one

    def note(self, _address: str, number: int, velocity: int, channel: int = 1) -> None:
        """A key that goes down, or with velocity 0 comes up."""
        place = max(channel, 1) - 1
        self._tell(f"noteon {place} {number} {velocity}" if velocity else f"noteoff {place} {number}")

    def pedal(self, _address: str, value: int, channel: int = 1) -> None:
        """The sustain pedal."""
        self._tell(f"cc {max(channel, 1) - 1} {PEDAL} {value}")

    def hush(self) -> None:
        """Everything comes up."""
        for channel in CHANNELS:
            self._tell(f"cc {channel} {PEDAL} 0")
            self._tell(f"cc {channel} {ALL_NOTES_OFF} 0")

    def close(self) -> None:
        """Everything comes up, and the shell is left."""
        with contextlib.suppress(OSError), self._shell:
            self.hush()

    def _tell(self, line: str) -> None:
        self._shell.sendall(f"{line}\n".encode())


def main() -> None:
    """Hand notes on until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9100, help="where the engine sends to, on this computer")
    parser.add_argument("--synth", type=int, default=9800, help="FluidSynth's shell.port")
    asked = parser.parse_args()
    with contextlib.closing(Synthesiser("127.0.0.1", asked.synth)) as synth, contextlib.suppress(KeyboardInterrupt):
        synth.hush()
        heard = Dispatcher()
        heard.map("/engine/piano/note", synth.note)
        heard.map("/engine/piano/pedal", synth.pedal)
        with BlockingOSCUDPServer(("127.0.0.1", asked.port), heard) as server:
            server.serve_forever()


if __name__ == "__main__":
    main()
