"""A show that is recorded as it is played: in real time, killed, and onto a disk that is full."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from live.listening import Ears, bound
from live.paced import LateError, paced
from live.receiving import ENGINE, PATIENCE

from engine.takes.reader import Take
from engine.takes.values import Taken
from engine.wire import osc

pytestmark = pytest.mark.live

PERFORMERS, FPS = 8, 60

LOST = 0.3
"""Seconds of a show that may be missing after `kill -9`."""


@contextmanager
def serving(port: int, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [ENGINE, "serve", "--performers", str(PERFORMERS), "--fps", str(FPS), "--oscquery", "0"]
    command += ["--out", f"native://127.0.0.1:{port}", "--takes", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def played(folder: Path, *options: str) -> tuple[str, Sequence[tuple[int, dict[str, list[object]]]]]:
    """Ten seconds: what the command said, and the messages of each frame that came."""
    [listener] = bound()
    port = listener.getsockname()[1]
    with Ears([listener]) as ears:
        with serving(port, folder, "--control", "0", "--for", "10s", *options) as process:
            said, complained = process.communicate(timeout=60)
        time.sleep(0.3)
        assert (process.returncode, complained) == (0, "")
        heard = [message for message in ears.messages(port) if "/state/" not in message.address]
    found = dict[int, dict[str, list[object]]]()
    number = -1
    for message in heard:
        if message.address.endswith("/frame"):
            number = int(str(message.values[0]))
        found.setdefault(number, {})[message.address] = message.values
    return said, sorted(found.items())


def late(said: str) -> int:
    """Frames that left late or not at all."""
    [line] = [line for line in said.splitlines() if " late, " in line]
    words = line.split()
    return int(words[0]) + int(words[2])


def whole(path: Path) -> list[Taken]:
    take = Take(path)
    found = list(take.frames())
    assert (take.complete, take.damage) == (True, "")
    return found


@paced
def test_ten_seconds_of_eight_performers(tmp_path: Path) -> None:
    """Whatever else the machine does shows in both runs; recording may add a frame in a hundred at most."""
    without, _ = played(tmp_path)
    assert not list(tmp_path.iterdir())
    said, heard = played(tmp_path, "--record")
    if late(said) > late(without) + FPS * 10 // 100:
        raise LateError(f"{without}\n{said}")
    [path] = tmp_path.iterdir()
    taken = whole(path)
    assert f"recorded: {len(taken)} frames in 1 file" in said
    assert " 0 dropped" in said
    frames = {each.frame.sequence: each.frame for each in taken}
    assert [number for number, _ in heard if number >= 0] == list(frames)
    for number, messages in heard[len(heard) // 2 :: 7]:
        frame = frames[number]
        for row, performer in enumerate(frame.performers):
            for word, array in (
                ("pos", frame.pose.positions),
                ("root", frame.pose.root),
                ("rot", frame.pose.rotations),
            ):
                assert array is not None
                got = np.array(messages[f"/engine/p{performer}/{word}"], np.float32)
                assert (got == array[row].ravel()).all()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_show_that_is_ended_leaves_a_whole_take(tmp_path: Path, number: signal.Signals) -> None:
    with bound()[0] as listener:
        listener.settimeout(PATIENCE)
        with serving(listener.getsockname()[1], tmp_path, "--record", "--control", "0") as process:
            listener.recv(65536)
            time.sleep(1.0)
            process.send_signal(number)
            began = time.monotonic()
            assert process.wait(timeout=5) == 0
            assert time.monotonic() - began < 2
    [path] = tmp_path.iterdir()
    assert len(whole(path)) > FPS // 2


def test_what_a_killed_show_has_written_is_there(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        [listener] = bound()
        port = listener.getsockname()[1]
        with Ears([listener]) as ears:
            with serving(port, folder, "--record", "--control", "0") as process:
                ears.wait(port, PATIENCE)
                time.sleep(float(random.uniform(0.8, 1.8)))
                process.kill()
                process.wait()
            time.sleep(0.2)
            last = max(int(str(each.values[0])) for each in ears.messages(port) if each.address.endswith("/frame"))
        [path] = folder.iterdir()
        sequences = [taken.frame.sequence for taken in Take(path).frames()]
        assert sequences == sorted(set(sequences))
        assert last - sequences[-1] <= LOST * FPS, f"{(last - sequences[-1]) / FPS:.2f} s lost"


class Small:
    """A file system of some megabytes."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path / "disk", 40)
    yield made
    made.unmount()


def states(heard: Iterator[object]) -> list[str]:
    """What the state of the recording was, each once."""
    told = [str(each.values[0]) for each in heard if each.address == "/engine/state/recording"]  # type: ignore[attr-defined]
    return [word for word, _ in groupby(word.partition(",")[0] if "MB" in word else word for word in told)]


def test_a_full_disk_does_not_end_the_show_and_recording_goes_on_when_there_is_room(disk: Small) -> None:
    full = disk.folder / "full"
    room = os.statvfs(disk.folder)
    full.write_bytes(bytes(room.f_bavail * room.f_bsize - (1 << 20)))  # leaves 3 s of 8 performers
    [listener] = bound()
    port = listener.getsockname()[1]
    with Ears([listener]) as ears:
        with serving(port, disk.folder / "takes", "--record", "--control", "0") as process:
            ears.wait(port, PATIENCE)
            time.sleep(5.0)
            assert process.poll() is None
            told = states(ears.messages(port))
            assert told[-1] == "disk full, not recording"
            [first] = (disk.folder / "takes").iterdir()
            before = whole(first)
            assert len(before) > FPS
            full.unlink()
            time.sleep(4.0)
            process.send_signal(signal.SIGINT)
            said, complained = process.communicate(timeout=5)
        assert (process.returncode, complained) == (0, "")
        told = states(ears.messages(port))
    first, second = sorted((disk.folder / "takes").iterdir())
    assert told[-1] == second.name
    assert [taken.frame.sequence for taken in whole(first)] == [taken.frame.sequence for taken in before]
    after = [taken.frame.sequence for taken in whole(second)]
    assert after == list(range(after[0], after[-1] + 1))
    assert len(after) > FPS
    assert "disk full, not recording" in said


def test_a_control_records_from_one_moment_to_another(tmp_path: Path) -> None:
    [listener], control = bound(), bound()[0]
    port, heard = listener.getsockname()[1], control.getsockname()[1]
    control.close()
    with Ears([listener]) as ears, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
        with serving(port, tmp_path, "--control", str(heard), "--for", "5s") as process:
            ears.wait(port, PATIENCE)
            for value in (1, 0):
                time.sleep(1.0)
                hand.sendto(osc.encode("/engine/ctl/record", value), ("127.0.0.1", heard))
            assert process.wait(timeout=20) == 0
        told = states(ears.messages(port))
    [path] = tmp_path.iterdir()
    assert len(whole(path)) == pytest.approx(FPS, abs=10)
    assert told == ["", path.name, ""]
