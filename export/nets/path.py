"""Autoencoders of memories: what a network remembers becomes two or three numbers, and from these what it remembered.

`MapNet` is ours: it begins as the first principal components, exactly, and learns to bend from there, so that trainings
begin alike and the map that people know stays. `SeedMapNet` is the first one: H-600-150-D-150-600-H.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

MOST_WEIGHTS = 48_000
"""Of our encoder: in half precision and base64 they add less than 150 kB to a model's file."""

SEED_HIDDEN = (600, 150)

DECODER = (128, 384)
"""Hidden layers of our decoder, which is in no file: it may be larger than what is played."""


class Autoencoder(nn.Module):
    """Linear layers with ReLU between them, towards D numbers and back.

    Args:
        inputs: H.
        encoder: widths of the hidden layers.
        dims: D.
        decoder: likewise.
    """

    def __init__(self, inputs: int, encoder: Sequence[int], dims: int, decoder: Sequence[int]) -> None:
        super().__init__()
        self.encoder = _layers([inputs, *encoder, dims])
        self.decoder = _layers([dims, *decoder, inputs])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """From rows (B, H) to where they are (B, D), and the rows again."""
        z = self.encoder(x)
        return z, self.decoder(z)

    def encoding(self) -> list[nn.Linear]:
        """The encoder's layers."""
        return [layer for layer in self.encoder if isinstance(layer, nn.Linear)]

    def decoding(self) -> list[nn.Linear]:
        """The decoder's."""
        return [layer for layer in self.decoder if isinstance(layer, nn.Linear)]

    def counted(self) -> int:
        """Parameters."""
        return sum(weight.numel() for weight in self.parameters())


def seed_map(inputs: int, dims: int) -> Autoencoder:
    """The first one; 302 202 parameters for 100 inputs and two dimensions."""
    return Autoencoder(inputs, SEED_HIDDEN, dims, SEED_HIDDEN[::-1])


def our_map(inputs: int, hidden: int, dims: int, components: Tensor) -> Autoencoder:
    """Ours, which gives principal components (D, H) at first.

    A line through ReLU is what is above zero less what is below it, so 2 D units of each layer carry the components;
    all others begin without being heard, with weights of their own that the generator of torch draws.
    """
    net = Autoencoder(inputs, (narrowed(inputs, hidden, dims), max(hidden // 4, 4 * dims)), dims, DECODER)
    with torch.no_grad():
        _carry(net.encoding(), torch.cat([components, -components]), dims)
        _carry(net.decoding(), torch.cat([torch.eye(dims), -torch.eye(dims)]), inputs, components.T)
    return net


def linear_map(components: Tensor) -> Autoencoder:
    """Principal components (D, H) and nothing else."""
    net = Autoencoder(components.shape[1], (), len(components), ())
    with torch.no_grad():
        (there,), (back,) = net.encoding(), net.decoding()
        there.weight[:], there.bias[:] = components, 0.0
        back.weight[:], back.bias[:] = components.T, 0.0
    return net


def narrowed(inputs: int, hidden: int, dims: int) -> int:
    """Width of the first layer: as wished, or what keeps the encoder within `MOST_WEIGHTS`; a multiple of 8."""
    second = max(hidden // 4, 4 * dims)
    room = (MOST_WEIGHTS - second * (dims + 1) - dims) // (inputs + 1 + second)
    return max(8, min(hidden, room // 8 * 8), 4 * dims)


def _carry(layers: Sequence[nn.Linear], into: Tensor, outputs: int, back: Tensor | None = None) -> None:
    """Let the first units of each layer carry `into` (2 D, F) through, and the last layer give `back` (H, D) of it."""
    first, *between, last = layers
    width = len(into)
    first.weight[:width], first.bias[:width] = into, 0.0
    for layer in between:
        layer.weight[:width], layer.bias[:width] = torch.eye(width, layer.in_features), 0.0
    dims = width // 2
    given = torch.eye(dims) if back is None else back
    last.weight[:], last.bias[:] = 0.0, 0.0
    last.weight[:outputs, :width] = torch.cat([given, -given], 1)


def _layers(widths: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for taken, given in pairwise(widths):
        layers += [nn.Linear(taken, given), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
