"""Does `engine serve` stream what it promises? Asked of other programs: liblo's oscdump, then a bare socket.

First the very command of the README, with oscdump on the port that it sends to by default: the frames are counted, and
their numbers must rise. Then a few seconds to a socket, which sees how long each datagram is, and whether what is told
of signs and paths can be true. Needs the engine and
oscdump (Debian: liblo-tools), nothing else.

    python tools/check_stream.py --seconds 20
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

PORT = 9100
"""Where `engine serve` sends to unless it is told otherwise."""

FPS = 30

SLACK = 2
"""Frames by which the count may differ."""

LONGEST = 1472
"""Bytes of a datagram that one Ethernet frame holds."""

SIZES_SECONDS = 5
"""Two announcements and five reports of the state are among the datagrams."""

PATIENCE = 10.0
"""Seconds until oscdump has opened its port, and until a first start has compiled."""

FRAME = "/engine/p1/frame"

WHOLE = 1e-3
"""By which the probabilities of all signs together may differ from 1: they are float32."""


def sequences(lines: Iterable[str]) -> list[int]:
    """Numbers of the frames, each once, among oscdump's lines `TIME ADDRESS TYPES VALUES...`."""
    words = (line.split() for line in lines)
    return each_once([int(found[3]) for found in words if found[1:3] == [FRAME, "ii"]])


def each_once(numbers: Sequence[int]) -> list[int]:
    """The numbers without those that repeat the one before: every datagram of a frame begins with its number."""
    return [number for number, before in zip(numbers, [None, *numbers], strict=False) if number != before]


def faults(numbers: Sequence[int], expected: int) -> list[str]:
    """What is wrong with the numbers of the frames that arrived."""
    found = []
    if abs(len(numbers) - expected) > SLACK:
        found.append(f"{len(numbers)} frames; expected {expected} +- {SLACK}")
    found += [f"frame {later} after {earlier}" for earlier, later in pairwise(numbers) if later <= earlier]
    return found


def too_long(datagrams: Iterable[bytes]) -> list[str]:
    """The datagrams that no Ethernet frame holds."""
    return [f"a datagram of {len(data)} bytes; expected at most {LONGEST}" for data in datagrams if len(data) > LONGEST]


def serve(*arguments: str) -> list[str]:
    """The command line of `engine serve` of this Python."""
    return [str(Path(sys.executable).with_name("engine")), "serve", "--fps", str(FPS), *arguments]


def dumped(arguments: Sequence[str], seconds: int) -> list[int]:
    """Numbers of the frames that oscdump heard while the engine served for so long."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as heard:
        dump = subprocess.Popen(["oscdump", "-L", str(PORT)], stdout=heard)
        try:
            _wait_for_port()
            subprocess.run(serve(*arguments, "--for", f"{seconds}s"), check=True)
            time.sleep(0.5)
        finally:
            dump.terminate()
            dump.wait()
        heard.seek(0)
        return sequences(heard)


def _wait_for_port() -> None:
    """Return when somebody listens to the port; a datagram sent before would be lost."""
    wanted = f":{PORT:04X} "
    tables = [path for path in (Path("/proc/net/udp"), Path("/proc/net/udp6")) if path.exists()]
    end = time.monotonic() + PATIENCE
    while not any(wanted in table.read_text() for table in tables):
        if time.monotonic() > end:
            raise SystemExit(f"oscdump does not listen to port {PORT}")
        time.sleep(0.05)


def received(arguments: Sequence[str], seconds: int) -> Iterator[bytes]:
    """The datagrams of a show of so many seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.1)
        out = f"native://127.0.0.1:{listener.getsockname()[1]}"
        engine = subprocess.Popen(serve(*arguments, "--out", out, "--for", f"{seconds}s"))
        try:
            over = False
            while not over:
                over = engine.poll() is not None  # asked before, so that what arrived meanwhile is still read
                yield from _arrived(listener)
        finally:
            engine.terminate()
        if engine.wait():
            raise SystemExit(f"engine serve ended with {engine.returncode}")


def _arrived(listener: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            yield listener.recv(65536)
        except TimeoutError:
            return


def numbered(datagrams: Iterable[bytes]) -> list[int]:
    """Numbers of the first performer's frames, each once."""
    return each_once([values[0] for address, values in _messages(datagrams) if address == FRAME])  # type: ignore[misc]


def untrue(datagrams: Iterable[bytes]) -> list[str]:
    """What cannot be of the signs that are read and of the paths, each once."""
    found: dict[str, None] = {}
    sizes: dict[str, int] = {}
    for address, values in _messages(datagrams):
        if fault := _fault(address, values, sizes):
            found[f"{address}: {fault}"] = None
    return list(found)


def _fault(address: str, values: Sequence[object], sizes: dict[str, int]) -> str:
    """What is wrong with a message; '' where nothing is, or where nothing is known of its address."""
    numbers = [value for value in values if isinstance(value, float)]
    if address == "/engine/sign/label":
        good = len(values) == 2 and isinstance(values[0], str) and len(numbers) == 1 and 0 <= numbers[0] <= 1
        return "" if good else f"{values}; expected a word and its certainty"
    if address.endswith("/path"):
        good = len(numbers) == len(values) in (2, 3) and all(-1 <= number <= 1 for number in numbers)
        return "" if good else f"{values}; expected 2 or 3 numbers from -1 to 1"
    if address != "/engine/sign/probabilities":
        return ""
    if len(numbers) != sizes.setdefault(address, len(numbers)):
        return f"{len(numbers)} numbers; there were {sizes[address]} before"
    good = len(numbers) == len(values) and all(0 <= number <= 1 for number in numbers)
    return "" if good and abs(sum(numbers) - 1) < WHOLE else f"no probabilities, their sum is {sum(numbers):g}"


def _messages(datagrams: Iterable[bytes]) -> Iterator[tuple[str, Sequence[object]]]:
    """Address and arguments of each message."""
    for data in datagrams:
        for message in OscBundle(data) if OscBundle.dgram_is_bundle(data) else [OscMessage(data)]:
            yield message.address, message.params


def main(arguments: Sequence[str] | None = None) -> int:
    """Check; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="what to serve; else the bundled dance")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--without-oscdump", action="store_true", help="look at the datagrams only")
    options = parser.parse_args(arguments)
    model = [options.model] if options.model else []
    wrong = []
    if not options.without_oscdump:
        numbers = dumped(model, options.seconds)
        print(f"oscdump: {len(numbers)} frames in {options.seconds} s")
        wrong += faults(numbers, FPS * options.seconds)
    seconds = min(options.seconds, SIZES_SECONDS)
    datagrams = list(received(model, seconds))
    print(f"socket: {len(datagrams)} datagrams in {seconds} s, the longest {max(map(len, datagrams), default=0)} bytes")
    wrong += too_long(datagrams) + faults(numbered(datagrams), FPS * seconds) + untrue(datagrams)
    for line in wrong:
        print(f"wrong: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
