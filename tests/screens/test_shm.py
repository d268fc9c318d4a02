"""Pictures in shared memory, read by another process."""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.schema.errors import ConfigError, TransportError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.schema.show import Screen
from engine.screens import shm
from engine.screens._ring import Ring, path_of

SIZE = Size(height=120, width=208)
READER = Path(__file__).parents[2] / "tools/receivers/shm_reader.py"


@pytest.fixture
def name() -> Iterator[str]:
    name = f"test-{os.getpid()}"
    yield name
    path_of(name, "test").unlink(missing_ok=True)


def make(name: str, slots: int = 16, size: Size = SIZE) -> Ring:
    options = shm.Options(slots=slots)
    made = shm.create(Screen(kind="shm", host=name, options=options), size, fps=30, name="a", say=print)
    assert isinstance(made, Ring)
    return made


def show(ring: Ring, number: int, size: Size = SIZE) -> None:
    ring.show(Image(np.full((size.height, size.width), number % 256, np.uint8)), number, 33 * number)


def reader(name: str, *lines: str, patience: float = 0.3) -> subprocess.Popen[str]:
    """Another process that runs `lines` for each `frame, milliseconds, width, pixels`, until none comes any more."""
    code = [
        f"import sys; sys.path.insert(0, {str(READER.parent)!r})",
        "from shm_reader import pictures",
        f"for frame, milliseconds, width, pixels in pictures({str(path_of(name, 'test'))!r}, {patience}):",
        *(f"    {line}" for line in lines),
    ]
    return subprocess.Popen([sys.executable, "-c", "\n".join(code)], stdout=subprocess.PIPE, text=True)


TELL = "print(frame, milliseconds, width, len(pixels), min(pixels), max(pixels), flush=True)"


def test_it_is_laid_out_as_is_said(name: str) -> None:
    with closing(make(name, slots=4, size=Size(height=2, width=3))) as ring:
        for number in range(6):
            show(ring, number, Size(height=2, width=3))
        data = path_of(name, "test").read_bytes()
    head = struct.unpack_from("<8sIIQIIIIQd", data)
    assert (*head[:3], *head[4:]) == (b"FIGURANT", 1, 1, 2, 3, 4, 64, 6, 30.0)
    assert len(data) == 64 + 4 * 64
    for number, slot in ((5, 1), (4, 0), (3, 3), (2, 2)):
        start = 64 + slot * 64
        assert struct.unpack_from("<Qqq", data, start) == (2 * (number + 1), number, 33 * number)
        assert data[start + 32 : start + 38] == bytes([number] * 6)


def test_another_process_gets_every_frame_whole_and_in_order(name: str) -> None:
    with closing(make(name)) as ring, reader(name, TELL) as other:
        assert other.stdout is not None
        show(ring, 0)
        lines = [other.stdout.readline()]  # it is there
        for number in range(1, 300):
            show(ring, number)
            if number % 10 == 0:
                time.sleep(0.005)
            if number % 10 == 9:
                lines += [other.stdout.readline() for _ in range(10 if number > 9 else 9)]
        ring.close()
        lines += other.stdout.readlines()
    assert lines == [f"{n} {33 * n} 208 24960 {n % 256} {n % 256}\n" for n in range(300)]


def test_pictures_are_never_torn_however_fast_they_come(name: str) -> None:
    with closing(make(name, slots=2)) as ring, reader(name, TELL) as other:
        assert other.stdout is not None
        number, began = 0, time.monotonic()
        while time.monotonic() - began < 0.3:
            show(ring, number)
            number += 1
        ring.close()
        rows = [[int(word) for word in line.split()] for line in other.stdout]
    assert rows
    frames = [row[0] for row in rows]
    assert frames == sorted(set(frames))
    assert all(row == [row[0], 33 * row[0], 208, 24960, row[0] % 256, row[0] % 256] for row in rows)


def test_a_reader_that_is_killed_leaves_nothing(name: str) -> None:
    with closing(make(name)) as ring:
        for _ in range(3):
            with reader(name, TELL) as other:
                assert other.stdout is not None
                show(ring, 1)
                assert other.stdout.readline().startswith("1 ")
                other.send_signal(signal.SIGKILL)
        show(ring, 2)
        with pytest.raises(TransportError, match="pictures of another show; expected a name that is free"):
            make(name)
    assert not path_of(name, "test").exists()


def test_an_engine_that_is_killed_blocks_nobody_and_its_readers_find_the_next_one(name: str) -> None:
    code = [
        "import time, numpy as np",
        "from pathlib import Path",
        "from engine.schema.frame import Image",
        "from engine.schema.model import Size",
        "from engine.screens._ring import Ring",
        f"ring = Ring(Path({str(path_of(name, 'test'))!r}), Size(height=8, width=9), slots=4, fps=30)",
        "ring.show(Image(np.full((8, 9), 77, np.uint8)), 5, 0)",
        "print('ready', flush=True)",
        "time.sleep(60)",
    ]
    with subprocess.Popen([sys.executable, "-c", "\n".join(code)], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "ready\n"
        with reader(name, TELL, patience=1.0) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "5 0 9 72 77 77\n"
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            assert path_of(name, "test").exists()
            with closing(make(name)) as ring:
                show(ring, 6)
                assert other.stdout.readline() == "6 198 208 24960 6 6\n"


def test_it_is_removed_in_the_end_and_closing_twice_is_harmless(name: str) -> None:
    ring = make(name)
    show(ring, 1)
    assert ring.counters == (1, 0, 0)
    assert ring.place == f"shared memory {path_of(name, 'test')}"
    ring.close()
    ring.close()
    show(ring, 2)
    assert not path_of(name, "test").exists()
    make(name).close()


@pytest.mark.parametrize("bad", ["", "a/b", "..", "a b", "x" * 33, "\u00e9"])
def test_a_name_that_no_file_can_have_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match=r"up to 32 letters, digits, - and _"):
        make(bad)


def test_what_is_no_file_is_not_followed(name: str, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("all I have")
    path_of(name, "test").symlink_to(precious)
    with pytest.raises(TransportError, match="expected a file that can be made there"):
        make(name)
    assert precious.read_text() == "all I have"
