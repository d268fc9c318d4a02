"""Learning to foresee pictures: some are given, then the network sees its own, less and less often helped."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from export.convlstm_problem import short
from export.lightning_task import Task
from export.nets.convlstm import FrameNet
from export.problem import Problem, Window
from export.recipe import Recipe

UNIT = "squared error of a foreseen picture, summed over its pixels"


class FrameTask(Task):
    """A network that foresees pictures being learned; what it shows is `UNIT`, over the pictures beyond the context."""

    def __init__(self, recipe: Recipe, problem: Problem) -> None:
        super().__init__(recipe, problem)
        # a third faster on a processor
        self._frames().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch's own omission

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """One update: cross-entropy and squared error of every picture, those of the context too."""
        x, y = batch
        forecast = self.recipe.forecast
        context = given(self.recipe, self.current_epoch)
        truth = torch.rand(x.shape[:2], device=x.device) < forced(self.recipe, self.current_epoch)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=forecast.half):
            logits = rollout(self._frames(), x, context, truth)
        logits = logits.float()
        gaps = logits.sigmoid() - y
        self.log("train", apart(gaps[_first(x, context) :]), prog_bar=True, on_step=False, on_epoch=True)
        loss: Tensor = functional.binary_cross_entropy_with_logits(logits, y)
        return loss + forecast.square * gaps.square().mean()

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """All held-out sequences, the network left alone after the context."""
        self.log("validation", self._error(*batch), prog_bar=True, batch_size=1)

    def val_dataloader(self) -> DataLoader[Window]:
        """The held-out sequences, side by side."""
        return DataLoader([self._held()], batch_size=None)  # type: ignore[arg-type]  # a list is a map-style dataset

    def held_out(self) -> dict[str, Any]:
        """Held-out error of the pictures that the network foresees alone, beside the last picture that was given."""
        self.eval()
        x, y = self._held()
        with torch.no_grad():
            model = float(self._error(x, y))
        alone = _alone(self.recipe, x)
        return {"unit": UNIT, "validation": {"model": model, "copy_last": float(apart(y[alone:] - x[alone]))}}

    def _frames(self) -> FrameNet:
        if not isinstance(self.net, FrameNet):
            raise TypeError("a network that foresees no pictures")
        return self.net

    def _held(self) -> tuple[Tensor, Tensor]:
        pairs = self.problem.held["validation"]
        x, y = (torch.stack([torch.from_numpy(pair[which]) for pair in pairs], 1) for which in (0, 1))
        return x, y

    def _error(self, x: Tensor, y: Tensor) -> Tensor:
        alone = _alone(self.recipe, x)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.recipe.forecast.half):
            logits = rollout(self._frames(), x, alone + 1)
        return apart((logits.float().sigmoid() - y)[alone:])


def rollout(net: FrameNet, x: Tensor, context: int, truth: Tensor | None = None) -> Tensor:
    """Logits (T, B, H, W) of the pictures after each of `x` (T, B, H, W), of which the network sees the first alone.

    Args:
        net: steps.
        x: true pictures, 0 to 1.
        context: how many of them it sees; from there on what it foresaw itself.
        truth: (T, B) bool, where it sees the true one all the same.
    """
    if context >= len(x):
        found: Tensor = net(x)[0]
        return found
    logits: list[Tensor] = []
    state, seen = net.zero(x[0, :, None]), x[0, :, None]
    for index in range(len(x)):
        if index and index < context:
            seen = x[index, :, None]
        elif index:
            seen = logits[-1].float().sigmoid()
            if truth is not None:
                seen = torch.where(truth[index, :, None, None, None], x[index, :, None], seen)
        one, state = net.step(seen, state)
        logits.append(one)
    return torch.stack(logits)[:, :, 0]


def apart(gaps: Tensor) -> Tensor:
    """Squared gaps (..., H, W), summed over a picture, the mean over pictures."""
    return gaps.square().sum((-2, -1)).mean()


def forced(recipe: Recipe, epoch: int) -> float:
    """Share of the network's own pictures that true ones stand for in an epoch."""
    weaned = recipe.forecast.weaned * recipe.train.epochs
    return recipe.forecast.forced * max(0.0, 1.0 - epoch / weaned) if weaned else 0.0


def given(recipe: Recipe, epoch: int) -> int:
    """Pictures that are given in an epoch: half of a short window."""
    return recipe.forecast.short // 2 if short(recipe, epoch) else recipe.forecast.context


def _first(x: Tensor, context: int) -> int:
    """The first foreseen picture that counts: the one after the context, or all where everything is given."""
    return context - 1 if context < len(x) else 0


def _alone(recipe: Recipe, x: Tensor) -> int:
    """Of a held-out sequence, the last input that is given; also for networks that learn from given ones alone."""
    return min(recipe.forecast.context, (len(x) + 1) // 2) - 1
