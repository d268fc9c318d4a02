"""How long a frame takes, from the model's input to the datagram in the kernel, hot and paced like a show.

On one core and one thread: the engine's own act, native encoder and UDP sender play the reference model R1 and every
bundled model; PyTorch steps a network of R1's shape in the same run, in turns of two seconds. Hot is a loop without a
pause. Paced is 60 frames a second, which is what a show costs: between two frames the caches grow cold.

    python tools/bench_tick.py --seconds 20 --json tick.json

Exits with 1 unless R1, paced, takes less than a millisecond at the median.
"""

import argparse
import json
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from benching import Eager, Times, machine, pin
from rich.console import Console
from rich.table import Table

from engine import bundled, plugins
from engine.act import Act
from engine.bill import is_touch
from engine.contracts import Family, HeadOutput, Loaded, StepModel
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.outputs import native
from engine.priming import warm
from engine.runtime.clock import MonotonicClock
from engine.runtime.realtime import claim, undisturbed
from engine.runtime.ticker import Ticker
from engine.schema.controls import Controls
from engine.schema.frame import F32, Pose
from engine.schema.model import ModelSpec
from engine.transport.udp import UdpSender
from engine.bench import reference

FPS = 60.0

TURN = 120
"""Paced frames that one player has to itself before the next one's turn: two seconds."""

HOT = 2000
"""Frames of each player in the loop without a pause, in turns of a tenth."""

LIMIT = 1000.0
"""Microseconds that R1 may take at the median, paced."""

TOTAL = "total"

now = time.perf_counter_ns


class Player(Protocol):
    """Somebody whose frames are timed."""

    name: str

    def play(self) -> dict[str, int]:
        """Play one frame; nanoseconds of each part and of the `total`."""
        ...


class Marks:
    """A model and a family that note when each of their parts begins and ends; what lies between is the act's."""

    def __init__(self, model: StepModel, family: Family) -> None:
        self._model, self._family = model, family
        self.spec: ModelSpec = model.spec
        self.batch, self.performers = model.batch, family.performers
        self.times: list[int] = []
        self.state, self.put, self.restore, self.close = model.state, model.put, model.restore, model.close
        self.resized = model.resized
        self.features, self.place, self.enter, self.spread = family.features, family.place, family.enter, family.spread
        self.stand = family.stand

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:
        self.times = []
        self._family.encode(x, controls)
        self.times.append(now())

    def step(self, x: F32, u: F32, pi_temperature: F32, top_p: F32) -> HeadOutput:
        self.times.append(now())
        output = self._model.step(x, u, pi_temperature, top_p)
        self.times.append(now())
        return output

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:
        self.times.append(now())
        pose = self._family.decode(sample, controls)
        self.times.append(now())
        return pose


class Wire:
    """The engine: act, native output, UDP to a socket of this machine that nobody reads."""

    PARTS = ("input", "noise", "step", "sample", "decode", "guard", "encode", "send")

    def __init__(self, loaded: Loaded, name: str, port: int) -> None:
        self.name = name
        family = plugins.family(loaded.spec.family)(loaded, 1)
        primes = warm(lambda batch: OnnxModel(loaded, batch), family, loaded.arrays["primes"].astype("float32"))
        self._marks = Marks(OnnxModel(loaded, 1), family)
        self._act = Act(self._marks, self._marks, seed=1, primes=primes, freeze_speed=0.0)
        self._output = native.create(loaded.spec, (1,), "/engine", native.Options())
        self._sender = UdpSender("127.0.0.1", port)

    def play(self) -> dict[str, int]:
        begin = now()
        frame = self._act.tick()
        computed = now()
        datagrams = self._output.datagrams(frame)
        encoded = now()
        self._sender.send(datagrams)
        sent = now()
        moments = [begin, *self._marks.times, computed, encoded, sent]
        parts = [last - first for first, last in pairwise(moments)]
        return dict(zip(self.PARTS, parts, strict=True)) | {TOTAL: sent - begin}


