"""A pianist on MIDI ports, those of a JACK server without a sound card: every note arrives, and none hangs."""

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
import rtmidi
from live.pianists import command, hanging, ons, played, struck, write_score
from live.receiving import free_port, need
from live.synths import QUIET, RATE, FluidSynth, Synth, check_sound, until

from engine.controls import midi_ports
from engine.controls.letter import Inbox
from engine.controls.midi import MidiClient
from engine.controls.midi_ports import SystemPorts
from engine.controls.tree import Tree
from engine.outputs.midi import MidiOut, Options
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.note import Event, Note, Pedal
from engine.schema.show import Midi
from engine.transport.midi_port import MidiSender
from engine.transport.midi_system import SystemOutputs

pytestmark = pytest.mark.live


@pytest.fixture
def jack(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A JACK server without a sound card: the environment of programs that are to find it."""
    name = f"figurant-{os.getpid()}"
    # It waits for its clients (--sync), as one that is late on a busy machine would lose the messages of a period.
    server = [need("jackd", "jackd2"), "--no-realtime", "--sync", "-n", name]
    server += ["-d", "dummy", "-r", str(RATE), "-p", "1024"]
    env = {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
    log = tmp_path / "jack.log"
    with log.open("w") as out, subprocess.Popen(server, stdout=out, stderr=subprocess.STDOUT) as program:
        try:
            until(lambda: program.poll() is not None or "starting" in log.read_text(), "JACK does not start")
            time.sleep(1)
            if program.poll() is not None:
                reason = f"JACK does not run here: {log.read_text()[-200:]}"
                if os.environ.get("CI"):
                    pytest.fail(reason)
                pytest.skip(reason)
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


def test_a_virtual_port_can_be_read_from(jack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack["JACK_DEFAULT_SERVER"])
    sender = MidiSender("Figurant", SystemOutputs(jack=True), lambda _: None, virtual=True)
    sender.start()
    heard: list[tuple[list[int], float]] = []
    reader = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="reader")
    [name] = [each for each in reader.get_ports() if each.endswith(":Figurant")]
    reader.open_port(reader.get_ports().index(name))
    reader.set_callback(lambda found, _: heard.append(found))
    messages = MidiOut(Options()).notes([Note(60, 64, 3), Pedal(127, 3), Note(60, 0, 3)])
    until(lambda: sender.send(messages) == 3 and heard, "nothing arrives")
    until(lambda: len(heard) % 3 == 0, "some is lost")
    assert [message for message, _ in heard[:3]] == [[0x92, 60, 64], [0xB2, 64, 127], [0x82, 60, 64]]
    sender.close()
    until(lambda: len(heard) % 3 == len(QUIET) % 3, "it is not left quiet")
    reader.delete()


def test_the_keys_of_a_midi_input_are_played(jack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack["JACK_DEFAULT_SERVER"])
    ports, played_, gone = SystemPorts(), list[Event](), threading.Event()
    monkeypatch.setattr(midi_ports, "check_system", lambda: None)
    monkeypatch.setattr(ports, "_backend", mido.Backend("mido.backends.rtmidi/UNIX_JACK"))
    tree = Tree("/engine", expanded(PARAMETERS))
    inputs = [Midi(port="keyboard", keys=True)]
    client = MidiClient(inputs, tree, Inbox(), lambda _: None, ports, take=played_.append, gone=gone.set)

    async def strike() -> None:
        device = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard")
        device.open_virtual_port("out")
        running = asyncio.create_task(client.run())
        await asyncio.sleep(0.5)
        for message in ([0x91, 60, 64], [0xB1, 64, 127], [0x91, 60, 0], [0x81, 61, 64]):
            device.send_message(message)
        await asyncio.sleep(0.5)
        device.close_port()
        device.delete()
        await asyncio.sleep(2.5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(strike())
    assert played_ == [Note(60, 64, 2), Pedal(127, 2), Note(60, 0, 2), Note(61, 0, 2)]
    assert gone.is_set()


def test_without_midi_a_show_says_so_in_one_line_and_goes_on(tmp_path: Path) -> None:
    if Path("/dev/snd/seq").exists():
        pytest.skip("this machine has an ALSA sequencer")
    port = free_port()
    said = played(tmp_path, 2, ["midi://nothing", f"native://127.0.0.1:{port}"])
    [line] = [line for line in said.splitlines() if line.startswith("midi")]
    assert "no /dev/snd/seq" in line
    assert struck(said) > 5
