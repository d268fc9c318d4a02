"""Does the exported graph say of signs what the network says? Stepped by the engine's own family, sample by sample.

The network hears a whole stream in one call and the family one sample at a time, so this also holds streaming against
the whole.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from engine import plugins
from engine.inference.vet import load
from engine.recognition import Recogniser
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export.checkpoint import Trained
from export.nets.signs import SignNet

LIMIT = 1e-5
"""Greatest difference of a probability or, as a share of the greatest, of a memory that rounding may make."""


STREAMS = 5
"""Streams, each from the beginning on, as a show begins anew with each sign. Over some hundred samples more than a sign
has, rounding grows in PyTorch alone as well: after a thousand float32 and float64 differ by more than `LIMIT`."""


class SignParity(NamedTuple):
    """Greatest differences from PyTorch over all samples.

    Attributes:
        provider: what the model ran on.
        steps: samples of each stream.
        probabilities: difference of any one.
        memory: of any number of the state at the end, as a share of the greatest.
    """

    provider: str
    steps: int
    probabilities: float
    memory: float

    @property
    def passed(self) -> bool:
        """Whether both stay within `LIMIT`; what is no number does not."""
        return self.probabilities <= LIMIT and self.memory <= LIMIT

    def __str__(self) -> str:
        found = f"probabilities {self.probabilities:.1e}, memory {self.memory:.1e}"
        verdict = "ok" if self.passed else "FAILED"
        return f"{self.provider}, {STREAMS} streams of {self.steps} samples: {found} {verdict}"


def verify(trained: Trained, path: Path, *, steps: int) -> SignParity:
    """Let the model at `path` and the network hear the same samples, which wander as hands do.

    Raises:
        ModelError: the file is no model of signs, or that of another checkpoint.
    """
    net = trained.net
    if not isinstance(net, SignNet):
        raise ModelError(str(path), "a checkpoint of something else", "one of a network of signs that is played")
    loaded = load(path)
    found, expected = _size(loaded.spec), _size(trained.spec)
    if found != expected:
        raise ModelError(str(path), f"the model of another checkpoint, {found}", expected)
    recogniser = plugins.recogniser(loaded.spec.family, place=str(path))(loaded, "cpu")
    try:
        gaps = np.array([_gaps(net, recogniser, _samples(net, steps, seed)) for seed in range(STREAMS)])
        return SignParity(recogniser.provider, steps, *gaps.max(0).tolist())
    finally:
        recogniser.close()


def _gaps(net: SignNet, recogniser: Recogniser, x: F32) -> tuple[float, float]:
    """Differences of probabilities and of the memory at the end, after samples (T, F) from the beginning on."""
    with torch.no_grad():
        logits, states = net(torch.from_numpy(x)[:, None])
        wanted = net.probabilities(logits)[:, 0].numpy()
    layers = [part[index].numpy() for index in range(net.lstm.num_layers) for part in states]
    recogniser.restart()
    heard = np.empty_like(wanted)
    for row, sample in zip(heard, x, strict=True):
        recogniser.sample(sample)
        row[:] = recogniser.probabilities
    memory = [_gap(mine.ravel(), layer.ravel()) for mine, layer in zip(recogniser.state(), layers, strict=True)]
    return float(np.abs(heard - wanted).max()), max(memory)


def _size(spec: ModelSpec) -> str:
    return f"{spec.family}: {spec.features} channels, {len(spec.labels)} signs"


def _samples(net: SignNet, steps: int, seed: int) -> F32:
    """Samples (T, F) that wander within what the network has learned from."""
    rng = np.random.default_rng([7, seed])
    way = np.cumsum(rng.standard_normal((steps, len(net.mean))), 0) * 0.1
    found: F32 = (net.mean.numpy() + net.scale.numpy() * 2 * np.sin(way)).astype(np.float32)
    return found


def _gap(found: F32, wanted: F32) -> float:
    return float(np.abs(found - wanted).max() / max(float(np.abs(wanted).max()), 1e-9))
