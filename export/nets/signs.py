"""Networks that recognise signs: one that says after every sample what it takes the sign for, and the first one.

The first one was shown whole signs, filled up with zeros in front, and asked at their end alone; what it says before
was never learned.
"""

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.nets.dance import State
from export.recipe import NetRecipe


class SignNet(nn.Module):
    """Standardised samples, L x LSTM, linear; logits of C classes after every sample.

    Args:
        mean: (F,) of the samples in training.
        scale: (F,) their standard deviations.
        classes: C.
        hidden: units of each LSTM layer.
        layers: number of LSTM layers.
        dropout: share of units dropped between and after the LSTM layers in training.

    Attributes:
        temperature: (1,) what logits are divided by before they become probabilities; fitted on held-out signs.
    """

    def __init__(self, mean: Tensor, scale: Tensor, classes: int, *, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.temperature: Tensor
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        self.unit: Tensor
        self.register_buffer("temperature", torch.ones(1))
        self.register_buffer("unit", torch.ones(1), persistent=False)
        self.dropout = dropout
        self.lstm = nn.LSTM(len(mean), hidden, layers, dropout=dropout if layers > 1 else 0.0)
        self.out = nn.Linear(hidden, classes)

    @classmethod
    def make(cls, recipe: NetRecipe, mean: Tensor, scale: Tensor, classes: int) -> Self:
        """The network of a recipe."""
        return cls(mean, scale, classes, hidden=recipe.hidden, layers=recipe.layers, dropout=recipe.dropout)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits (T, B, C) after each of the samples (T, B, F), and the state after the last one."""
        hidden, state = self.lstm((x - self.mean) / self.scale, state)
        return self.out(functional.dropout(hidden, self.dropout, self.training)), state

    def probabilities(self, logits: Tensor) -> Tensor:
        """(..., C) calibrated."""
        return torch.softmax(logits / self.temperature, -1)

    def counted(self) -> int:
        """Learned numbers, the two biases of a gate as the one that they are."""
        return _counted(self)


class SeedSignNet(nn.Module):
    """The first network: LSTM of 100 units, its last step, a dense layer; 58 694 numbers for 94 signs.

    It sees samples as they were recorded. Its weights begin as Keras begins them.
    """

    HIDDEN = 100

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.temperature: Tensor
        self.unit: Tensor
        self.register_buffer("temperature", torch.ones(1))
        self.register_buffer("unit", torch.ones(1), persistent=False)
        self.lstm = nn.LSTM(features, self.HIDDEN)
        self.out = nn.Linear(self.HIDDEN, classes)
        weights = dict(self.lstm.named_parameters())
        nn.init.xavier_uniform_(weights["weight_ih_l0"])
        nn.init.orthogonal_(weights["weight_hh_l0"])
        nn.init.zeros_(weights["bias_ih_l0"])
        nn.init.ones_(weights["bias_ih_l0"].data[self.HIDDEN : 2 * self.HIDDEN])
        nn.init.zeros_(weights["bias_hh_l0"])
        weights["bias_hh_l0"].requires_grad = False
        nn.init.xavier_uniform_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """As `SignNet`; what it says before the last step of a whole sign means nothing."""
        hidden, state = self.lstm(x, state)
        return self.out(hidden), state

    def probabilities(self, logits: Tensor) -> Tensor:
        """(..., C), as they were: nothing is calibrated."""
        return torch.softmax(logits / self.temperature, -1)

    def counted(self) -> int:
        """Learned numbers."""
        return _counted(self)


def _counted(net: nn.Module) -> int:
    return sum(part.numel() for name, part in net.named_parameters() if "bias_hh" not in name)
