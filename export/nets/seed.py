"""The network of the first LSTM-MDN dancers, as it was posted: for comparison, with its faults named.

Three LSTM layers of 256 units and a mixture of 32 Gaussians over all 165 coordinates of 55 markers, min-max scaled per
axis: 4 204 896 parameters. It has no floor under sigma, so components can shrink onto single frames.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.nets.dance import State
from export.recipe import NetRecipe


class SeedNet(nn.Module):
    """LSTM layers over scaled positions, then a mixture over the next positions.

    Args:
        low: (D,) metres that scale to 0.
        high: (D,) metres that scale to 1.
        hidden: units of each LSTM layer.
        layers: number of LSTM layers.
        components: number of mixture components.
    """

    def __init__(self, low: Tensor, high: Tensor, *, hidden: int = 256, layers: int = 3, components: int = 32) -> None:
        super().__init__()
        self.low: Tensor
        self.span: Tensor
        self.register_buffer("low", low.to(torch.float32))
        self.register_buffer("span", (high - low).clamp_min(1e-6).to(torch.float32))
        self.dims = len(low)
        self.components = components
        self.lstm = nn.LSTM(self.dims, hidden, layers)
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias_hh"):  # PyTorch's second bias per gate; the original has one
                parameter.requires_grad = False
                nn.init.zeros_(parameter)
        self.head = nn.Linear(hidden, components * (2 * self.dims + 1))

    @classmethod
    def make(cls, recipe: NetRecipe, low: Tensor, high: Tensor) -> "SeedNet":
        """The network that a recipe describes."""
        return cls(low, high, hidden=recipe.hidden, layers=recipe.layers, components=recipe.components)

    @property
    def unit(self) -> Tensor:
        """Metres per scaled unit (D,)."""
        return self.span

    def scale(self, positions: Tensor) -> Tensor:
        """Metres (..., D) to 0..1."""
        return (positions - self.low) / self.span

    def normal(self, target: Tensor) -> Tensor:
        """Positions (..., D) in metres, as the mixture is over."""
        return self.scale(target)

    def split(self, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (..., K), mu and sigma (..., K, D), scaled; sigma = ELU + 1 as in the mdn layer it used."""
        mu, sigma, logits = self.head(hidden).split(
            [self.components * self.dims, self.components * self.dims, self.components], -1
        )
        shape = (self.components, self.dims)
        mu, sigma = mu.reshape(*mu.shape[:-1], *shape), sigma.reshape(*sigma.shape[:-1], *shape)
        return logits, mu, functional.elu(sigma) + 1.0 + 1e-6

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, Tensor, State]:
        """Logits (T, B, K), mu and sigma (T, B, K, D), scaled, for metres (T, B, D), and the state after them."""
        hidden, state = self.lstm(self.scale(x), state)
        return (*self.split(hidden), state)
