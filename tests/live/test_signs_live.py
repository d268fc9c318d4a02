"""Gloves that send over UDP, into a show that plays: signs, the cues that they call, and whatever else may come."""

import math
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sign_models
from live.receiving import ENGINE
from live.steered import Steered, playing, until

from engine.schema.frame import F32
from engine.wire import osc

pytestmark = pytest.mark.live

RATE = 100

SHOW = """
[show]
go_gap = 0.0
[act]
model = "{model}"
device = "cpu"
[[cues]]
name = "storm"
sign = "boat"
transition = 0.0
controls = {{ certainty = 0.25 }}
[[cues]]
name = "calm"
sign = "drum"
transition = 0.0
controls = {{ certainty = 0.5 }}
"""


class Gloves:
    """Sends samples in time, and something else among them."""

    def __init__(self, show: Steered) -> None:
        self._show, self._number = show, 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def throw(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, ("127.0.0.1", self._show.control))

    def sample(self, *values: float | str) -> None:
        self.throw(osc.encode("/engine/in/glove", *values))

    def sign(self, samples: F32, among: Callable[[int], object] = bool, rate: float = RATE) -> None:
        """Samples with their numbers, each at its time."""
        began = time.monotonic()
        for count, sample in enumerate(samples.tolist()):
            time.sleep(max(began + count / rate - time.monotonic(), 0))
            self._number += 1
            self.sample(self._number, *sample)
            among(self._number)

    def spoil(self, number: int) -> None:
        """All that is no sample, or comes too late."""
        mean: list[float] = sign_models.MEAN.tolist()
        self.sample(*mean[:21])
        self.sample(*mean, 0.0)
        self.sample(number - 1, *[9.0] * 22)
        self.sample("hand", *mean[:21])
        self.throw(b"/engine/in/glove\0\0\0\0,f")
        self.throw(osc.encode("/engine/in/glove/rest", 0))

    def blind(self, number: int) -> None:
        """A sample in the place of the next one, with a sensor that sends no number."""
        self._number += 1
        values = [math.nan if channel == 8 else value for channel, value in enumerate(sign_models.MEAN.tolist())]
        tags = ",i" + "f" * 22
        head = b"/engine/in/glove\0\0\0\0" + tags.encode() + bytes(4 - len(tags) % 4)
        self.throw(head + struct.pack(">i22f", number + 1, *values))

    def close(self) -> None:
        self._socket.close()


def told(show: Steered) -> Sequence[object]:
    return [word for word, _ in show.heard("/engine/sign/label")]


def test_signs_over_udp_call_their_cues_whatever_else_comes(tmp_path: Path) -> None:
    model = sign_models.signs_model(tmp_path / "tiny.onnx")
    other = sign_models.signs_model(tmp_path / "letters.onnx", words=("a", "b", "c", "d", "e"), name="letters")
    with playing(tmp_path, SHOW.format(model=model)) as show:
        gloves = Gloves(show)
        gloves.sign(sign_models.stream(["apple", "boat"]))
        until(lambda: show.value("certainty") == 0.25, "the sign has called its cue")
        assert told(show) == ["apple", "boat"]
        gloves.sign(sign_models.stream(["cloud", "drum"]), gloves.spoil)
        until(lambda: show.value("certainty") == 0.5, "the sign has called its cue, among what is no sample")
        gloves.sign(sign_models.resting(10), gloves.blind)
        gloves.sign(sign_models.stream(["echo"], rest=0.2)[:-30])
        show.send("/engine/in/glove/rest")
        until(lambda: len(told(show)) == 5, "a sign that is said to be over")
        gloves.sign(sign_models.resting(150), rate=60)
        show.send("/engine/in/glove/rest")
        show.send("/engine/model/load", str(other))
        until(lambda: _plays(show, "letters"), "another model plays")
        gloves.sign(sign_models.stream(["apple"]))
        until(lambda: len(told(show)) == 6, "a sign by its other name")
        gloves.close()
        said = show.end()
        assert told(show) == ["apple", "boat", "cloud", "drum", "echo", "a"]
        probabilities = show.heard("/engine/sign/probabilities")
    assert len(probabilities) > 200
    assert all(abs(sum(map(float, map(str, each))) - 1) < 1e-4 for each in probabilities)
    (line,) = [line for line in said.splitlines() if line.startswith("signs: ")]
    spoiled = len(sign_models.stream(["cloud", "drum"]))
    for word in ("6 told", "10 numbers missing", f"{3 * spoiled} bad messages", f"{spoiled} late", "0 lost"):
        assert word in line, line
    (rate,) = [line for line in said.splitlines() if "samples a second" in line]
    assert "the model has learnt with 100: write rate = " in rate
    assert "Traceback" not in said


def _plays(show: Steered, model: str) -> bool:
    return bool(show.ask("/engine/state/model?VALUE")["VALUE"] == [model])


def test_a_cue_of_a_sign_that_nobody_knows_is_one_line(tmp_path: Path) -> None:
    model = sign_models.signs_model(tmp_path / "tiny.onnx")
    path = tmp_path / "show.toml"
    path.write_text(SHOW.format(model=model).replace("boat", "bout"))
    done = subprocess.run([ENGINE, "serve", str(path)], capture_output=True, text=True, check=False)
    expected = "engine: cues[0].sign: 'bout'; expected a sign that tiny signs knows (near it: boat)\n"
    assert (done.returncode, done.stderr) == (2, expected)
