"""Learning touch: the likelihood of each velocity and the error of its mean, with averaged weights; and the grids."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from export.lightning_task import Task
from export.nets.mdn import LOG_TWO_PI, negative_log_likelihood
from export.nets.velocity import expected
from export.problem import Problem, Window
from export.recipe import Recipe

SHOWN = 1500
"""Notes of each validation piece that are looked at after an epoch, all pieces side by side."""


class TouchTask(Task):
    """A model of touch being learned; losses are nats per note, over velocities from 0 to 127.

    `net` keeps the averaged weights, which are what is measured and exported; `learner` is what the optimiser moves.
    """

    def __init__(self, recipe: Recipe, problem: Problem) -> None:
        super().__init__(recipe, problem)
        self.learner: nn.Module = self.net
        if recipe.touch.average:
            self.learner = copy.deepcopy(self.net)
            self.net.requires_grad_(requires_grad=False)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Nats (N,) of the velocities (T, B, 1) that are known; keeps the state."""
        return self._errors(self.net, x, y)[0] + self._offset

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """One update; the state flows on, its gradient does not."""
        if self._state is not None:
            self._state = tuple(part.detach() for part in self._state)
        nats, errors = self._errors(self.learner, *batch)
        touch, known = self.recipe.touch, torch.isfinite(batch[1][..., 0])
        shape = (errors - errors.sum(0) / known.sum(0).clamp_min(1))[known]
        self.log("train", nats.mean() + self._offset, prog_bar=True, on_step=False, on_epoch=True)
        return nats.mean() + touch.mean * errors[known].abs().mean() + touch.shape * shape.abs().mean()

    def on_train_batch_end(self, *_: Any) -> None:  # noqa: ANN401 - Lightning's own
        """Let the averaged weights follow, faster at first."""
        if self.learner is self.net:
            return
        left = min(self.recipe.touch.average, (self.global_step + 1) / (self.global_step + 10))
        with torch.no_grad():
            for kept, now in zip(self.net.parameters(), self.learner.parameters(), strict=True):
                kept.lerp_(now, 1.0 - left)

    def val_dataloader(self) -> DataLoader[Window]:
        """The beginnings of the validation pieces, side by side."""
        beginnings = [_beside(self.problem.held["validation"], SHOWN)]
        return DataLoader(beginnings, batch_size=None)  # type: ignore[arg-type]  # a list is a map-style dataset

    def _errors(self, net: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Nats (N,) of the velocities that are known, and errors of the mean (T, B), normalised, 0 for the others."""
        logits, mu, sigma, self._state = net(x, self._state)
        target = self.net.normal(y)
        known = torch.isfinite(target[..., 0])
        nats = negative_log_likelihood(logits[known], mu[known], sigma[known], target[known])
        return nats, torch.where(known, (expected(logits, mu) - target)[..., 0], 0.0)

    def learned(self) -> Iterator[nn.Parameter]:
        """What the optimiser moves."""
        return self.learner.parameters()

    def held_out(self) -> dict[str, Any]:
        """Held-out likelihoods beside a normal distribution with mean and spread of the training's velocities."""
        self.eval()
        found: dict[str, Any] = {"unit": "nats per note, velocities from 0 to 127"}
        for part in ("validation", "test"):
            pieces = self.problem.held[part]
            if not pieces:
                continue
            self.forget()
            with torch.no_grad():
                nats = self.loss(*_beside(pieces, max(len(x) for x, _ in pieces)))
            gaps = torch.cat([self.net.normal(torch.from_numpy(y)) for _, y in pieces])
            plain = 0.5 * gaps.square() + 0.5 * LOG_TWO_PI + self._offset
            found[part] = {"model": float(nats.mean()), "constant": float(plain.mean())}
        return found


class GridTask(Task):
    """The first pianist being learned: squared errors of velocities / 127, of all cells or of struck keys alone."""

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Squared errors (N,) of grids (T, B, 88)."""
        found: Tensor = self.net(x)
        errors = (found - y).square()
        return errors.flatten() if self.recipe.net.kind == "grid" else errors[y > 0.0]

    def held_out(self) -> dict[str, Any]:
        """Held-out squared errors of the validation's windows."""
        self.eval()
        with torch.no_grad():
            clips = self.problem.held["validation"]
            errors = [self.loss(torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None]) for x, y in clips]
        return {"unit": "squares of velocity / 127", "validation": {"model": float(torch.cat(errors).mean())}}


def _beside(pieces: Sequence[Window], length: int) -> tuple[Tensor, Tensor]:
    """The first notes of pieces (N, F) and (N, 1) as one window (T, P, F) and (T, P, 1), NaN behind their ends."""
    xs = pad_sequence([torch.from_numpy(x[:length]) for x, _ in pieces])
    return xs, pad_sequence([torch.from_numpy(y[:length]) for _, y in pieces], padding_value=float("nan"))
