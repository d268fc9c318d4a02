"""Training on Lightning: windows in, negative log-likelihood down, a checkpoint and a held-out figure each epoch."""

from collections.abc import Iterator
from typing import Any, Literal

import lightning
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from export.checkpoint import KEY, entry
from export.nets.mdn import negative_log_likelihood
from export.problem import Problem, Window
from export.recipe import Recipe

WARM_UP = 200
"""Updates over which the learning rate rises; AdamW's second moments are noise before."""

LAST = 0.02
"""Share of the highest learning rate that is left at the end."""


class Task(lightning.LightningModule):
    """A problem being learned. Losses are nats per dimension in metres and radians, so they may be negative."""

    def __init__(self, recipe: Recipe, problem: Problem) -> None:
        super().__init__()
        self.recipe = recipe
        self.problem = problem
        self.net: Any = problem.net  # each task knows which of the kinds it learns
        self._state: Any = None
        self._offset = float(problem.net.unit.log().mean())
        self._history: list[dict[str, float]] = []

    def on_train_batch_start(self, batch: tuple[Tensor, Tensor], index: int) -> None:  # noqa: ARG002 - Lightning's own
        """Start every epoch from the same place, whether or not the run was interrupted before it.

        Not earlier than at its first window: Lightning draws random numbers of its own while it sets an epoch up, in
        another order when it resumes.
        """
        if index == 0:
            self.forget()
            torch.manual_seed(self.recipe.train.seed * 1_000_003 + self.current_epoch)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Nats per dimension of targets (S, B, D) of the last S steps of inputs (T, B, F); keeps the state."""
        logits, mu, sigma, self._state = self.net(x, self._state)
        steps = len(y)
        return negative_log_likelihood(logits[-steps:], mu[-steps:], sigma[-steps:], self.net.normal(y)) + self._offset

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """One update; the state flows on, its gradient does not."""
        if self._state is not None:
            self._state = tuple(part.detach() for part in self._state) if self.problem.carry else None
        loss = self.loss(*batch).mean()
        self.log("train", loss, prog_bar=True, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """One held-out clip."""
        self.forget()
        loss = self.loss(*batch)
        self.log("validation", loss.mean(), prog_bar=True, batch_size=loss.numel())

    def learned(self) -> Iterator[nn.Parameter]:
        """What the optimiser moves."""
        return (parameter for parameter in self.net.parameters() if parameter.requires_grad)

    def forget(self) -> None:
        """Let the next loss start from an empty state."""
        self._state = None

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """AdamW, warmed up, then falling along a cosine."""
        train = self.recipe.train
        total = train.epochs * train.updates
        optimiser = torch.optim.AdamW(
            self.learned(),
            lr=train.lr,
            weight_decay=train.decay,
            betas=(0.9, 0.99),
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {
                "scheduler": torch.optim.lr_scheduler.LambdaLR(optimiser, lambda update: rate(update, total)),
                "interval": "step",
            },
        }

    def on_train_epoch_end(self) -> None:
        """Remember the epoch's figures."""
        found = {name: float(value) for name, value in self.trainer.callback_metrics.items()}
        self._history.append({"epoch": self.current_epoch + 1.0, **found})

    def curve(self, part: Literal["train", "validation"]) -> list[tuple[float, float]]:
        """Points (epoch, nats per dimension) of all epochs, those before an interruption too."""
        return [(row["epoch"], row[part]) for row in self._history if part in row]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what exporting needs, and the history."""
        checkpoint[KEY] = entry(self.recipe, self.problem) | {"history": self._history}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take the history up again."""
        self._history = checkpoint[KEY]["history"]

    def train_dataloader(self) -> DataLoader[Window]:
        """The windows of the epoch that comes next."""
        return DataLoader(_Windows(self.problem, self.current_epoch, self.global_rank), batch_size=None)

    def val_dataloader(self) -> DataLoader[Window]:
        """The validation clips, one by one."""
        clips = [(x[:, None], y[:, None]) for x, y in self.problem.held["validation"]]
        return DataLoader(clips, batch_size=None)  # type: ignore[arg-type]  # a list is a map-style dataset


class _Windows(IterableDataset[Window]):
    """One epoch."""

    def __init__(self, problem: Problem, epoch: int, rank: int) -> None:
        self._problem = problem
        self._epoch = epoch
        self._rank = rank

    def __iter__(self) -> Iterator[Window]:
        return self._problem.epoch(self._epoch, self._rank)


def rate(update: int, total: int) -> float:
    """Share of the highest learning rate at an update: a linear warm-up, then a cosine down to `LAST`."""
    warm = min(1.0, (update + 1) / WARM_UP)
    cosine = 0.5 * (1.0 + float(torch.cos(torch.tensor(torch.pi * min(update / total, 1.0)))))
    return warm * (LAST + (1.0 - LAST) * cosine)
