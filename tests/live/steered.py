"""A show that is steered while it plays, and what its receivers hear of it."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from live.listening import Ears, bound
from live.receiving import ENGINE, PATIENCE, free_port
from numpy.typing import NDArray

from engine.wire import osc

SECOND_THOUGHTS = 5.0
"""Seconds in which what was asked for must have happened."""


class Frames(NamedTuple):
    """What one performer did.

    Attributes:
        numbers: (N,) of the frames, rising.
        times: (N,) of their arrival, seconds of the system's clock.
        positions: (N, J, 3) metres.
    """

    numbers: NDArray[np.int64]
    times: NDArray[np.float64]
    positions: NDArray[np.float64]


class Steered(NamedTuple):
    """A show that plays.

    Attributes:
        engine: the process.
        ears: hear its native receiver, and its echoes.
        port: where its native receiver listens.
        echoes: where a subscriber may listen.
        control: the port that it listens at.
        tree: the port of its tree.
    """

    engine: subprocess.Popen[str]
    ears: Ears
    port: int
    echoes: int
    control: int
    tree: int

    def send(self, address: str, *arguments: float | str, source: str = "127.0.0.1", times: int = 1) -> None:
        """Send a message from an address of this machine, so often."""
        datagram = osc.encode(address, *arguments)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind((source, 0))
            for _ in range(times):
                asking.sendto(datagram, ("127.0.0.1", self.control))

    def ask(self, path: str) -> Any:
        """What the tree says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.tree}{path}", timeout=5) as answer:
            return json.load(answer)

    def value(self, name: str) -> Any:
        """The value of a control of the act, such as `temperature`."""
        return self.ask(f"/engine/ctl/{name}?VALUE")["VALUE"][0]

    def frames(self, number: int = 1) -> Frames:
        """What a performer has done so far."""
        numbers: list[object] = []
        times: list[float] = []
        positions: list[list[object]] = []
        sequence: object = -1
        for at, address, values in self.ears.messages(self.port):
            if address == f"/engine/p{number}/frame":
                (sequence, _) = values
            elif address == f"/engine/p{number}/pos":
                numbers.append(sequence)
                times.append(at)
                positions.append(values)
        bodies = np.array(positions, np.float64).reshape(len(numbers), -1, 3)
        return Frames(np.array(numbers, dtype=np.int64), np.array(times), bodies)

    def heard(self, address: str, port: int | None = None) -> list[list[object]]:
        """Everything that came to an address, in order."""
        return [each.values for each in self.ears.messages(port or self.port) if each.address == address]

    def late(self) -> float:
        """Frames up to now that were more than 1 ms late, as the engine itself counts them."""
        return float(str(self.heard("/engine/state/late")[-1][0]))

    def end(self) -> str:
        """End the show and give what it said."""
        self.engine.terminate()
        said, complained = self.engine.communicate(timeout=10)
        assert (self.engine.returncode, complained) == (0, "")
        return said


@contextmanager
def playing(folder: Path, text: str = "", *options: str) -> Iterator[Steered]:
    """A show of which `text` is the file, with a native receiver; it plays when the block begins."""
    with ExitStack() as opened:
        sockets = bound(2)
        port, echoes = (each.getsockname()[1] for each in sockets)
        ears = opened.enter_context(Ears(sockets))
        control, tree = free_port(), free_port()
        show = folder / "show.toml"
        show.write_text(f'{text}\n[[outputs]]\nurl = "native://127.0.0.1:{port}"\n')
        command = [ENGINE, "serve", str(show), "--fps", "30", "--control", str(control), "--oscquery", str(tree)]
        engine = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        opened.enter_context(engine)
        opened.callback(engine.kill)
        ears.wait(port, PATIENCE)
        yield Steered(engine, ears, port, echoes, control, tree)


def until(true: Callable[[], object], what: str, seconds: float = SECOND_THOUGHTS) -> None:
    """Return when something has become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)
