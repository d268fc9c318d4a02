"""The dance network: poses and their changes in, a mixture over the next change out, one step at a time.

Mean of each component: the last change (constant velocity) through a learned gate per dimension, plus what the network
adds. Inputs and outputs are in metres and radians; the normaliser is part of the network.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.nets.mdn import MixtureHead
from export.recipe import NetRecipe

State = tuple[Tensor, Tensor]


class DanceNet(nn.Module):
    """Linear, L x LSTM, mixture head over `[dz, way]`.

    Args:
        scales: standard deviations of z (d), dz (d) and way in the training data, as one vector (2 d + way,).
        way: how many numbers tell the way of the body's root; 0 where there is no body.
        conditions: width of the condition behind them.
        hidden: units of each LSTM layer.
        layers: number of LSTM layers.
        components: number of mixture components.
        floor: least sigma, in standard deviations of the change.
        cap: greatest sigma, likewise.
        dropout: share of units dropped before, between and after the LSTM layers in training.
    """

    def __init__(
        self,
        scales: Tensor,
        *,
        way: int = 3,
        conditions: int,
        hidden: int,
        layers: int,
        components: int,
        floor: float,
        cap: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.motion = len(scales)
        self.pose = (len(scales) - way) // 2
        dims = self.motion - self.pose
        self.scales: Tensor
        self.register_buffer("scales", scales.to(torch.float32))
        self.dropout = dropout
        self.input = nn.Linear(self.motion + conditions, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, dropout=dropout if layers > 1 else 0.0)
        self.gate = nn.Parameter(torch.ones(dims))
        self.head = MixtureHead(hidden, components, dims, floor=floor, cap=cap)

    @classmethod
    def make(cls, recipe: NetRecipe, scales: Tensor, conditions: int, *, way: int = 3) -> "DanceNet":
        """The network that a recipe describes."""
        return cls(
            scales,
            way=way,
            conditions=conditions,
            hidden=recipe.hidden,
            layers=recipe.layers,
            components=recipe.components,
            floor=recipe.floor,
            cap=recipe.cap,
            dropout=recipe.dropout,
        )

    @property
    def unit(self) -> Tensor:
        """Standard deviations (d + way,) of the outputs: one normalised unit."""
        return self.scales[self.pose :]

    def normal(self, target: Tensor) -> Tensor:
        """Changes (..., D) in metres and radians, as the mixture is over."""
        return target / self.unit

    def hidden(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Hidden states (T, B, H) for inputs (T, B, F), and the state after them."""
        inside = torch.cat([x[..., : self.motion] / self.scales, x[..., self.motion :]], -1)
        inside = functional.dropout(functional.silu(self.input(inside)), self.dropout, self.training)
        outside, state = self.lstm(inside, state)
        return functional.dropout(outside, self.dropout, self.training), state

    def carried(self, x: Tensor) -> Tensor:
        """What constant velocity contributes to the mean (..., D), normalised."""
        return torch.sigmoid(self.gate) * x[..., self.pose : self.motion] / self.unit

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, Tensor, Tensor, State]:
        """Logits (T, B, K), mu and sigma (T, B, K, D), normalised, for inputs (T, B, F), and the state after them."""
        hidden, state = self.hidden(x, state)
        logits, mu, sigma = self.head(hidden)
        return logits, mu + self.carried(x).unsqueeze(-2), sigma, state
