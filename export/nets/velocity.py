"""The network of touch: what happened until a key goes down in, a mixture over its velocity out, one note at a time.

Beside it the network of the first pianist, which saw a whole piece at once, both ways, on a grid; as it was posted and
repaired. It cannot play live and is here for comparison.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.nets.dance import State
from export.nets.mdn import MixtureHead
from export.recipe import NetRecipe

KEYS = 88

BEGINNING = 42
"""The input that is 0 at the first note of a piece and above it at every other (`engine.families._touch`)."""


class VelocityNet(nn.Module):
    """Linear with SiLU, L x LSTM, mixture head over one velocity.

    Args:
        mean: (F,) of the inputs in training.
        scale: (F,) their standard deviations.
        loudness: mean velocity in training.
        unit: standard deviation of the velocity in training: one normalised unit.
        hidden: units of each LSTM layer.
        layers: number of LSTM layers.
        components: number of mixture components.
        floor: least sigma, in units.
        cap: greatest sigma, likewise.
        dropout: share of units dropped before, between and after the LSTM layers in training.
    """

    def __init__(
        self,
        mean: Tensor,
        scale: Tensor,
        loudness: float,
        unit: float,
        *,
        hidden: int,
        layers: int,
        components: int,
        floor: float,
        cap: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.loudness: Tensor
        self.unit: Tensor
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        self.register_buffer("loudness", torch.tensor([loudness], dtype=torch.float32))
        self.register_buffer("unit", torch.tensor([unit], dtype=torch.float32))
        self.dropout = dropout
        self.input = nn.Linear(len(mean), hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, dropout=dropout if layers > 1 else 0.0)
        self.head = MixtureHead(hidden, components, 1, floor=floor, cap=cap)

    @classmethod
    def make(cls, recipe: NetRecipe, mean: Tensor, scale: Tensor, loudness: float, unit: float) -> "VelocityNet":
        """The network that a recipe describes."""
        return cls(
            mean,
            scale,
            loudness,
            unit,
            hidden=recipe.hidden,
            layers=recipe.layers,
            components=recipe.components,
            floor=recipe.floor,
            cap=recipe.cap,
            dropout=recipe.dropout,
        )

    def normal(self, target: Tensor) -> Tensor:
        """Velocities (..., 1) as the mixture is over."""
        return (target - self.loudness) / self.unit

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, Tensor, State]:
        """Logits (T, B, K), mu and sigma (T, B, K, 1), normalised, for inputs (T, B, F), and the state after them.

        Rows that begin with the first note of a piece begin with an empty state.
        """
        if state is not None:
            going_on = (x[0, :, BEGINNING] != 0.0).to(x.dtype)[None, :, None]
            state = (state[0] * going_on, state[1] * going_on)
        inside = functional.silu(self.input((x - self.mean) / self.scale))
        inside = functional.dropout(inside, self.dropout, self.training)
        outside, state = self.lstm(inside, state)
        return (*self.head(functional.dropout(outside, self.dropout, self.training)), state)


def expected(logits: Tensor, mu: Tensor) -> Tensor:
    """Means (..., D) of mixtures (..., K), (..., K, D)."""
    return (logits.softmax(-1).unsqueeze(-1) * mu).sum(-2)


class GridNet(nn.Module):
    """The first pianist's: three LSTM layers in both directions over a grid of 88 keys, on and held.

    Args:
        repaired: both directions added up, and a rectifier for the sigmoid, so that a gradient is left near silence;
            as posted they stand side by side: 332 376 parameters.
        hidden: units of each direction.
        layers: number of layers.
        dropout: share of units dropped between layers in training.
    """

    def __init__(self, *, repaired: bool, hidden: int = 64, layers: int = 3, dropout: float = 0.2) -> None:
        super().__init__()
        self.repaired = repaired
        width = hidden if repaired else 2 * hidden
        self.unit: Tensor
        self.register_buffer("unit", torch.ones(1))
        widths = [2 * KEYS] + [width] * (layers - 1)
        self.lstm = nn.ModuleList(nn.LSTM(width, hidden, bidirectional=True) for width in widths)
        self.dropout = dropout
        self.out = nn.Linear(width, KEYS)
        if repaired:
            nn.init.constant_(self.out.bias, 0.5)
        for layer in self.lstm:
            for name, parameter in layer.named_parameters():
                if name.startswith("bias_hh"):  # PyTorch's second bias per gate; the original has one
                    parameter.requires_grad = False
                    nn.init.zeros_(parameter)

    @classmethod
    def make(cls, recipe: NetRecipe) -> "GridNet":
        """The network that a recipe describes."""
        repaired = recipe.kind == "grid-repaired"
        return cls(repaired=repaired, hidden=recipe.hidden, layers=recipe.layers, dropout=recipe.dropout)

    def normal(self, target: Tensor) -> Tensor:
        """Velocities / 127 as they are."""
        return target

    def forward(self, x: Tensor) -> Tensor:
        """Velocities / 127 (T, B, 88) for grids (T, B, 176)."""
        for layer in self.lstm:
            x, _ = layer(x)
            if self.repaired:
                forwards, backwards = x.chunk(2, -1)
                x = forwards + backwards
            x = functional.dropout(x, self.dropout, self.training)
        out = self.out(x)
        return functional.relu(out) if self.repaired else torch.sigmoid(out)
