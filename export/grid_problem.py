"""The recipe of the first pianist, as it was posted or repaired: whole pieces on a grid, seen in both directions.

It cannot play live, as it needs the piece to its end. As posted it is led by silence: some 98 of 100 cells hold no
stroke, so a constant near nothing already has a tiny squared error, and the sigmoid has no gradient left there.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch

from engine.schema.model import Head, ModelSpec
from export.data import piano
from export.data.grid import Grid, grid
from export.nets.velocity import GridNet
from export.problem import Problem, Window
from export.recipe import Recipe
from export.velocity_problem import FPS, divided


def make(recipe: Recipe) -> Problem:
    """Read the data and make an untrained network of the original's size.

    Raises:
        DataError: the data is missing, unusable or too little.
    """
    library, parts = divided(recipe)
    grids = [grid(piece, recipe.touch.cell) for piece in parts.train]
    held = [grid(piece, recipe.touch.cell) for piece in parts.validation]
    torch.manual_seed(recipe.train.seed)
    window = recipe.train.window
    return Problem(
        net=GridNet.make(recipe.net),
        epoch=partial(_epoch, recipe, grids),
        carry=False,
        held={"validation": [(one.keys[:window], one.velocities[:window]) for one in held]},
        train=(),
        spec=ModelSpec(
            name=recipe.title,
            family="velocity",
            fps=FPS,
            features=grids[0].keys.shape[1],
            head=Head(kind="mdn", components=1, dims=grids[0].velocities.shape[1]),
            state=(),
            licence=library.licence or "none stated: for comparison only, not to be shipped",
            credit=library.credit,
            training={"data": recipe.data.source, "split": piano.digest(parts)},
        ),
        arrays={},
        notes=library.missing,
    )


def _epoch(recipe: Recipe, grids: Sequence[Grid], number: int, rank: int) -> Iterator[Window]:
    """Windows (T, B, 176) and (T, B, 88) from anywhere, pieces as often as they are long."""
    train, rng = recipe.train, np.random.default_rng([recipe.train.seed, number, rank])
    lengths = np.array([len(one.keys) for one in grids], np.float64)
    for _ in range(train.updates):
        x = np.zeros((train.window, train.batch, grids[0].keys.shape[1]), np.float32)
        y = np.zeros((train.window, train.batch, grids[0].velocities.shape[1]), np.float32)
        for row, index in enumerate(rng.choice(len(grids), train.batch, p=lengths / lengths.sum())):
            one = grids[index]
            start = int(rng.integers(0, max(1, len(one.keys) - train.window + 1)))
            part = slice(start, start + train.window)
            x[: len(one.keys[part]), row], y[: len(one.keys[part]), row] = one.keys[part], one.velocities[part]
        yield x, y
