"""A cable that is pulled for two seconds and put back, between two network namespaces: no burst of old frames."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from live.receiving import ENGINE, PATIENCE, need

pytestmark = pytest.mark.live

PORT = 9100
PULLED = 2.0
STALE = 0.1
"""Seconds of age; a frame travels in less than a millisecond."""

MOST_STALE = 2
"""Datagrams that the kernel may have taken before anybody could know."""


class Cable(NamedTuple):
    """Two namespaces, and the devices at the ends of the wire between them."""

    engine: str
    receiver: str
    ends: tuple[tuple[str, str], tuple[str, str]]


class Arrival(NamedTuple):
    """Of one datagram: seconds of the system's clock, and its frame's number and milliseconds."""

    time: float
    number: int
    milliseconds: int


@pytest.fixture
def cable() -> Iterator[Cable]:
    """A wire; without the right to make one the test is skipped."""
    ip = need("ip", "iproute2")
    engine, receiver = (f"figurant-{side}-{os.getpid()}" for side in ("engine", "receiver"))
    if (refusal := _ip(ip, f"netns add {engine}")) is not None:
        pytest.skip(f"no network namespace: {refusal}")
    try:
        for command in (
            f"netns add {receiver}",
            f"link add near netns {engine} type veth peer name far netns {receiver}",
            f"-n {engine} address add 10.77.0.1/24 dev near",
            f"-n {receiver} address add 10.77.0.2/24 dev far",
            f"-n {engine} link set near up",
            f"-n {receiver} link set far up",
        ):
            if (refusal := _ip(ip, command)) is not None:
                pytest.skip(f"no wire between network namespaces: ip {command}: {refusal}")
        yield Cable(engine, receiver, ((engine, "near"), (receiver, "far")))
    finally:
        _ip(ip, f"netns delete {engine}")
        _ip(ip, f"netns delete {receiver}")


def _ip(ip: str, command: str) -> str | None:
    """Run a command of iproute2: what it complained about."""
    done = subprocess.run([ip, *command.split()], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


@contextlib.contextmanager
def within(namespace: str, said: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a namespace that writes to the file `said`; it is ended behind the block."""
    with (
        said.open("w") as out,  # a pipe that nobody empties would hold the program up
        subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=out) as program,
    ):
        try:
            yield program
        finally:
            program.terminate()


def _wait_for_lines(said: Path, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while said.read_text().count("\n") < count:
        assert time.monotonic() < end, f"fewer than {count} lines in {said}"
        time.sleep(0.02)


@pytest.mark.parametrize("performers", [1, 8])
@pytest.mark.parametrize("end", [0, 1], ids=["pulled at the engine", "pulled at the receiver"])
def test_a_pulled_cable_brings_no_burst(tmp_path: Path, cable: Cable, end: int, performers: int) -> None:
    namespace, device = cable.ends[end]
    show = [ENGINE, "serve", "--fps", "60", "--performers", str(performers), "--for", "7s"]
    listener, heard = [sys.executable, str(Path(__file__).with_name("arrivals.py")), str(PORT)], tmp_path / "heard"
    with within(cable.receiver, heard, *listener):
        _wait_for_lines(heard, 1)  # it listens
        with within(cable.engine, tmp_path / "said", *show, "--out", f"native://10.77.0.2:{PORT}") as engine:
            _wait_for_lines(heard, 2)  # the show has begun
            time.sleep(2)
            assert _ip("ip", f"-n {namespace} link set {device} down") is None
            time.sleep(PULLED)
            assert _ip("ip", f"-n {namespace} link set {device} up") is None
            engine.wait(timeout=20)
        time.sleep(0.2)
    arrivals = [_arrival(line) for line in heard.read_text().splitlines()[1:]]
    pause = max(later.time - earlier.time for earlier, later in pairwise(arrivals))
    assert PULLED - 0.2 < pause < PULLED + 1
    assert arrivals[-1].number == pytest.approx(7 * 60, abs=3)
    assert all(later.number >= earlier.number for earlier, later in pairwise(arrivals))
    start = min(arrival.time - arrival.milliseconds / 1000 for arrival in arrivals)
    ages = [arrival.time - arrival.milliseconds / 1000 - start for arrival in arrivals]
    assert len([age for age in ages if age > STALE]) <= MOST_STALE


def _arrival(line: str) -> Arrival:
    seconds, number, milliseconds = line.split()
    return Arrival(float(seconds), int(number), int(milliseconds))
