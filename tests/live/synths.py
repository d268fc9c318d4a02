"""Synthesisers that can be asked what they were told: FluidSynth, and a MIDI input of JACK's."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rtmidi
from live.pianists import Event, ons
from live.receiving import PATIENCE, need

from engine.transport.midi_port import CHANNELS, everything_up

QUIET = everything_up(CHANNELS)

FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 44100
SILENCE = 4.0
"""Of 32768: what FluidSynth's chorus leaves when nothing sounds is below 2."""


def font() -> Path:
    """The sound font; without it the test is skipped, or failed where CI is set."""
    if not FONT.exists():
        reason = f"no {FONT} (Debian: timgm6mb-soundfont)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return FONT


class FluidSynth:
    """A FluidSynth that plays into a file, in real time, and tells of all it is asked.

    Attributes:
        log: what it tells.
    """

    def __init__(self, folder: Path, *options: str, env: dict[str, str] | None = None) -> None:
        self.port, self.log, self._sound = free_tcp_port(), folder / "synth.log", folder / "synth.raw"
        settings = [f"audio.file.name={self._sound}", "audio.file.type=raw", f"shell.port={self.port}"]
        words = [word for setting in settings for word in ("-o", setting)]
        self.command = [need("fluidsynth", "fluidsynth"), "-siv", "-a", "file", "-r", str(RATE), *words, *options]
        self._env = os.environ | (env or {})

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with (
            self.log.open("w") as out,
            subprocess.Popen(
                [*self.command, str(font())], stdout=out, stderr=subprocess.STDOUT, env=self._env
            ) as program,
        ):
            try:
                until(self._answers, f"FluidSynth does not answer: {self.log.read_text()[-2000:]}")
                yield
            finally:
                program.kill()

    def events(self) -> list[Event]:
        """Channel from 0, number and velocity of each note that it was told, in order; 0: it comes up."""
        lines = (line.partition(": ")[2].split() for line in self.log.read_text().splitlines())
        told = [words for words in lines if words[:1] in (["noteon"], ["noteoff"])]
        return [(int(w[1]), int(w[2]), int(w[3]) if w[0] == "noteon" else 0) for w in told]

    def loudness(self) -> list[float]:
        """Root of the mean square of each half second, of 32768."""
        sound = np.fromfile(self._sound, np.int16).astype(np.float64)
        halves = len(sound) // RATE
        return [float(each) for each in np.sqrt((sound[: halves * RATE].reshape(halves, RATE) ** 2).mean(1))]

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def free_tcp_port() -> int:
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])


def until(what: object, complaint: str) -> None:
    """Return when something is so."""
    assert callable(what)
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            pytest.fail(complaint)
        time.sleep(0.05)


def check_sound(synth: FluidSynth, seconds: int) -> None:
    """It sounded as long as the score, and not for longer."""
    loud = synth.loudness()
    sounding = [each > 10 * SILENCE for each in loud]
    assert sum(sounding) >= 2 * (seconds - 3), loud
    assert max(loud[-2:]) < SILENCE, f"something sounds at the end: {loud[-8:]}"


class Synth:
    """A MIDI input that others play on, by python-rtmidi.

    Attributes:
        events: channel from 0, number and velocity of each note, in order; 0: it comes up.
        first: the messages before the first note.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.first: list[bytes] = []
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
        self._port.open_virtual_port("in")
        self._port.set_callback(self._take)

    def _take(self, heard: tuple[list[int], float], _: object) -> None:
        status, number, value = heard[0]
        if status & 0xE0 == 0x80:
            self.events.append((status & 0xF, number, value if status & 0xF0 == 0x90 else 0))
        elif not ons(self.events):
            self.first.append(bytes(heard[0]))

    def leave(self) -> None:
        self._port.close_port()
        self._port.delete()
