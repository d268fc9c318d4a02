"""Programs that artists use, with the receivers shipped for them: ten seconds at 30 fps arrive whole and make sense."""

import re
import subprocess
from pathlib import Path

import pytest
from check_stream import each_once
from live.receiving import FPS, HEADROOM, JOINTS, RECEIVERS, free_port, listening, need, played, with_port

from engine.wire import osc

pytestmark = pytest.mark.live

HERE = Path(__file__).parent
LOWEST, HIGHEST = HEADROOM
HEAD = JOINTS.index("head")
FRAME = ("/engine/p1/frame", "ii")
POS = ("/engine/p1/pos", "f" * 3 * len(JOINTS))


def test_oscdump_hears_every_frame(tmp_path: Path) -> None:
    port, heard = free_port(), tmp_path / "heard"
    with listening([need("oscdump", "liblo-tools"), "-L", str(port)], port, heard):
        sent = played(port)
    lines = [line.split() for line in heard.read_text().splitlines()]
    messages = [(words[1], words[2], words[3:]) for words in lines if len(words) > 2]
    assert each_once([int(values[0]) for name, types, values in messages if (name, types) == FRAME]) == sent
    poses = [[float(value) for value in values] for name, types, values in messages if (name, types) == POS]
    assert len(poses) == len(sent)
    assert all(LOWEST < pose[3 * HEAD + 1] < HIGHEST for pose in poses)
    names = next(values for name, _, values in messages if name == "/engine/p1/skeleton/names")
    assert [name.strip('"') for name in names] == JOINTS


PRINTS = """#N canvas 0 0 300 300 12;
#X obj 20 20 r frame;
#X obj 20 50 print frame;
#X obj 120 20 r pos;
#X obj 120 50 print pos;
#X connect 0 0 1 0;
#X connect 2 0 3 0;
"""


def test_pure_data_hears_every_frame(tmp_path: Path) -> None:
    pd, port, heard = need("pd", "puredata-core"), free_port(), tmp_path / "heard"
    (tmp_path / "prints.pd").write_text(PRINTS)
    patch = with_port("pure_data.pd", port, tmp_path)
    options = ["-nogui", "-stderr", "-nosound", "-nomidi", "-noprefs"]
    with listening([pd, *options, "-open", str(patch), "-open", str(tmp_path / "prints.pd")], port, heard):
        sent = played(port)
    said = heard.read_text()
    assert each_once([int(number) for number in re.findall(r"^frame: (\d+)$", said, re.MULTILINE)]) == sent
    poses = [line.split()[1:] for line in said.splitlines() if line.startswith("pos: ")]
    assert [len(pose) for pose in poses] == [3 * len(JOINTS)] * len(sent)
    assert all(LOWEST < float(pose[3 * HEAD + 1]) < HIGHEST for pose in poses)
    assert set(re.findall(r"^(\w+): ", said, re.MULTILINE)) == {"frame", "pos"}  # and no complaint


LISTENS = """
"%s".load;
OSCdef(\\sees, { |msg| ("F " ++ msg[1]).postln }, '/engine/p1/frame', recvPort: %d);
OSCdef(\\hears, { |msg| ("P " ++ (msg.size - 1) ++ " " ++ msg[1 + %d]).postln }, '/engine/p1/pos', recvPort: %d);
"""


def test_supercollider_hears_every_frame(tmp_path: Path) -> None:
    sclang, port, heard = need("sclang", "supercollider-language"), free_port(), tmp_path / "heard"
    shipped, script = with_port("supercollider.scd", port, tmp_path), tmp_path / "listens.scd"
    script.write_text(LISTENS % (shipped, port, 3 * HEAD + 1, port))
    with listening([sclang, str(script)], port, heard):
        sent = played(port)
    said = heard.read_text()
    assert each_once([int(number) for number in re.findall(r"^F (\d+)$", said, re.MULTILINE)]) == sent
    poses = [line.split()[1:] for line in said.splitlines() if line.startswith("P ")]
    assert [int(size) for size, _ in poses] == [3 * len(JOINTS)] * len(sent)
    assert all(LOWEST < float(height) < HIGHEST for _, height in poses)
    assert re.findall(r"^joints: (.*)$", said, re.MULTILINE) == [" ".join(JOINTS)]
    rates = [float(rate) for rate in re.findall(r"^([\d.]+) frames per second$", said, re.MULTILINE)]
    assert len(rates) > 5
    assert rates == pytest.approx([FPS] * len(rates), abs=1)


LOOKS = """
import time
import bpy

program = {{"__name__": "receiver"}}
exec(compile(open({shipped!r}).read(), {shipped!r}, "exec"), program)
skeleton = program["skeleton"]
take = skeleton.take

def taken(address, arguments):
    take(address, arguments)
    name = address.rpartition("/")[2]
    if name in ("frame", "pos"):
        print(name, arguments[0], flush=True)

skeleton.take = taken
bones = set()
end = time.monotonic() + 60
while time.monotonic() < end:
    skeleton.update()
    if skeleton.joints and skeleton.lines:
        at = [tuple(joint.location) for joint in skeleton.joints]
        print("head", *at[{head}], flush=True)
        print("joints", *[joint.name.split()[1] for joint in skeleton.joints], flush=True)
        print("edges", len(skeleton.lines.edges), flush=True)
    time.sleep(0.01)
"""


