"""What a sample of an act that reads signs takes: whether hands move, the step, and where the memory is on its map."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from math import sqrt, tau
from pathlib import Path

import numpy as np

from engine import bundled, plugins
from engine.bench.results import Signed
from engine.bench.step import HOT
from engine.bench.times import Times
from engine.bench.turns import alone, regularly
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.runtime.realtime import apart, undisturbed
from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.sign_act import SignAct

SIGN = 0.6
"""Seconds of a sign; the next one begins at once, which is the most that a model ever has to do."""

SETTLING = 10
"""Samples at the beginning that do not count."""

PLAIN = Controls()


def models(named: Sequence[str] = ()) -> list[Path]:
    """Those of the named files that read signs; else the bundled models that do."""
    paths = [Path(name) for name in named if Path(name).is_file()] or sorted(bundled.MODELS.glob("*.onnx"))
    return [path for path in paths if plugins.part(load(path).spec.family) == "signs"]


def measure(paths: Sequence[Path], seconds: float) -> Iterator[Signed]:
    """Rows for each model: without a pause, and at the rate of its gloves."""
    for path in paths:
        loaded = load(path)
        act = open_signs(loaded, device="cpu")
        try:
            for pace in (HOT, f"{loaded.spec.fps:g}"):
                taken = _taken(act, loaded, pace, seconds)
                times = Times.of(taken[SETTLING:] or taken)
                yield Signed(
                    model=path.stem,
                    path=0 if act.path is None else len(act.path),
                    pace=pace,
                    median_us=times.p50,
                    p99_us=times.p99,
                    samples=len(taken),
                )
        finally:
            act.close()


def _taken(act: SignAct, loaded: Loaded, pace: str, seconds: float) -> list[int]:
    """Nanoseconds of each sample."""
    fps = loaded.spec.fps
    samples = cycle(enumerate(_moving(act, loaded)))

    def turn() -> None:
        at, values = next(samples)
        if at == 0:
            act.rest(PLAIN)
        act.sample(values, PLAIN)

    with undisturbed():
        return alone(turn, seconds) if pace == HOT else apart(partial(regularly, turn, seconds + SETTLING / fps, fps))


def _moving(act: SignAct, loaded: Loaded) -> F32:
    """Samples (T, F) of one sign: hands that go round, at twice the speed at which a sign begins."""
    fps, motion = loaded.spec.fps, loaded.arrays["motion"].astype(np.int64)
    scale = loaded.arrays["scale"].astype(np.float64)[motion]
    count = max(2, round(SIGN * fps))
    size = 2.0 * float(loaded.spec.settings["start_speed"]) / (tau / SIGN * sqrt(len(motion) / 2.0))
    turns = tau * (np.arange(count)[:, None] / count + np.arange(len(motion)) / len(motion))
    found = np.tile(act.mean, (count, 1))
    found[:, motion] += (size * scale * np.sin(turns)).astype(np.float32)
    return found
