"""Networks that move through latent numbers of pictures, each with the pictures' own network inside.

The first one, as it was posted, is here for comparison, with its faults named.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.nets.dance import DanceNet, State
from export.nets.vae import Vae
from export.recipe import NetRecipe


class LatentNet(nn.Module):
    """The dance network over `[z, dz]`, latent numbers in standard deviations of the training.

    Args:
        vae: gives and takes such numbers, see `folded`; it learns no more unless it is asked to.
        dance: predicts dz of the next picture.
    """

    def __init__(self, vae: Vae, dance: DanceNet) -> None:
        super().__init__()
        self.vae = vae
        self.vae.requires_grad_(requires_grad=False)
        self.dance = dance

    @classmethod
    def make(cls, recipe: NetRecipe, vae: Vae, scales: Tensor) -> "LatentNet":
        """The network that a recipe describes; `scales` (2 D,) as `DanceNet`'s."""
        return cls(vae, DanceNet.make(recipe, scales, 0, way=0))

    @property
    def unit(self) -> Tensor:
        """Standard deviations (D,) of dz."""
        return self.dance.unit

    def normal(self, target: Tensor) -> Tensor:
        """Changes (..., D) as the mixture is over."""
        return self.dance.normal(target)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, Tensor, State]:
        """Logits (T, B, K), mu and sigma (T, B, K, D), normalised, for inputs (T, B, 2 D), and the state after them."""
        found: tuple[Tensor, Tensor, Tensor, State] = self.dance(x, state)
        return found


class SeedLatentNet(nn.Module):
    """The first DanceNet's: three LSTM layers that see one picture each and never what was before.

    Its input is reshaped to one time step, so a picture follows from the last one alone: three million recurrent
    weights get no gradient. Latent numbers are samples, min-max scaled. With 128 of them 12 198 336 parameters.

    Args:
        vae: the pictures' network.
        low: (D,) least latent numbers of the training.
        high: (D,) greatest.
        hidden: units of each LSTM layer.
        layers: number of LSTM layers.
        components: number of mixture components.
        dropout: share of units dropped behind each layer.
    """

    DENSE = 1000

    def __init__(
        self, vae: Vae, low: Tensor, high: Tensor, *, hidden: int, layers: int, components: int, dropout: float
    ) -> None:
        super().__init__()
        self.vae = vae
        self.vae.requires_grad_(requires_grad=False)
        self.low: Tensor
        self.span: Tensor
        self.register_buffer("low", low.to(torch.float32))
        self.register_buffer("span", (high - low).clamp_min(1e-6).to(torch.float32))
        self.dims, self.components = len(low), components
        self.lstm = nn.LSTM(self.dims, hidden, layers, dropout=dropout)
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias_hh"):  # PyTorch's second bias per gate; the original has one
                parameter.requires_grad = False
                nn.init.zeros_(parameter)
        self.dropout = dropout
        self.dense = nn.Linear(hidden, self.DENSE)
        self.head = nn.Linear(self.DENSE, components * (2 * self.dims + 1))

    @classmethod
    def make(cls, recipe: NetRecipe, vae: Vae, low: Tensor, high: Tensor) -> "SeedLatentNet":
        """The network that a recipe describes."""
        return cls(
            vae,
            low,
            high,
            hidden=recipe.hidden,
            layers=recipe.layers,
            components=recipe.components,
            dropout=recipe.dropout,
        )

    @property
    def unit(self) -> Tensor:
        """Latent units per scaled one (D,)."""
        return self.span

    def normal(self, target: Tensor) -> Tensor:
        """Latent numbers (..., D) as the mixture is over."""
        return (target - self.low) / self.span

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, Tensor, State | None]:
        """Logits (T, B, K), mu and sigma (T, B, K, D), scaled, for latent numbers (T, B, D); no state, as it was."""
        alone = self.normal(x).flatten(0, -2).unsqueeze(0)
        seen = functional.dropout(self.lstm(alone)[0].squeeze(0), self.dropout, self.training)
        rows = self.head(functional.relu(self.dense(seen))).unflatten(0, x.shape[:-1])
        width = self.components * self.dims
        mu, sigma, logits = rows.split([width, width, self.components], -1)
        shape = (self.components, self.dims)
        return logits, mu.unflatten(-1, shape), functional.elu(sigma.unflatten(-1, shape)) + 1.0 + 1e-6, state

    def learned(self) -> int:
        """How many numbers move through latent numbers, one bias per gate."""
        parts = (self.lstm, self.dense, self.head)
        every = sum(p.numel() for part in parts for p in part.parameters())
        return every - sum(p.numel() for name, p in self.lstm.named_parameters() if name.startswith("bias_hh"))


def folded(vae: Vae, mean: Tensor, std: Tensor, order: Tensor) -> Vae:
    """The same network whose latent numbers are `((means - mean) / std)[order]`, all (D,), its weights kept in half.

    Its last encoding and first decoding layers are linear, so these carry it. Weights are rounded as the exported file
    keeps them, so that both compute the same; of the encoder's log variances nothing is changed.
    """
    found = copy.deepcopy(vae)
    last, first = found.last, found.first
    with torch.no_grad():
        means, rest = last.weight[: vae.latent], last.weight[vae.latent :]
        shifted = (last.bias[: vae.latent] - mean) / std
        last.weight.copy_(torch.cat([(means / std[:, None])[order], rest]))
        last.bias.copy_(torch.cat([shifted[order], last.bias[vae.latent :]]))
        first.bias.add_(first.weight @ mean)
        first.weight.copy_((first.weight * std)[:, order])
        for parameter in found.parameters():
            parameter.copy_(parameter.half())
    return found.eval()
