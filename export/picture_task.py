"""Learning pictures: cross-entropy of all pixels and the weight of the code, in half precision where that is fast."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from export.lightning_task import Task
from export.metrics.pictures import likeness
from export.nets import vae
from export.nets.vae import Coded
from export.picture_problem import bytes_of, rebuilt
from export.problem import Window

WEIGHTED = 500
"""Updates over which the weight of the code rises: before a picture is recognised it would only be ignored."""

BATCH = 32
"""Held-out pictures that are looked at side by side."""


class PictureTask(Task):
    """A network of pictures being learned; losses are nats per picture."""

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Nats () of pictures (B, 1, H, W)."""
        with torch.autocast(x.device.type, torch.bfloat16):
            logits, coded = self.net(x)
        weight = self.recipe.pictures.divergence * min(1.0, self.global_step / WEIGHTED)
        coded = Coded(coded.mean.float(), coded.log_variance.float())
        return vae.loss(logits.float(), y, coded, weight)

    def val_dataloader(self) -> DataLoader[Window]:
        """The validation films in pieces."""
        pieces = [
            (x[at : at + BATCH], y[at : at + BATCH])
            for x, y in self.problem.held["validation"]
            for at in range(0, len(x), BATCH)
        ]
        return DataLoader(pieces, batch_size=None)  # type: ignore[arg-type]  # a list is a map-style dataset

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """As for dancers; the first one's as it was posted."""
        if self.recipe.pictures.kind == "seed-vae":
            return torch.optim.RMSprop(self.learned(), lr=self.recipe.train.lr, alpha=0.9, eps=1e-7)
        return super().configure_optimizers()

    def held_out(self) -> dict[str, Any]:
        """How alike pictures are to their reconstructions."""
        self.eval()
        found: dict[str, Any] = {"unit": "nats per picture"}
        for part, films in self.problem.held.items():
            if films:
                truth = np.concatenate([bytes_of(x) for x, _ in films])
                found[part] = likeness(truth, rebuilt(self.net, truth))._asdict()
        return found
