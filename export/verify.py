"""Does the exported graph give what the network gives? Stepped by the engine's own StepModel, with forced inputs.

Forced, because a closed loop is chaotic: even float64 and float32 PyTorch part company there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from engine.contracts import HeadOutput, Loaded, StepModel
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_model import open_model
from engine.inference.vet import load as load_model
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export.checkpoint import Trained
from export.nets.dance import DanceNet
from export.nets.latents import LatentNet
from export.nets.seed import SeedNet
from export.nets.velocity import VelocityNet
from export.teacher import teacher_forced

LIMIT = 1e-5
"""Greatest difference, as a share of the output's scale, that rounding may make over a thousand steps."""


class Parity(NamedTuple):
    """Greatest difference from PyTorch over all steps.

    Attributes:
        provider: what the model ran on.
        batch: rows that were stepped side by side.
        steps: how often.
        mu: as a share of the greatest absolute value.
        sigma: likewise.
        choice: in probability: how much a component's share differs, for a lazy head in its first row; and how far `u`
            lay outside the share of the component that it chose.
    """

    provider: str
    batch: int
    steps: int
    mu: float
    sigma: float
    choice: float

    @property
    def passed(self) -> bool:
        """Whether all stay within `LIMIT`; what is no number does not."""
        return all(gap <= LIMIT for gap in (self.mu, self.sigma, self.choice))

    def __str__(self) -> str:
        found = f"mu {self.mu:.1e}, sigma {self.sigma:.1e}, choice {self.choice:.1e}"
        return f"{self.provider}, batch {self.batch}, {self.steps} steps: {found} {'ok' if self.passed else 'FAILED'}"


def verify(trained: Trained, path: Path, *, steps: int = 1000, batches: tuple[int, ...] = (1, 8)) -> list[Parity]:
    """Step the model at `path` and the network side by side: as a show plays it, and on ONNX Runtime.

    Raises:
        ModelError: the file is no model, or its description is of another network.
    """
    loaded = load_model(path)
    found, expected = _size(loaded.spec), _size(trained.spec)
    if found != expected:
        raise ModelError(str(path), f"the model of another checkpoint, {found}", expected)
    parities = []
    for batch in batches:
        x = _inputs(trained, steps, batch)
        for model in _models(loaded, batch):
            parity = _compare(trained, model, x)
            if loaded.spec.head.kind == "mdn-lazy":
                parity = parity._replace(choice=float(np.maximum(parity.choice, _shares(trained, loaded, x[:, :1]))))
            parities.append(parity)
            model.close()
    return parities


def _models(loaded: Loaded, batch: int) -> Iterator[StepModel]:
    """What a show steps on the processor, and ONNX Runtime where that is something else."""
    model = open_model(loaded, batch)
    yield model
    if not isinstance(model, OnnxModel):
        yield OnnxModel(loaded, batch)


def _size(spec: ModelSpec) -> str:
    head = spec.head
    return f"{spec.family}: {spec.features} features, {head.components} components of {head.dims} ({head.kind})"


def _inputs(trained: Trained, steps: int, batch: int) -> F32:
    """Random inputs (T, B, F) of the size that the network sees: its own scales, or within its own range."""
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((steps, batch, trained.spec.features))
    if isinstance(trained.net, SeedNet):
        low, span = trained.net.low.numpy(), trained.net.span.numpy()
        return (low + span * (0.5 + 0.2 * noise)).astype(np.float32)
    if isinstance(trained.net, VelocityNet):
        return (trained.net.mean.numpy() + trained.net.scale.numpy() * noise).astype(np.float32)
    moving = trained.net.dance if isinstance(trained.net, LatentNet) else trained.net
    if isinstance(moving, DanceNet):
        scales = moving.scales.numpy()
        noise[..., : len(scales)] *= scales
    return noise.astype(np.float32)


def _compare(trained: Trained, model: StepModel, x: F32) -> Parity:
    steps, batch = x.shape[:2]
    rng = np.random.default_rng(8)
    u = rng.random((steps, batch), np.float32)
    ones = np.ones(batch, np.float32)
    with torch.no_grad():
        logits, mu, sigma, _ = trained.net(torch.from_numpy(x))
        shares = logits.double().softmax(-1).numpy()
        unit = trained.net.unit
        mu, sigma = mu * unit, sigma * unit
        if isinstance(trained.net, SeedNet):
            mu, sigma = mu + trained.net.low, (sigma / unit).sqrt() * unit
        if isinstance(trained.net, VelocityNet):
            mu = mu + trained.net.loudness
    worst = np.zeros(3)
    for step in range(steps):
        output = model.step(x[step], u[step], ones, ones)
        expected = [_chosen(part[step].numpy(), output) for part in (mu, sigma)]
        gaps = [np.abs(got - want).max() for got, want in zip((output.mu, output.sigma), expected, strict=True)]
        worst = np.maximum(worst, [*gaps, _choice(shares[step], output, u[step])])
    scale = [float(mu.abs().max()), float(sigma.abs().max()), 1.0]
    return Parity(model.provider, batch, steps, *(worst / scale).tolist())


def _shares(trained: Trained, loaded: Loaded, x: F32) -> float:
    """How much the shares of the components differ in a graph that tells only which one it chose; `x` is (T, 1, F)."""
    with torch.no_grad():
        expected = trained.net(torch.from_numpy(x))[0][:, 0].double().softmax(-1).numpy()
    return float(np.abs(softmax(teacher_forced(loaded, x[:, 0])[0], axis=1) - expected).max())


def _choice(shares: NDArray[np.float64], output: HeadOutput, u: F32) -> float:
    """How far a choice or its probabilities (B, K) are from PyTorch's."""
    if output.component is None:
        return float(np.abs(softmax(output.logits, axis=1) - shares).max())
    order = np.argsort(-shares, axis=1, kind="stable")
    high = np.cumsum(np.take_along_axis(shares, order, 1), 1)[order == output.component[:, None]]
    low = high - shares[np.arange(len(shares)), output.component]
    return float(np.maximum(np.maximum(low - u, u - high), 0.0).max())


def _chosen(full: F32, output: HeadOutput) -> F32:
    """Of all components (B, K, D), the ones that a lazy head chose (B, D); all of them for a full head."""
    if output.component is None:
        return full
    return full[np.arange(len(full)), output.component]
