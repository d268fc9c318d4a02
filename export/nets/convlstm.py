"""Networks that see a picture and say the next one: ours, and the one that was posted, its faults kept.

Both step one picture at a time: `step(x (B, 1, H, W), state) -> logits (B, 1, H, W), state`; the state is a flat tuple
h, c of every layer (Shi et al., "Convolutional LSTM Network", 2015).
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from export.recipe import NetRecipe

State = tuple[Tensor, ...]


class FrameNet(nn.Module):
    """What both share.

    Attributes:
        patch: pixels of a side that are folded into channels before the first layer.
        widths: channels of each layer's state.
    """

    patch: int
    widths: Sequence[int]

    def __init__(self) -> None:
        super().__init__()
        self.unit: Tensor
        self.register_buffer("unit", torch.ones(1))

    def zero(self, x: Tensor) -> State:
        """The empty state for pictures (B, 1, H, W)."""
        batch, _, height, width = x.shape
        sides = (height // self.patch, width // self.patch)
        return tuple(x.new_zeros(batch, channels, *sides) for channels in self.widths for _ in "hc")

    def counted(self) -> int:
        """How many numbers it learns."""
        return sum(one.numel() for one in self.parameters())

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Logits of the picture after `x`, both (B, 1, H, W), and the state after it."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits (T, B, H, W) of the pictures after each of `x` (T, B, H, W), and the state after them."""
        state = self.zero(x[0, :, None]) if state is None else state
        found = []
        for picture in x:
            logits, state = self.step(picture[:, None], state)
            found.append(logits[:, 0])
        return torch.stack(found), state