def test_blender_hears_every_frame(tmp_path: Path) -> None:
    blender, port, heard = need("blender", "blender"), free_port(), tmp_path / "heard"
    shipped, script = with_port("blender_skeleton.py", port, tmp_path), tmp_path / "looks.py"
    script.write_text(LOOKS.format(shipped=str(shipped), head=HEAD))
    options = ["--background", "--factory-startup", "-noaudio", "--python-exit-code", "1", "--python"]
    with listening([blender, *options, str(script)], port, heard):
        sent = played(port, "?space=blender")
    lines = [line.split() for line in heard.read_text().splitlines()]
    assert each_once([int(words[1]) for words in lines if words[:1] == ["frame"]]) == sent
    assert len([words for words in lines if words[:1] == ["pos"]]) == len(sent)
    heights = [float(words[3]) for words in lines if words[:1] == ["head"]]  # z is up in Blender
    assert heights
    assert all(LOWEST < height < HIGHEST for height in heights)
    assert {tuple(words[1:]) for words in lines if words[:1] == ["joints"]} == {tuple(JOINTS)}
    assert {int(words[1]) for words in lines if words[:1] == ["edges"]} == {len(JOINTS) - 1}


@pytest.fixture
def unity(tmp_path: Path) -> list[str]:
    """The command of the shipped Unity script, built against a few lines that stand for Unity."""
    compiler, runtime = need("mcs", "mono-mcs"), need("mono", "mono-runtime")
    built = tmp_path / "unity.exe"
    sources: list[str | Path] = [
        RECEIVERS / "UnitySkeleton.cs",
        HERE / "unity" / "UnityEngine.cs",
        HERE / "unity" / "Harness.cs",
    ]
    made = subprocess.run(
        [compiler, "-warnaserror", f"-out:{built}", *sources], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return [runtime, str(built)]


def test_unity_shows_every_frame(tmp_path: Path, unity: list[str]) -> None:
    port, heard = free_port(), tmp_path / "heard"
    with listening([*unity, "play", str(port)], port, heard):
        sent = played(port, "?space=unity")
    shown = [SHOWN.fullmatch(line) for line in heard.read_text().splitlines()]
    pictures = [picture for picture in shown if picture is not None]
    assert len(pictures) == len(shown)
    numbers = [int(picture["frame"]) for picture in pictures]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(sent)
    assert len(numbers) >= 0.97 * len(sent)  # it looks every 3 ms, and a busy machine may let it miss one
    assert {(picture["spheres"], picture["lines"], picture["names"]) for picture in pictures[FPS * 3 :]} == {
        (str(len(JOINTS)), str(len(JOINTS)), ",".join(JOINTS))
    }
    heights = [float(picture["heights"].split(",")[HEAD]) for picture in pictures]
    assert all(LOWEST < height < HIGHEST for height in heights)


SHOWN = re.compile(
    r"frame (?P<frame>\d+) spheres (?P<spheres>\d+) lines (?P<lines>\d+) names (?P<names>\S+) heights (?P<heights>\S+)"
)


def test_the_unity_script_reads_what_was_encoded(tmp_path: Path, unity: list[str]) -> None:
    messages = [
        osc.encode("/engine/p1/frame", 2**31 - 1, -5),
        osc.encode("/engine/p1/pos", 0.5, -1.25, 3.0e-5),
        osc.encode("/engine/p1/skeleton/names", "a", "four", "h\u00fcfte"),
        osc.encode("/engine/p1/space", "lh", "y-up", "xyzw", 1.0),
    ]
    assert read(tmp_path, unity, osc.bundle(messages)) == [
        "/engine/p1/frame | 2147483647 -5 |  | ",
        "/engine/p1/pos |  | 0.5 -1.25 3E-05 | ",
        "/engine/p1/skeleton/names |  |  | a four h\u00fcfte",
        "/engine/p1/space |  | 1 | lh y-up xyzw",
    ]
    assert read(tmp_path, unity, messages[0]) == ["/engine/p1/frame | 2147483647 -5 |  | "]


@pytest.mark.parametrize(
    "damage", [b"", b"#bundle", b"/a\0\0,f\0\0\0", b"/a\0\0", b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xff"]
)
def test_the_unity_script_survives_what_is_broken(tmp_path: Path, unity: list[str], damage: bytes) -> None:
    assert read(tmp_path, unity, damage) == []


def read(folder: Path, unity: list[str], datagram: bytes) -> list[str]:
    """The messages that the shipped parser finds."""
    recorded = folder / "datagram"
    recorded.write_bytes(datagram)
    return subprocess.run(
        [*unity, "read", str(recorded)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
