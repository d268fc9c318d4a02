"""How long a start takes: from the command to the first datagram, and `import engine`, each as a process of its own."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.bench.results import Start
from engine.schema.errors import TransportError

PATIENCE = 120.0
"""Seconds until a first start, which compiles, must have sent something."""

RUNS = 5


def measure(runs: int = RUNS) -> Start:
    """Medians of so many starts of the bundled dance, after one that compiles and fills the caches.

    Raises:
        TransportError: a start sends nothing.
    """
    first_datagram()
    datagrams, imports = [], []
    for _ in range(runs):
        datagrams.append(first_datagram())
        imports.append(importing())
    return Start(
        first_datagram_s=round(statistics.median(datagrams), 3),
        import_s=round(statistics.median(imports), 3),
        runs=runs,
    )


def first_datagram() -> float:
    """Seconds from the start of the command to the arrival of its first datagram."""
    begin = time.perf_counter()
    with serving(("--for", "1s")) as (listener, _):
        hear(listener)
        return time.perf_counter() - begin


def importing() -> float:
    """Seconds that Python takes to import the engine and end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import engine"], check=True)
    return time.perf_counter() - begin


@contextmanager
def serving(options: Sequence[str]) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    """An `engine serve` of the bundled dance, and a socket that hears its frames; nobody can steer it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(PATIENCE)
        out = f"native://127.0.0.1:{listener.getsockname()[1]}"
        command = [*program(), "serve", "--control", "0", "--oscquery", "0", "--out", out, *options]
        engine = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (likewise)
        try:
            yield listener, engine
        finally:
            engine.terminate()
            engine.wait()


def program() -> list[str]:
    """The command `engine`, by this very Python."""
    script = Path(sys.executable).with_name("engine")
    return [str(script)] if script.exists() else [sys.executable, "-c", "from engine.cli import main; main()"]


def hear(listener: socket.socket) -> bytes:
    """The next datagram.

    Raises:
        TransportError: none came.
    """
    try:
        return listener.recv(2**16)
    except TimeoutError as error:
        raise TransportError("engine serve", f"nothing in {PATIENCE:g} s", "datagrams") from error
