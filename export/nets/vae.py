"""Networks that turn a picture into a few numbers and back: variational autoencoders (Kingma and Welling 2014).

Pictures are (B, 1, H, W), 0 to 1, with H and W multiples of 8; a decoder gives logits, so that the loss stays exact.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.schema.errors import ConfigError
from engine.schema.model import Size

STRIDE = 8
"""By how much the networks shrink a picture: both kinds halve it three times."""


class Coded(NamedTuple):
    """A normal distribution over latent numbers: `mean` and `log_variance` (B, D)."""

    mean: Tensor
    log_variance: Tensor


class Vae(nn.Module):
    """An encoder, which gives mean and log variance side by side (B, 2 D), and a decoder, which gives logits.

    Args:
        encoder: (B, 1, H, W) to (B, 2 D).
        decoder: (B, D) to (B, 1, H, W).
        latent: D.
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, latent: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = latent
        self.unit: Tensor
        self.register_buffer("unit", torch.ones(1), persistent=False)

    @property
    def last(self) -> nn.Linear:
        """The encoder's last layer: rows of means, then rows of log variances."""
        return cast("nn.Linear", self.encoder[-1])

    @property
    def first(self) -> nn.Linear:
        """The decoder's first layer."""
        return cast("nn.Linear", self.decoder[0])

    def encode(self, pictures: Tensor) -> Coded:
        """What a picture may be in latent numbers."""
        return Coded(*self.encoder(pictures).split(self.latent, -1))

    def decode(self, latent: Tensor) -> Tensor:
        """Pictures, 0 to 1."""
        return torch.sigmoid(self.decoder(latent))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Coded]:
        """Logits of pictures from a sample in training and from the mean otherwise, and what it was sampled from."""
        coded = self.encode(pictures)
        noise = torch.randn_like(coded.mean) if self.training else torch.zeros_like(coded.mean)
        return self.decoder(coded.mean + noise * (0.5 * coded.log_variance).exp()), coded

    def parameters_of(self) -> tuple[int, int]:
        """How many numbers are learned in the encoder and in the decoder."""
        encoder, decoder = (sum(p.numel() for p in part.parameters()) for part in (self.encoder, self.decoder))
        return encoder, decoder


def make(kind: str, size: Size, latent: int) -> Vae:
    """An untrained network: `vae` or `seed-vae`.

    Raises:
        ConfigError: pictures of this size cannot be halved three times.
    """
    if size.height % STRIDE or size.width % STRIDE:
        found = f"{size.height} x {size.width}"
        raise ConfigError("pictures.size", found, f"rows and columns that are multiples of {STRIDE}")
    return seed(size, latent) if kind == "seed-vae" else ours(size, latent)


def ours(size: Size, latent: int, *, width: int = 32) -> Vae:
    """Folds 4 x 4 pixels into channels before the first convolution and unfolds them behind the last one.

    So no convolution runs over all pixels, which is where the time of the seed's goes.
    """
    rows, columns = size.height // STRIDE, size.width // STRIDE
    wide = 2 * width
    flat = width * rows * columns
    encoder = nn.Sequential(
        nn.PixelUnshuffle(4),
        _conv(16, width),
        nn.SiLU(),
        _conv(width, wide, stride=2),
        nn.SiLU(),
        _conv(wide, width),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(flat, 2 * latent),
    )
    decoder = nn.Sequential(
        nn.Linear(latent, flat),
        nn.SiLU(),
        nn.Unflatten(1, (width, rows, columns)),
        _conv(width, wide),
        nn.SiLU(),
        _conv(wide, 4 * width),
        nn.PixelShuffle(2),
        nn.SiLU(),
        _conv(width, width),
        nn.SiLU(),
        _conv(width, 16),
        nn.PixelShuffle(4),
    )
    return Vae(encoder, decoder, latent)


def seed(size: Size, latent: int = 128) -> Vae:
    """The first one as it was posted: at 120 x 208 and 128 numbers 1 724 128 and 1 744 545 parameters.

    128, 64 and 32 filters over all pixels, halved by pooling each; two dense layers of 128; back the same way.
    """
    rows, columns = size.height // STRIDE, size.width // STRIDE
    encoder = nn.Sequential(
        *_pooled(1, 128), *_pooled(128, 64), *_pooled(64, 32),
        nn.Flatten(),
        nn.Linear(32 * rows * columns, 128),
        nn.Linear(128, 2 * latent),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(latent, 32 * rows * columns),
        nn.ReLU(),
        nn.Unflatten(1, (32, rows, columns)),
        nn.Conv2d(32, 128, 1),  # a dense layer over the channels of each place
        *_doubled(128, 32), *_doubled(32, 64), *_doubled(64, 128),
        _conv(128, 1),
    )  # fmt: skip
    return Vae(encoder, decoder, latent)


def _conv(inputs: int, outputs: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def _pooled(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return _conv(inputs, outputs), nn.ReLU(), nn.MaxPool2d(2)


def _doubled(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return _conv(inputs, outputs), nn.ReLU(), nn.Upsample(scale_factor=2)


def loss(logits: Tensor, pictures: Tensor, coded: Coded, kl_weight: float) -> Tensor:
    """Nats of a picture (): cross-entropy of all its pixels, and how far its code is from a standard normal."""
    entropy = functional.binary_cross_entropy_with_logits(logits, pictures, reduction="sum") / len(pictures)
    variance = coded.log_variance.exp()
    divergence = 0.5 * (coded.mean.square() + variance - 1.0 - coded.log_variance).sum() / len(pictures)
    return entropy + kl_weight * divergence
