"""Learning signs: cross-entropy after every sample, the later in the sign the more; calibrated after every epoch."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from export import sign_streams
from export.lightning_task import Task
from export.metrics.calibration import calibration_error, temperature
from export.problem import Window

BATCH = 64
"""Held-out signs that are looked at side by side."""

UNIT = "nats per sign, later samples weigh more"


def weighted(logits: Tensor, y: Tensor, smoothing: float = 0.0) -> Tensor:
    """Nats () of logits (T, B, C), the mean over samples weighted as targets (T, B, 2) say."""
    nats = functional.cross_entropy(
        logits.flatten(0, 1), y[..., 0].flatten().long(), reduction="none", label_smoothing=smoothing
    )
    weights = y[..., 1].flatten()
    return (nats * weights).sum() / weights.sum()


def last(logits: Tensor, y: Tensor) -> Tensor:
    """Logits (B, C) after the last sample that targets (T, B, 2) ask for."""
    steps = torch.arange(1, len(y) + 1, device=y.device)[:, None] * (y[..., 1] > 0)
    return logits[steps.argmax(0), torch.arange(logits.shape[1], device=y.device)]


class SignTask(Task):
    """A network of signs being learned."""

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Nats () of samples (T, B, F) whose targets are (T, B, 2)."""
        return weighted(self.net(x)[0], y, self._smoothing)

    @property
    def _smoothing(self) -> float:
        return self.recipe.signs.smoothing if self.training and self.recipe.net.kind == "signs" else 0.0

    def on_validation_epoch_start(self) -> None:
        """Collect anew what is said at the end of held-out signs."""
        self._ends: list[tuple[Tensor, Tensor]] = []

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Some held-out signs."""
        x, y = batch
        logits = self.net(x)[0]
        self._ends.append((last(logits, y).cpu(), y[0, :, 0].long().cpu()))
        self.log("validation", weighted(logits, y), prog_bar=True, batch_size=x.shape[1])

    def on_validation_epoch_end(self) -> None:
        """Say how many were right, and fit the temperature of our network, so that each checkpoint is calibrated."""
        logits, numbers = (torch.cat(part) for part in zip(*self._ends, strict=True))
        self.log("right", (logits.argmax(1) == numbers).float().mean(), prog_bar=True)
        if self.recipe.net.kind == "signs":
            self.net.temperature.fill_(temperature(logits.numpy(), numbers.numpy()))

    def val_dataloader(self) -> DataLoader[Window]:
        """The held-out signs, some side by side."""
        return DataLoader(self._pieces(), batch_size=None)  # type: ignore[arg-type]  # a list is a map-style dataset

    def _pieces(self) -> list[Window]:
        signs = self.problem.held["validation"]
        return [sign_streams.beside(signs[at : at + BATCH]) for at in range(0, len(signs), BATCH)]

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """AdamW along one cycle of rates (Smith 2018); the first one's as Keras begins it."""
        train = self.recipe.train
        if self.recipe.net.kind == "seed-signs":
            return torch.optim.Adam(self.learned(), lr=train.lr, eps=1e-7)
        optimiser = torch.optim.AdamW(self.learned(), lr=train.lr, weight_decay=train.decay)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, train.lr, total_steps=train.epochs * train.updates)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}

    def held_out(self) -> dict[str, Any]:
        """What was right of the validation's signs; the test's are looked at by `engine-export evaluate` alone."""
        self.eval()
        with torch.no_grad():
            found = [(self.net(torch.from_numpy(x))[0], torch.from_numpy(y)) for x, y in self._pieces()]
            logits = torch.cat([last(said, y) for said, y in found])
            numbers = torch.cat([y[0, :, 0].long() for _, y in found])
            nats = np.mean([float(weighted(said, y)) for said, y in found])
            sure, said = self.net.probabilities(logits).double().max(1)
        right = (said == numbers).numpy()
        return {
            "unit": UNIT,
            "validation": {
                "model": float(nats),
                "right": float(right.mean()),
                "calibration_error": calibration_error(sure.numpy(), right),
                "temperature": float(self.net.temperature),
            },
            "parameters": self.net.counted(),
        }
