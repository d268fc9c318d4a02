"""A pianist on other people's synthesisers and programs, by OSC: every note arrives, and none hangs."""

import re
import sys
import time
from pathlib import Path

import pytest
from live.pianists import KEYS, hanging, ons, played, struck
from live.receiving import RECEIVERS, free_port, listening, need, with_port
from live.synths import FluidSynth, check_sound

pytestmark = pytest.mark.live


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