class Torch:
    """PyTorch's step of a network of the same shape, alone: no sample, no body, no datagram."""

    def __init__(self, shape: reference.Reference) -> None:
        self.name = f"{shape.name}, PyTorch eager"
        self._eager = Eager(shape)

    def play(self) -> dict[str, int]:
        begin = now()
        self._eager.step()
        return {"step": now() - begin}


def measure(players: Sequence[Player], turns: int, length: int, fps: float | None) -> dict[str, dict[str, Times]]:
    """Let the players take turns of `length` frames, without a pause unless `fps`; percentiles by player and part."""
    kept: dict[str, dict[str, list[int]]] = {player.name: defaultdict(list) for player in players}
    clock = MonotonicClock()
    ticker = Ticker(fps or 1.0, start=clock.now_ns())
    frame = 0
    for _ in range(turns):
        for player in players:
            for _ in range(length):
                frame += 1
                if fps:
                    clock.sleep_until_ns(ticker.deadline(frame))
                for part, duration in player.play().items():
                    kept[player.name][part].append(duration)
    return {name: {part: Times.of(all_) for part, all_ in parts.items()} for name, parts in kept.items()}


def table(hot: Mapping[str, Mapping[str, Times]], paced: Mapping[str, Mapping[str, Times]], title: str) -> Table:
    """Both measurements beside each other, microseconds."""
    shown = Table(title=title, title_justify="left")
    for column in ("", "part", "hot p50", "hot p99", "paced p50", "paced p99"):
        shown.add_column(column, justify="right" if "p" in column and " " in column else "left")
    for name, parts in paced.items():
        for index, (part, times) in enumerate(parts.items()):
            figures = [f"{value:.1f}" for value in (*hot[name][part], *times)]
            style = "bold" if part == TOTAL else ""
            shown.add_row(name if index == 0 else "", part, *figures, style=style, end_section=index == len(parts) - 1)
    return shown


def players(folder: Path, models: Sequence[Path], port: int) -> list[Player]:
    """R1 first, then the models, then PyTorch where it is installed."""
    path = folder / "r1.onnx"
    reference.write(reference.R1, path)
    found: list[Player] = [Wire(load(path), reference.R1.name, port)]
    found += [Wire(load(model), f"{model.name}", port) for model in models]
    try:
        found.append(Torch(reference.R1))
    except ImportError:
        print("PyTorch is not installed and is left out", file=sys.stderr)
    return found


def main() -> int:
    """Run the benchmark; 1 if R1 is too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="paced seconds of each player")
    parser.add_argument("--model", type=Path, action="append", help="another model to play; may be repeated")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args()
    core = pin()
    dancers = [path for path in sorted(bundled.MODELS.glob("*.onnx")) if not is_touch(str(path))]
    models = [*dancers, *(options.model or [])]
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
        undisturbed(),
    ):
        sink.bind(("127.0.0.1", 0))
        everyone = players(Path(folder), models, sink.getsockname()[1])
        measure(everyone, 1, HOT // 10, None)
        hot = measure(everyone, 10, HOT // 10, None)
        rights = claim()
        paced = measure(everyone, max(1, round(options.seconds * FPS / TURN)), TURN, FPS)
    found = machine() | {"core": str(core), "real-time rights": rights}
    Console().print(table(hot, paced, f"microseconds; {found['processor']}, core {core}, rights: {rights}"))
    if options.json:
        report = {"machine": found, "unit": "us", "fps": FPS, "hot": _plain(hot), "paced": _plain(paced)}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if paced[reference.R1.name][TOTAL].p50 < LIMIT else 1


def _plain(measured: Mapping[str, Mapping[str, Times]]) -> dict[str, dict[str, dict[str, float]]]:
    return {name: {part: times._asdict() for part, times in parts.items()} for name, parts in measured.items()}


if __name__ == "__main__":
    sys.exit(main())
