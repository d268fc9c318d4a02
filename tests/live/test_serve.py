"""The command as an artist runs it: a process, real time, a real socket."""

import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
import toy

from engine.contracts import MAX_DATAGRAM

pytestmark = pytest.mark.live

ENGINE = str(Path(sys.executable).with_name("engine"))
FRAME = re.compile(rb"/engine/p1/frame\0+,ii\0(........)", re.DOTALL)


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(20)
        yield made


@contextlib.contextmanager
def serving(folder: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    model = toy.write(folder / "toy.onnx")
    command = [ENGINE, "serve", str(model), "--fps", "30", "--out", f"native://127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def take(receiver: socket.socket, process: subprocess.Popen[str]) -> list[tuple[float, bytes]]:
    """Every datagram with the time of its arrival, until the process has ended."""
    taken: list[tuple[float, bytes]] = []
    while True:
        try:
            taken.append((time.perf_counter(), receiver.recv(65536)))
        except TimeoutError:
            if process.poll() is not None:
                return taken
        receiver.settimeout(0.2)


def forget(receiver: socket.socket) -> None:
    """Drop what has arrived so far."""
    receiver.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            receiver.recv(65536)
    receiver.settimeout(5)


def numbers(datagrams: list[bytes]) -> list[tuple[int, int]]:
    """Sequence and milliseconds of each frame; all of its datagrams, which follow each other, carry them."""
    found = [struct.unpack(">ii", match[1]) for datagram in datagrams if (match := FRAME.search(datagram))]
    return [frame for frame, _ in groupby(found)]


def test_five_seconds_at_thirty_frames(tmp_path: Path, receiver: socket.socket) -> None:
    with serving(tmp_path, receiver.getsockname()[1], "--for", "5s") as process:
        taken = take(receiver, process)
        said, complained = process.communicate(timeout=5)
    assert (process.returncode, complained) == (0, "")
    frames = numbers([datagram for _, datagram in taken])
    sequences = [sequence for sequence, _ in frames]
    assert len(frames) == pytest.approx(150, abs=2)
    assert sequences == sorted(set(sequences))
    assert all(abs(milliseconds - sequence * 1000 / 30) <= 0.5 for sequence, milliseconds in frames)
    assert max(len(datagram) for _, datagram in taken) <= MAX_DATAGRAM
    assert re.search(r"^1(49|50|51) frames in [45]\.\d s at 30 fps$", said, re.MULTILINE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_show_within_two_seconds(
    tmp_path: Path, receiver: socket.socket, number: signal.Signals
) -> None:
    with serving(tmp_path, receiver.getsockname()[1]) as process:
        receiver.recv(65536)
        time.sleep(0.5)
        process.send_signal(number)
        began = time.perf_counter()
        said, complained = process.communicate(timeout=5)
        assert time.perf_counter() - began < 2
    assert (process.returncode, complained) == (0, "")
    assert "frames in" in said
    assert b"stopped" in take(receiver, process)[-1][1]


def test_a_receiver_that_comes_late_learns_the_joints(tmp_path: Path, receiver: socket.socket) -> None:
    port = receiver.getsockname()[1]
    with serving(tmp_path, port, "--for", "4s"):
        receiver.recv(65536)
        time.sleep(0.5)
        forget(receiver)
        began = time.perf_counter()
        while b"/engine/p1/skeleton/names" not in receiver.recv(65536):
            assert time.perf_counter() - began < 2.2


def test_nobody_listening_is_no_fault(tmp_path: Path) -> None:
    with serving(tmp_path, 9, "--for", "1s") as process:
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, complained) == (0, "")
    assert "0 refused" in said


def test_oscdump_counts_every_frame(tmp_path: Path, receiver: socket.socket) -> None:
    oscdump = shutil.which("oscdump")
    if oscdump is None:
        reason = "no oscdump (liblo-tools)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    port = receiver.getsockname()[1]
    receiver.close()
    with subprocess.Popen([oscdump, "-L", str(port)], stdout=subprocess.PIPE, text=True) as dump:
        with serving(tmp_path, port, "--for", "3s") as process:
            process.wait(timeout=20)
        time.sleep(0.3)
        dump.terminate()
        lines = dump.communicate(timeout=5)[0].splitlines()
    sequences = [
        frame for frame, _ in groupby(int(line.split()[-2]) for line in lines if "/engine/p1/frame ii " in line)
    ]
    assert len(sequences) == pytest.approx(90, abs=2)
    assert sequences == sorted(set(sequences))
    assert any("/engine/p1/space sssf" in line for line in lines)
