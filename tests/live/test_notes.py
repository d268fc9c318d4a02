"""A pianist on other people's synthesisers and programs: every note arrives, and none hangs."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import rtmidi
from live.pianists import KEYS, command, hanging, ons, played, struck, write_score
from live.receiving import PATIENCE, RECEIVERS, free_port, listening, need, with_port

from engine.transport.midi_port import CHANNELS, everything_up

pytestmark = pytest.mark.live

QUIET = everything_up(CHANNELS)

FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 44100
SILENCE = 4.0
"""Of 32768: what FluidSynth's chorus leaves when nothing sounds is below 2."""

Event = tuple[int, int, int]


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


@pytest.mark.slow
def test_fluidsynth_plays_a_minute_by_osc_and_falls_silent(tmp_path: Path) -> None:
    synth, port, seconds = FluidSynth(tmp_path), free_port(), 60
    bridge = [sys.executable, str(RECEIVERS / "osc_to_fluidsynth.py"), "--port", str(port), "--synth", str(synth.port)]
    with synth.running(), listening(bridge, port, tmp_path / "bridge"):
        said = played(tmp_path, seconds, [f"native://127.0.0.1:{port}"])
        time.sleep(4)
    events = synth.events()
    assert ons(events).total() == struck(said) > 300
    assert hanging(events) == set()
    check_sound(synth, seconds)
    assert (tmp_path / "bridge").read_text() == ""


PRINTS = """#N canvas 0 0 300 300 12;
#X obj 20 20 r note;
#X obj 20 50 print note;
#X obj 120 20 r pedal;
#X obj 120 50 print pedal;
#X connect 0 0 1 0;
#X connect 2 0 3 0;
"""


def test_pure_data_hears_the_notes_that_oscdump_hears(tmp_path: Path) -> None:
    pd, oscdump = need("pd", "puredata-core"), need("oscdump", "liblo-tools")
    (port, other), (heard, dumped) = (free_port(), free_port()), (tmp_path / "heard", tmp_path / "dumped")
    (tmp_path / "prints.pd").write_text(PRINTS)
    patch = with_port("pure_data_piano.pd", port, tmp_path)
    options = ["-nogui", "-stderr", "-nosound", "-nomidi", "-noprefs"]
    opened = ["-open", str(patch), "-open", str(tmp_path / "prints.pd")]
    with listening([pd, *options, *opened], port, heard), listening([oscdump, "-L", str(other)], other, dumped):
        said = played(tmp_path, 10, [f"native://127.0.0.1:{to}" for to in (port, other)])
    pattern = r"^\S+ /engine/piano/%s i+ (.*)$"
    for name in ("note", "pedal"):
        expected = re.findall(pattern % name, dumped.read_text(), re.MULTILINE)
        assert re.findall(rf"^{name}: (.*)$", heard.read_text(), re.MULTILINE) == expected
        assert expected
    assert set(re.findall(r"^(\w+): ", heard.read_text(), re.MULTILINE)) == {"note", "pedal"}  # and no complaint
    notes = [tuple(map(int, line.split())) for line in re.findall(pattern % "note", dumped.read_text(), re.MULTILINE)]
    events = [(channel, number, velocity) for number, velocity, channel in notes]
    assert ons(events).total() == struck(said) > 50
    assert hanging(events) == set()
    frames = re.findall(r"/engine/piano/notes i{88} (.*)$", dumped.read_text(), re.MULTILINE)
    assert len(frames) > 300
    assert {len(frame.split()) for frame in frames} == {KEYS}
    assert set(frames[-1].split()) == {"0"}


LISTENS = """
"%s".load;
OSCdef(\\hears, { |msg| ("N " ++ msg[1..].join(" ")).postln }, '/engine/piano/note', recvPort: %d);
"""


