"""Recorded gloves, sent by a process of their own: a show recognises what its model does alone; paths are drawn."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from live.receiving import free_port, listening, need, with_port
from live.steered import playing, until

from engine import bundled
from engine.gestures.open_recording import read
from engine.gestures.recording import Gesture
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.schema.controls import Controls
from engine.wire import osc

pytestmark = pytest.mark.live

TOOL = Path(__file__).parents[2] / "tools" / "send_gloves.py"
SIGNS = 10

SHOW = """
[show]
go_gap = 0.0
[act]
model = "synthetic_signs"
device = "cpu"
[[cues]]
name = "storm"
sign = "{word}"
transition = 0.0
controls = {{ certainty = 0.25 }}
"""


def alone(signs: list[Gesture]) -> float:
    """The share of signs that the model recognises, each heard on its own."""
    act = open_signs(load(bundled.MODELS / "synthetic_signs.onnx"), device="cpu", view="off")
    controls, right = Controls(), 0
    for sign in signs:
        found = [act.sample(values, controls) for values in sign.values] + [act.rest(controls)]
        right += [label.word for label in found if label is not None] == [sign.label]
    act.close()
    return right / len(signs)


def sent(tmp_path: Path, control: int) -> dict[str, Any]:
    """What the tool says about signs that it has sent."""
    written = tmp_path / "heard.json"
    command = [sys.executable, str(TOOL), "synthetic", "--port", str(control), "--signs", str(SIGNS)]
    done = subprocess.run([*command, "--json", str(written)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(written.read_text())
    assert f"{found['right']} of {SIGNS} signs recognised" in done.stdout
    return found


def test_a_session_that_is_sent_is_recognised_as_offline_and_calls_its_cue(tmp_path: Path) -> None:
    signs = list(read(bundled.GLOVES / "synthetic.csv").gestures)[:SIGNS]
    with playing(tmp_path, SHOW.format(word=signs[2].label)) as show:
        found = sent(tmp_path, show.control)
        until(lambda: show.value("certainty") == 0.25, "the sign has called its cue")
        show.end()
    assert found["accuracy"] >= alone(signs) - 0.01
    assert (found["missed"], found["doubled"], found["false"]) == ([], 0, 0)
    assert max(found["delays"]) < 1.0


PRINTS = r"""#N canvas 0 0 600 400 12;
#X obj 20 20 r dance-path;
#X obj 20 50 print dance;
#X obj 220 20 r sign-path;
#X obj 220 50 print sign;
#X obj 220 80 t b;
#X obj 220 110 del 300;
#X obj 220 140 t b b b b;
#X msg 20 180 traverse pd-map \, next \, next \, next;
#X msg 420 180 traverse pd-map \, next \, next \, next \, next;
#X obj 20 210 pointer;
#X obj 420 210 pointer;
#X obj 20 240 pointer;
#X obj 420 240 pointer;
#X obj 20 280 get trail c;
#X obj 20 310 print colour;
#X obj 220 280 getsize trail dots;
#X obj 220 310 print dots;
#X obj 420 280 get point x y;
#X obj 420 310 pack f f;
#X obj 420 340 print point;
#X connect 0 0 1 0;
#X connect 2 0 3 0;
#X connect 2 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 3 7 0;
#X connect 6 2 8 0;
#X connect 7 0 9 0;
#X connect 8 0 10 0;
#X connect 9 0 11 1;
#X connect 10 0 12 1;
#X connect 6 1 11 0;
#X connect 6 0 12 0;
#X connect 11 0 13 0;
#X connect 13 0 14 0;
#X connect 11 0 15 0;
#X connect 15 0 16 0;
#X connect 12 0 17 0;
#X connect 17 0 18 0;
#X connect 17 1 18 1;
#X connect 18 0 19 0;
"""
"""What arrives, and after a pause what is drawn of the signs: the third and the fourth thing on the map."""


def test_pure_data_moves_a_point_along_each_path(tmp_path: Path) -> None:
    pd, port, heard = need("pd", "puredata-core"), free_port(), tmp_path / "heard"
    (tmp_path / "prints.pd").write_text(PRINTS)
    patch = with_port("pure_data_path.pd", port, tmp_path)
    options = ["-nogui", "-stderr", "-nosound", "-nomidi", "-noprefs"]
    places = [(number / 64, -number / 64) for number in range(65)]
    with (
        listening([pd, *options, "-open", str(patch), "-open", str(tmp_path / "prints.pd")], port, heard),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        for x, y in places:
            paths = [osc.encode("/engine/dance/path", x, y, 0.5), osc.encode("/engine/sign/path", y, x)]
            mouth.sendto(osc.bundle(paths), ("127.0.0.1", port))
            time.sleep(0.01)
        time.sleep(0.5)
    said = re.findall(r"^(\w+): (.*)$", heard.read_text(), re.MULTILINE)
    numbers = {name: [tuple(map(float, text.split())) for kind, text in said if kind == name] for name, _ in said}
    assert numbers.pop("dance") == [(x, y, 0.5) for x, y in places]
    assert numbers.pop("sign") == [(y, x) for x, y in places]
    assert numbers.pop("point") == [(-1.0, 1.0)]
    assert numbers.pop("colour") == [(900.0,)]
    assert numbers.pop("dots") == [(90.0,)]
    assert numbers == {}  # and no complaint
