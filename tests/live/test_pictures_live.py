"""The show of pictures that comes along, as a technician sees it: OSC beside a stream that moves."""

import re
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from socket import socket

import picture_models
import pytest
from live.receiving import ENGINE, PATIENCE, free_port, listening, need

from engine import bundled
from engine.inference.vet import load

pytestmark = pytest.mark.live

CONFIG = Path(__file__).parents[2] / "configs" / "silhouette.toml"

SECONDS = 8


def model(folder: Path) -> Path:
    """The bundled one, or a tiny one of the same size."""
    found = bundled.MODELS / "silhouette.onnx"
    return found if found.is_file() else picture_models.latents_model(folder / "tiny.onnx", size=(120, 208))


def show(folder: Path, played: Path, osc: int, http: int) -> Path:
    """The show with ports of its own, and no others."""
    changes = {
        "seed = 1 ": "control = 0\noscquery = 0\nseed = 1 ",
        'model = "silhouette"': f'model = "{played}"',
        ":9100": f":{osc}",
        ":9103": f":{http}",
        "shm://figurant": f"shm://figurant-{http}",
    }
    text = CONFIG.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "show.toml"
    path.write_text(text, encoding="utf-8")
    return path


def picture(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/frame.png", timeout=2) as answer:
        found: bytes = answer.read()
        return found


def test_latent_numbers_and_a_stream_that_moves(tmp_path: Path) -> None:
    oscdump, osc = need("oscdump", "liblo-tools"), free_port()
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        http = int(free.getsockname()[1])
    played, heard, pictures = model(tmp_path), tmp_path / "heard", list[bytes]()
    command = [ENGINE, "serve", "--show", str(show(tmp_path, played, osc, http)), "--for", f"{SECONDS}s"]
    with (
        listening([oscdump, "-L", str(osc)], osc, heard),
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as engine,
    ):
        end = time.monotonic() + PATIENCE
        while "/engine/latent" not in heard.read_text():
            assert time.monotonic() < end
            time.sleep(0.1)
        for _ in range(4):
            pictures.append(picture(http))
            time.sleep(1.0)
        said, _ = engine.communicate(timeout=2 * SECONDS + PATIENCE)
    assert engine.returncode == 0, said
    assert f"pictures at http://127.0.0.1:{http}/" in said
    assert all(each.startswith(b"\x89PNG") for each in pictures)
    assert len(set(pictures)) == len(pictures)
    dims = load(played).spec.head.dims
    found = re.findall(rf"/engine/latent f{{{dims}}} (.*)$", heard.read_text(), re.MULTILINE)
    sent = re.search(r"^(\d+) frames in ", said, re.MULTILINE)
    assert sent is not None
    assert len(found) == int(sent[1]) > 0.8 * SECONDS * 30
    assert len(set(found)) > len(found) / 2
    shown = re.search(r"^pictures: (\d+) shown", said, re.MULTILINE)
    assert shown is not None
    assert shown[1] == sent[1]
