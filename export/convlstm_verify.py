"""Does the exported graph foresee what the network foresees? Stepped by the engine's own graph, with forced pictures.

The network sees the whole sequence in one call and the graph one picture at a time, so this also holds streaming
against the whole.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from engine.inference.vet import load
from engine.schema.errors import ModelError
from export.checkpoint import Trained
from export.data import moving_mnist
from export.forecast import opened, stream
from export.nets.convlstm import FrameNet

LIMIT = 1e-4
"""Greatest difference, as a share of the output's scale, that rounding may make over some hundred pictures."""


class FrameParity(NamedTuple):
    """Greatest difference from PyTorch over all steps.

    Attributes:
        provider: what the model ran on.
        steps: how many pictures it was given.
        gap: between any two pixels, as a share of the brightest.
    """

    provider: str
    steps: int
    gap: float

    @property
    def passed(self) -> bool:
        """Whether it stays within `LIMIT`; what is no number does not."""
        return self.gap <= LIMIT

    def __str__(self) -> str:
        return f"{self.provider}, {self.steps} steps: pictures {self.gap:.1e} {'ok' if self.passed else 'FAILED'}"


def verify(trained: Trained, path: Path, *, steps: int = 200) -> FrameParity:
    """Give the model at `path` and the network the same digits, which go on moving.

    Raises:
        ModelError: the file is no model, or one of something else.
        DataError: there are no digits.
    """
    if not isinstance(trained.net, FrameNet):
        raise ModelError(str(path), "a checkpoint of something else", "one of a network that foresees pictures")
    loaded = load(path)
    found, expected = (f"{spec.family}: {spec.features} pixels" for spec in (loaded.spec, trained.spec))
    if found != expected:
        raise ModelError(str(path), f"the model of another checkpoint, {found}", expected)
    x = moving_mnist.scaled(moving_mnist.make("test", 1, steps, np.random.default_rng(7)).frames[0])
    graph = opened(loaded, place=str(path))
    streamed = stream(graph, x)
    with torch.no_grad():
        whole = trained.net(torch.from_numpy(x)[:, None])[0].sigmoid().numpy()[:, 0]
    parity = FrameParity(graph.provider, steps, float(np.abs(streamed - whole).max() / np.abs(whole).max()))
    graph.close()
    return parity
