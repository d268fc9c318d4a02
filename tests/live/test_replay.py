"""A take as a receiver sees it again: the same values, at their pace."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from live.listening import Ears, Heard, bound
from live.receiving import PATIENCE, free_port, listening, need

from engine.schema.note import Note
from engine.takes.reader import Take

pytestmark = pytest.mark.live

ENGINE = str(Path(sys.executable).with_name("engine"))

LATE = 0.03
"""Seconds that a key may be off, on a machine that does other things too."""


def test_oscdump_hears_the_values_of_the_take(tmp_path: Path) -> None:
    program, port, heard = need("oscdump", "liblo-tools"), free_port(), tmp_path / "heard"
    quiet = ["--control", "0", "--oscquery", "0", "--out", f"native://127.0.0.1:{free_port()}"]
    recorded = [ENGINE, "serve", "--record", "--takes", str(tmp_path / "takes"), "--for", "2s", "--performers", "2"]
    subprocess.run([*recorded, *quiet], check=True, capture_output=True, timeout=120)
    [path] = (tmp_path / "takes").iterdir()
    with listening([program, "-L", str(port)], port, heard):
        replayed = [ENGINE, "replay", str(path), "--out", f"native://127.0.0.1:{port}", "--regenerate"]
        done = subprocess.run(replayed, check=True, capture_output=True, text=True, timeout=120)
    taken = list(Take(path).frames())
    assert done.stdout.splitlines()[-1] == f"{len(taken)} frames, all equal bit for bit"
    lines = [line.split() for line in heard.read_text().splitlines()]
    poses = [words[3:] for words in lines if words[1] == "/engine/p2/pos"]
    assert len(poses) == len(taken) == 60
    for words, expected in zip(poses, taken, strict=True):
        found = np.array([float(word) for word in words]).reshape(-1, 3)
        assert np.abs(found - expected.frame.pose.positions[1]).max() <= 5.1e-7  # oscdump prints six digits


def keys_of(heard: Sequence[Heard]) -> list[Heard]:
    return [each for each in heard if each.address == "/engine/piano/note"]


def test_keys_are_struck_at_their_moments_and_all_come_up(tmp_path: Path) -> None:
    quiet = ["--control", "0", "--oscquery", "0", "--out", f"native://127.0.0.1:{free_port()}"]
    score = ["--score", "nocturne", "--record", "--takes", str(tmp_path / "takes"), "--for", "4s"]
    subprocess.run([ENGINE, "serve", "piano", *score, *quiet], check=True, capture_output=True, timeout=120)
    [path] = (tmp_path / "takes").iterdir()
    [whole, looped] = bound(2)
    ports = [each.getsockname()[1] for each in (whole, looped)]
    with Ears([whole, looped]) as ears:
        command = [ENGINE, "replay", str(path), "--out"]
        subprocess.run([*command, f"native://127.0.0.1:{ports[0]}"], check=True, capture_output=True, timeout=60)
        options = [f"native://127.0.0.1:{ports[1]}", "--loop", "--from", "2s", "--to", "2500ms"]
        with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as process:
            ears.wait(ports[1], PATIENCE)
            time.sleep(2.2)
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0
        heard, again = (list(ears.messages(port)) for port in ports)
    struck = [(each.at * 1e-9, each.event) for each in Take(path).notes() if isinstance(each.event, Note)]
    expected = [(at, event) for at, event in struck if event.velocity]
    found = [(each.time - heard[0].time, each.values) for each in keys_of(heard) if each.values[1]]
    assert [values for _, values in found] == [list(event) for _, event in expected]
    begun = found[0][0] - expected[0][0]
    assert max(abs(at - begun - other) for (at, _), (other, _) in zip(found, expected, strict=True)) < LATE
    assert len([each for each in keys_of(again) if each.values[1]]) > len(expected) // 4
    for messages in (heard, again):
        last = {each.values[0]: each.values[1] for each in keys_of(messages)}
        assert set(last.values()) == {0}
