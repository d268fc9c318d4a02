"""Acts on tiny models, and what is looked at in their frames."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import path_models
import tiny

from engine import bundled, plugins
from engine.act import Act
from engine.contracts import Family, Loaded
from engine.inference.onnx_model import OnnxModel
from engine.inference.scripted import ScriptedModel
from engine.inference.vet import load
from engine.path import make_path
from engine.priming import warm
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame
from engine.schema.model import HeadKind

PERFORMERS = 3
EVERYBODY = (1, 2, 3)
ROWS = 8
CONTROLS = Controls()


class Stage:
    """An act on a scripted model, with what it is made of at hand."""

    def __init__(
        self,
        *,
        seed: int = 7,
        sigma: float = 0.05,
        memory: float = 0.5,
        broken: Sequence[tuple[int, int]] = (),
        freeze_speed: float = 0.0,
        clips: F32 | None = None,
        kind: HeadKind = "mdn-lazy",
        batch: int = PERFORMERS,
        performers: Sequence[int] = EVERYBODY,
        arrays: path_models.Arrays | None = None,
    ) -> None:
        spec = tiny.scripted_spec(kind)
        self.family = tiny.TinyFamily(spec, ROWS)
        self.model = ScriptedModel(spec, batch, sigma=sigma, memory=memory, broken=broken)
        given = tiny.clips() if clips is None else clips
        self.primes = warm(lambda batch: ScriptedModel(spec, batch, memory=memory), self.family, given)
        self.act = Act(
            self.model,
            self.family,
            seed=seed,
            primes=self.primes,
            freeze_speed=freeze_speed,
            performers=performers,
            path=make_path(Loaded(b"", spec, arrays or {}), "plain"),
        )

    def play(self, frames: int, controls: Controls = CONTROLS) -> list[Frame]:
        for number in self.act.performers:
            self.act.steer(number, controls)
        return ticks(self.act, frames)


class Dancer:
    """The bundled dancer, with its family and its primes at hand."""

    def __init__(self, *, batch: int = 2, performers: Sequence[int] = (1, 2)) -> None:
        loaded = load(bundled.MODELS / "dance.onnx")
        make = plugins.family("dance")
        self.family: Family = make(loaded, ROWS)
        self.primes = warm(
            lambda batch: OnnxModel(loaded, batch), self.family, loaded.arrays["primes"].astype(np.float32)
        )
        self.act = Act(
            OnnxModel(loaded, batch), self.family, seed=3, primes=self.primes, freeze_speed=0.0, performers=performers
        )

    def fed_back(self) -> F32:
        """What the first two are fed back, (2, F)."""
        x = np.zeros((2, self.family.spec.features), np.float32)
        self.family.encode(x, [Controls()] * 2)
        return x


def onnx_act(folder: Path, kind: HeadKind, seed: int = 7, *, batch: int = 2, performers: Sequence[int] = (1, 2)) -> Act:
    loaded = tiny.lstm(folder, kind)
    family = tiny.TinyFamily(loaded.spec, ROWS)
    primes = warm(lambda batch: OnnxModel(loaded, batch), family, tiny.clips())
    model = OnnxModel(loaded, batch)
    return Act(model, family, seed=seed, primes=primes, freeze_speed=0.0, performers=performers)


def ticks(act: Act, count: int) -> list[Frame]:
    """So many frames, with arrays of their own: those of an act go round."""
    frames = []
    for _ in range(count):
        frame = act.tick()
        frames.append(frame.only(range(len(frame.performers))))
    return frames


def play(act: Act, frames: int, controls: Controls) -> list[Frame]:
    for number in act.performers:
        act.steer(number, controls)
    return ticks(act, frames)


def data(frames: Sequence[Frame]) -> bytes:
    return b"".join(frame.pose.positions.tobytes() + frame.pose.root.tobytes() for frame in frames)


def path(frames: Sequence[Frame], number: int) -> F32:
    """The positions (T, J, 3) of a performer in the frames in which it plays."""
    shown = [frame for frame in frames if number in frame.performers]
    return np.stack([frame.pose.positions[frame.performers.index(number)] for frame in shown])


def still() -> F32:
    return np.repeat(tiny.clips()[:, :1], 12, axis=1)
