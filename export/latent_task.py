"""Learning how pictures move: as dancers learn; on request the decoder learns with it."""

from typing import Any

import torch

from export.lightning_task import Task
from export.nets.latents import SeedLatentNet


class LatentTask(Task):
    """Latent numbers that follow each other being learned; losses are nats per number."""

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """As for dancers; the first one's as it was posted."""
        if isinstance(self.net, SeedLatentNet):
            return torch.optim.Adam(self.learned(), lr=self.recipe.train.lr, eps=1e-7)
        return super().configure_optimizers()
