"""What the tests with other people's programs share: a program that listens, a show, and a witness of what was sent."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from check_stream import each_once

from engine.wire.decode import decode

ENGINE = str(Path(sys.executable).with_name("engine"))
RECEIVERS = Path(__file__).parents[2] / "tools" / "receivers"

FPS = 30
SECONDS = 10

PATIENCE = 20.0
"""Seconds until a program must have opened its port."""

JOINTS = [
    *("pelvis", "chest", "neck", "head"),
    *("l_shoulder", "l_elbow", "l_wrist", "l_hand"),
    *("r_shoulder", "r_elbow", "r_wrist", "r_hand"),
    *("l_hip", "l_knee", "l_ankle", "l_toe"),
    *("r_hip", "r_knee", "r_ankle", "r_toe"),
]
"""Of the bundled dancer."""

HEADROOM = (0.4, 2.3)
"""Metres between which a dancer's head moves."""


def need(program: str, package: str) -> str:
    """The path of a program; without it the test is skipped, or failed where CI is set."""
    found = shutil.which(program)
    if found is None:
        reason = f"no {program} (Debian: {package})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])


def with_port(receiver: str, port: int, folder: Path) -> Path:
    """A copy of a shipped receiver that listens to `port` instead of 9100."""
    copied = folder / receiver
    copied.write_text((RECEIVERS / receiver).read_text().replace("9100", str(port)))
    return copied


@contextlib.contextmanager
def listening(command: Sequence[str], port: int, heard: Path) -> Iterator[None]:
    """A program that listens to `port` and writes what it hears to the file `heard`; it is ended behind the block."""
    extra = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}  # no screen; and root has no sandbox
    with (
        heard.open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | extra) as program,
    ):
        try:
            _wait_for(port, program, heard)
            yield
            time.sleep(0.5)
        finally:
            program.kill()


def played(port: int, query: str = "") -> list[int]:
    """Play to `port` for ten seconds, and to a witness: the numbers of the frames that were sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as witness:
        witness.bind(("127.0.0.1", 0))
        witness.settimeout(0.2)
        outs = [f"native://127.0.0.1:{to}" for to in (witness.getsockname()[1], f"{port}{query}")]
        command = [ENGINE, "serve", "--fps", str(FPS), "--for", f"{SECONDS}s", "--out", outs[0], "--out", outs[1]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as engine:
            sent = _frames(witness, engine)
            _, complained = engine.communicate(timeout=5)
    assert (engine.returncode, complained) == (0, "")
    assert len(sent) == pytest.approx(FPS * SECONDS, abs=2)
    return sent


def _frames(witness: socket.socket, engine: subprocess.Popen[str]) -> list[int]:
    found: list[int] = []
    while True:
        try:
            messages = decode(witness.recv(65536))
        except TimeoutError:
            if engine.poll() is not None:
                return each_once(found)
            continue
        found += [number for name, (number, *_) in messages if name.endswith("/frame") and isinstance(number, int)]


def _wait_for(port: int, program: subprocess.Popen[bytes], heard: Path) -> None:
    """Return when somebody listens to the port; a datagram sent before would be lost."""
    wanted = f":{port:04X} "
    tables = [path for path in (Path("/proc/net/udp"), Path("/proc/net/udp6")) if path.exists()]
    end = time.monotonic() + PATIENCE
    while not any(wanted in table.read_text() for table in tables):
        if program.poll() is not None or time.monotonic() > end:
            pytest.fail(f"nobody listens to port {port}:\n{heard.read_text()[-2000:]}")
        time.sleep(0.05)
