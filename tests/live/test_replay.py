"""A take as a receiver sees it again: the same values, at their pace."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from live.receiving import free_port, listening, need

from engine.takes.reader import Take

pytestmark = pytest.mark.live

ENGINE = str(Path(sys.executable).with_name("engine"))


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