class Cell(nn.Module):
    """A ConvLSTM cell with odd kernels, which look to all sides alike, and each gate normalised over the picture."""

    def __init__(self, inputs: int, width: int, kernel: int) -> None:
        super().__init__()
        self.gates = nn.Conv2d(inputs + width, 4 * width, kernel, padding=kernel // 2)
        self.norm = nn.GroupNorm(4, 4 * width)
        nn.init.ones_(self.norm.bias[width : 2 * width])  # a gate that keeps what it has, to begin with

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """The next h and c, both (B, C, H, W)."""
        enter, keep, leave, new = self.norm(self.gates(torch.cat([x, h], 1))).chunk(4, 1)
        c = keep.sigmoid() * c + enter.sigmoid() * new.tanh()
        return leave.sigmoid() * c.tanh(), c


class ConvLstm(FrameNet):
    """Pixels folded to channels, ConvLSTM cells, and one convolution over all of them and over the picture itself.

    Folded by 4, a kernel of 3 reaches 4 to 7 pixels to every side in one layer, and a digit moves 3.6 in a frame. The
    picture stands beside the cells in front of the last convolution, so the cells say what changes, not all that is
    there.
    """

    def __init__(self, *, hidden: int = 64, layers: int = 3, kernel: int = 3, patch: int = 4) -> None:
        super().__init__()
        self.patch = patch
        self.widths = (hidden,) * layers
        pixels = patch**2
        inputs = (pixels, *self.widths[:-1])
        self.cells = nn.ModuleList(Cell(before, hidden, kernel) for before in inputs)
        self.out = nn.Conv2d(sum(self.widths) + pixels, pixels, kernel, padding=kernel // 2)
        if self.out.bias is not None:
            nn.init.constant_(self.out.bias, -3.0)  # pixels are black but for one in twenty

    @classmethod
    def make(cls, recipe: NetRecipe) -> "ConvLstm":
        """The network that a recipe describes."""
        return cls(hidden=recipe.hidden, layers=recipe.layers, kernel=recipe.kernel, patch=recipe.patch)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """See `FrameNet.step`; H and W are multiples of `patch`."""
        folded = functional.pixel_unshuffle(x, self.patch)
        seen, inside, after = [], folded, []
        for index, cell in enumerate(self.cells):
            inside, kept = cell(inside, state[2 * index], state[2 * index + 1])
            seen.append(inside)
            after += [inside, kept]
        logits = self.out(torch.cat([*seen, folded], 1))
        return functional.pixel_shuffle(logits, self.patch), tuple(after)


class SeedCell(nn.Module):
    """ConvLSTM2D as Keras makes it: 'same' kernels of even size see to the right and below alone; a rectified cell.

    Nothing is ever subtracted in it: what went in is at least 0, and a gate can only let it fade.
    """

    def __init__(self, inputs: int, width: int, kernel: int) -> None:
        super().__init__()
        self.reach = kernel - 1
        self.enter = nn.Conv2d(inputs, 4 * width, kernel)
        self.again = nn.Conv2d(width, 4 * width, kernel, bias=False)
        nn.init.xavier_uniform_(self.enter.weight)
        nn.init.orthogonal_(self.again.weight)
        bias = self.enter.bias
        if bias is not None:
            nn.init.zeros_(bias)
            nn.init.ones_(bias[width : 2 * width])

    def seen(self, x: Tensor) -> Tensor:
        """What pictures (N, C, H, W) put into the gates (N, 4 C, H, W)."""
        found: Tensor = self.enter(self.padded(x))
        return found

    def forward(self, seen: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """The next h and c, both (B, C, H, W)."""
        enter, keep, leave, new = (seen + self.again(self.padded(h))).chunk(4, 1)
        c = hard_sigmoid(keep) * c + hard_sigmoid(enter) * new.relu()
        return hard_sigmoid(leave) * c.relu(), c

    def padded(self, x: Tensor) -> Tensor:
        """Black beyond the right and the lower edge alone."""
        return functional.pad(x, (0, self.reach, 0, self.reach)) if self.reach else x


class SeedConvLstm(FrameNet):
    """Four cells of 64 filters, kernels 1, 2, 1, 2, each normalised over batch and time, then 1 x 1 x 1: 313 665.

    Keras counts the running means and variances of the normalisation as parameters, and so does `counted`.
    """

    KERNELS: ClassVar[tuple[int, ...]] = (1, 2, 1, 2)

    def __init__(self, *, hidden: int = 64) -> None:
        super().__init__()
        self.patch = 1
        self.widths = (hidden,) * len(self.KERNELS)
        inputs = (1, *self.widths[:-1])
        self.cells = nn.ModuleList(SeedCell(*one) for one in zip(inputs, self.widths, self.KERNELS, strict=True))
        self.norms = nn.ModuleList(nn.BatchNorm2d(hidden, eps=1e-3, momentum=0.01) for _ in self.KERNELS)
        self.out = nn.Conv2d(hidden, 1, 1)

    @classmethod
    def make(cls, recipe: NetRecipe) -> "SeedConvLstm":
        """The network that a recipe describes; its kernels are those that were posted."""
        return cls(hidden=recipe.hidden)

    def counted(self) -> int:
        """Parameters, as Keras counts them."""
        return super().counted() + sum(2 * norm.num_features for norm in self.norms if isinstance(norm, nn.BatchNorm2d))

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """See `FrameNet.step`; for a network that is no longer learning, as it learns over whole sequences."""
        after: list[Tensor] = []
        inside = x
        for index, (cell, norm) in enumerate(self._layers()):
            h, c = cell(cell.seen(inside), state[2 * index], state[2 * index + 1])
            after += [h, c]
            inside = norm(h)
        return self.out(inside), tuple(after)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """As `FrameNet.forward`, layer after layer, so that each is normalised over the whole sequence in training."""
        state = self.zero(x[0, :, None]) if state is None else state
        batch = x.shape[1]
        after: list[Tensor] = []
        inside = x.reshape(-1, 1, *x.shape[2:])
        for index, (cell, norm) in enumerate(self._layers()):
            h, c = state[2 * index], state[2 * index + 1]
            found = []
            for seen in torch.split(cell.seen(inside), batch):
                h, c = cell(seen, h, c)
                found.append(h)
            after += [h, c]
            inside = norm(torch.cat(found))
        return self.out(inside).reshape(x.shape), tuple(after)

    def _layers(self) -> list[tuple[SeedCell, nn.Module]]:
        """Each cell and what normalises it."""
        pairs = zip(self.cells, self.norms, strict=True)
        return [(cell, norm) for cell, norm in pairs if isinstance(cell, SeedCell)]


def hard_sigmoid(x: Tensor) -> Tensor:
    """Keras's gates at that time: a line between 0 and 1."""
    return functional.hardtanh(0.2 * x + 0.5, 0.0, 1.0)