def test_supercollider_hears_every_note(tmp_path: Path) -> None:
    sclang, port, heard = need("sclang", "supercollider-language"), free_port(), tmp_path / "heard"
    script = tmp_path / "listens.scd"
    script.write_text(LISTENS % (with_port("supercollider_piano.scd", port, tmp_path), port))
    with listening([sclang, str(script)], port, heard):
        said = played(tmp_path, 5, [f"native://127.0.0.1:{port}"])
    found = [tuple(map(int, line)) for line in re.findall(r"^N (\d+) (\d+) (\d+)$", heard.read_text(), re.MULTILINE)]
    events = [(channel, number, velocity) for number, velocity, channel in found]
    assert ons(events).total() == struck(said) > 20
    assert hanging(events) == set()
    assert "ERROR" not in heard.read_text()


@pytest.fixture
def jack(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A JACK server without a sound card: the environment of programs that are to find it."""
    name = f"figurant-{os.getpid()}"
    server = [need("jackd", "jackd2"), "--no-realtime", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", "256"]
    env = {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
    log = tmp_path / "jack.log"
    with log.open("w") as out, subprocess.Popen(server, stdout=out, stderr=subprocess.STDOUT) as program:
        try:
            until(lambda: program.poll() is not None or "starting" in log.read_text(), "JACK does not start")
            time.sleep(1)
            if program.poll() is not None:
                pytest.skip(f"JACK does not run here: {log.read_text()[-200:]}")
            yield env
        finally:
            program.send_signal(signal.SIGINT)


def test_fluidsynth_plays_from_a_midi_port_and_falls_silent(
    tmp_path: Path, jack: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    synth, seconds = FluidSynth(tmp_path, "-m", "jack", env=jack), 20
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack["JACK_DEFAULT_SERVER"])
    with synth.running():
        said = played(tmp_path, seconds, ["midi://fluidsynth?jack=true"])
        time.sleep(4)
    assert "plays on fluidsynth" in said
    events = synth.events()
    assert ons(events).total() == struck(said) > 100
    assert hanging(events) == set()
    check_sound(synth, seconds)


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


def test_a_synthesiser_that_comes_goes_and_comes_again_is_found_and_nothing_hangs(
    tmp_path: Path, jack: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack["JACK_DEFAULT_SERVER"])
    write_score(tmp_path / "score.mid", 60)
    show, log = command(tmp_path, tmp_path / "score.mid", ["midi://SYNTH?jack=true"]), tmp_path / "show"
    with log.open("w") as out, subprocess.Popen(show, stdout=out, stderr=subprocess.STDOUT) as engine:
        try:
            until(lambda: "steered over" in log.read_text(), "it does not begin")
            first = Synth()
            until(lambda: len(first.events) > 20, log.read_text())
            first.leave()
            until(lambda: "is gone" in log.read_text(), "nobody misses it")
            second = Synth()
            until(lambda: len(second.events) > 20, log.read_text())
            engine.send_signal(signal.SIGINT)
            engine.wait(10)
            time.sleep(0.5)
        finally:
            engine.kill()
    said = [line for line in log.read_text().splitlines() if line.startswith("midi")]
    assert said == [
        "midi 'SYNTH': no such output; there are: none; looking on",
        "midi 'SYNTH': plays on synth:in",
        "midi 'SYNTH': synth:in is gone; looking on",
        "midi 'SYNTH': plays on synth:in",
    ]
    for synth in (first, second):
        assert synth.first[: len(QUIET)] == QUIET
    assert hanging(second.events) == set()
    second.leave()


def only(lines: Sequence[str]) -> str:
    [line] = lines
    return line


def test_without_midi_a_show_says_so_in_one_line_and_goes_on(tmp_path: Path) -> None:
    if Path("/dev/snd/seq").exists():
        pytest.skip("this machine has an ALSA sequencer")
    port = free_port()
    said = played(tmp_path, 2, ["midi://nothing", f"native://127.0.0.1:{port}"])
    assert "no /dev/snd/seq" in only([line for line in said.splitlines() if line.startswith("midi")])
    assert struck(said) > 5
