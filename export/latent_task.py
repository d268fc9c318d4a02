"""Learning how pictures move: as dancers learn; on request the decoder learns with it."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from export.lightning_task import Task
from export.nets.latents import SeedLatentNet
from export.nets.velocity import expected
from export.picture_problem import scaled
from export.problem import Problem
from export.recipe import Recipe

STRETCHES, LENGTH = 4, 8
"""Stretches of films, and pictures of each, that an update draws when the decoder learns too."""


class LatentTask(Task):
    """Latent numbers that follow each other being learned; losses are nats per number."""

    def __init__(self, recipe: Recipe, problem: Problem) -> None:
        super().__init__(recipe, problem)
        if recipe.pictures.through:
            self.net.vae.decoder.requires_grad_(requires_grad=True)

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """One update; with `pictures.through` what is foreseen is drawn as well and held beside what came."""
        loss = super().training_step(batch, index)
        weight = self.recipe.pictures.through
        return loss + weight * self.drawn(index) if weight else loss

    def drawn(self, index: int) -> Tensor:
        """Nats per pixel () of the pictures that are to be expected next, through movement and decoder."""
        frames = self._stretches(index)
        pictures = torch.from_numpy(np.stack([scaled(film) for film in frames], 1)).to(self.device)
        with torch.no_grad():
            z = self.net.vae.encode(pictures.flatten(0, 1)).mean.unflatten(0, pictures.shape[:2])
        change = z.diff(dim=0)
        logits, mu, _, _ = self.net(torch.cat([z[1:-1], change[:-1]], -1))
        ahead = z[1:-1] + expected(logits, mu) * self.net.unit
        return functional.binary_cross_entropy_with_logits(
            self.net.vae.decoder(ahead.flatten(0, 1)), pictures[2:].flatten(0, 1)
        )

    def _stretches(self, index: int) -> list[Any]:
        """Pictures (T, H, W) from random places of the films, the same ones every time."""
        rng = np.random.default_rng([self.recipe.train.seed, self.current_epoch, index])
        long = [film for film in self.problem.films if len(film) >= LENGTH]
        chosen = [long[at] for at in rng.integers(len(long), size=STRETCHES)]
        return [film[at : at + LENGTH] for film in chosen for at in [int(rng.integers(len(film) - LENGTH + 1))]]

    def on_train_epoch_end(self) -> None:
        """Remember the epoch's figures; a decoder that learned is rounded as the exported file keeps it."""
        super().on_train_epoch_end()
        if self.recipe.pictures.through:
            with torch.no_grad():
                for parameter in self.net.vae.decoder.parameters():
                    parameter.copy_(parameter.half())

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """As for dancers; the first one's as it was posted."""
        if isinstance(self.net, SeedLatentNet):
            return torch.optim.Adam(self.learned(), lr=self.recipe.train.lr, eps=1e-7)
        return super().configure_optimizers()
