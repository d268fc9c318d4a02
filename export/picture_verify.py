"""Do the exported encoder and decoder give what the network gives? Run by the engine's own graphs."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from engine.inference.vet import load
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from export.checkpoint import Trained
from export.latent_study import opened
from export.nets.latents import LatentNet

LIMIT = 1e-4
"""Greatest difference, as a share of the output's scale, that rounding may make."""

PICTURES = 50


class PictureParity(NamedTuple):
    """Greatest differences from PyTorch.

    Attributes:
        provider: what the graphs ran on.
        decoded: of light, 0 to 1.
        encoded: of latent numbers, as a share of the greatest.
    """

    provider: str
    decoded: float
    encoded: float

    @property
    def passed(self) -> bool:
        """Whether both stay within `LIMIT`; what is no number does not."""
        return self.decoded <= LIMIT and self.encoded <= LIMIT

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return f"{self.provider}: decoder {self.decoded:.1e}, encoder {self.encoded:.1e} {verdict}"


def verify(trained: Trained, path: Path) -> PictureParity:
    """Draw the model's own poses and others, and look at what was drawn, with both.

    Raises:
        ModelError: the file is no such model, or has no such graphs.
    """
    net = trained.net
    if not isinstance(net, LatentNet):
        raise ModelError(str(path), f"a checkpoint of {trained.recipe.net.kind!r}", "one of 'latents'")
    loaded = load(path)
    rng = np.random.default_rng(9)
    latent = rng.standard_normal((PICTURES, loaded.spec.head.dims)).astype(np.float32)
    with torch.no_grad():
        light = net.vae.decode(torch.from_numpy(latent))
        read = net.vae.encode(light).mean.numpy()
    pictures = light.numpy()
    decoder, encoder = opened(loaded, "decoder"), opened(loaded, "encoder")
    try:
        drawn = max(_gap(decoder.run(z[None])[0], picture[None]) for z, picture in zip(latent, pictures, strict=True))
        seen = max(_gap(encoder.run(picture[None])[0], z[None]) for picture, z in zip(pictures, read, strict=True))
        return PictureParity(decoder.provider, drawn, seen / float(np.abs(read).max()))
    finally:
        decoder.close()
        encoder.close()


def _gap(found: F32, wanted: F32) -> float:
    return float(np.abs(found - wanted).max())
