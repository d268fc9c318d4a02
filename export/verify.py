"""Does the exported graph give what the network gives? Stepped by the engine's own StepModel, with forced inputs.

Forced, because a closed loop is chaotic: even float64 and float32 PyTorch part company there.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from engine.contracts import HeadOutput
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load as load_model
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from export.checkpoint import Trained
from export.nets.seed import SeedNet

LIMIT = 1e-5
"""Greatest difference, as a share of the output's scale, that rounding may make over a thousand steps."""


class Parity(NamedTuple):
    """Greatest difference from PyTorch over all steps, as a share of the output's greatest absolute value."""

    batch: int
    steps: int
    mu: float
    sigma: float

    @property
    def passed(self) -> bool:
        """Whether both stay within `LIMIT`."""
        return max(self.mu, self.sigma) <= LIMIT


def verify(trained: Trained, path: Path, *, steps: int = 1000, batches: tuple[int, ...] = (1, 8)) -> list[Parity]:
    """Step the model at `path` and the network side by side.

    Raises:
        ModelError: the file is no model, or its description is of another network.
    """
    loaded = load_model(path)
    if loaded.spec.head.dims != trained.spec.head.dims or loaded.spec.features != trained.spec.features:
        raise ModelError(str(path), "the model of another checkpoint", f"{trained.spec.features} features")
    found = []
    for batch in batches:
        model = OnnxModel(loaded, batch)
        found.append(_compare(trained, model, _inputs(trained, steps, batch)))
        model.close()
    return found


def _inputs(trained: Trained, steps: int, batch: int) -> F32:
    """Random inputs (T, B, F) of the size that the network sees: its own scales, or points within its own range."""
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((steps, batch, trained.spec.features))
    if isinstance(trained.net, SeedNet):
        low, span = trained.net.low.numpy(), trained.net.span.numpy()
        return (low + span * (0.5 + 0.2 * noise)).astype(np.float32)
    scales = trained.net.scales.numpy()
    noise[..., : len(scales)] *= scales
    return noise.astype(np.float32)


def _compare(trained: Trained, model: OnnxModel, x: F32) -> Parity:
    steps, batch = x.shape[:2]
    rng = np.random.default_rng(8)
    u = rng.random((steps, batch), np.float32)
    ones = np.ones(batch, np.float32)
    with torch.no_grad():
        _, mu, sigma, _ = trained.net(torch.from_numpy(x))
        unit = trained.net.unit
        mu, sigma = mu * unit, sigma * unit
        if isinstance(trained.net, SeedNet):
            mu, sigma = mu + trained.net.low, (sigma / unit).sqrt() * unit
    worst = np.zeros(2)
    for step in range(steps):
        output = model.step(x[step], u[step], ones, ones)
        expected = [_chosen(part[step].numpy(), output) for part in (mu, sigma)]
        gaps = [np.abs(got - want).max() for got, want in zip((output.mu, output.sigma), expected, strict=True)]
        worst = np.maximum(worst, gaps)
    scale = [float(part.abs().max()) for part in (mu, sigma)]
    return Parity(batch, steps, worst[0] / scale[0], worst[1] / scale[1])


def _chosen(full: F32, output: HeadOutput) -> F32:
    """Of all components (B, K, D), the ones that a lazy head chose (B, D); all of them for a full head."""
    if output.component is None:
        return full
    return full[np.arange(len(full)), output.component]
