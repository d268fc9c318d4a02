"""Recipes that foresee pictures: Moving MNIST, for our network and for the one that was posted."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from engine.schema.model import Head, ModelSpec, Size
from export.data import moving_mnist
from export.data.moving_mnist import SIZE
from export.nets.convlstm import ConvLstm, FrameNet, SeedConvLstm
from export.problem import F32, Problem, Window
from export.recipe import Recipe

SOURCE = "movingmnist"

HELD_OUT = 40
"""Validation sequences: 2 s of an epoch, and the mean error of two sets of them differs by 2 per cent."""

CONTEXTS = 8
"""Stored beginnings: 8 x 10 pictures of 4096 bytes, most of them black."""

VALIDATION_SEED, CONTEXT_SEED, CLIPS_SEED = 5_000_001, 5_000_002, 5_000_003
"""Of sequences that stay the same whatever the recipe's seed is."""


def make(recipe: Recipe) -> Problem:
    """Make what is held out, and an untrained network.

    Raises:
        DataError: the digits are not there, or the recipe names other data.
    """
    moving_mnist.library("train")
    torch.manual_seed(recipe.train.seed)
    rng = np.random.default_rng(VALIDATION_SEED)
    held = moving_mnist.make("validation", HELD_OUT, recipe.train.window, rng)
    rng = np.random.default_rng(CONTEXT_SEED)
    contexts = moving_mnist.make("train", CONTEXTS, min(recipe.forecast.context, 10), rng).frames
    return Problem(
        net=network(recipe),
        epoch=partial(_epoch, recipe),
        carry=False,
        held={"validation": [_pair(moving_mnist.scaled(film)) for film in held.frames]},
        train=(),
        spec=_spec(recipe),
        arrays={"contexts": contexts},
    )


def network(recipe: Recipe) -> FrameNet:
    """The untrained network of a recipe."""
    return ConvLstm.make(recipe.net) if recipe.net.kind == "convlstm" else SeedConvLstm.make(recipe.net)


def short(recipe: Recipe, epoch: int) -> bool:
    """Whether an epoch has short windows."""
    return epoch < recipe.forecast.short_share * recipe.train.epochs


def _epoch(recipe: Recipe, number: int, rank: int) -> Iterator[Window]:
    """Windows (T, B, H, W) of one epoch, the same ones whenever it is asked for."""
    train, clips = recipe.train, recipe.forecast.clips
    rng = np.random.default_rng([train.seed, number, rank])
    length = recipe.forecast.short if short(recipe, number) else train.window
    kept = moving_mnist.make("train", clips, length, np.random.default_rng(CLIPS_SEED)).frames if clips else None
    for _ in range(train.updates):
        if kept is None:
            frames = moving_mnist.make("train", train.batch, length, rng).frames
        else:
            frames = kept[rng.integers(clips, size=train.batch)]
        yield _pair(moving_mnist.scaled(frames).swapaxes(0, 1))


def _pair(frames: F32) -> Window:
    """Each picture and the one after it."""
    return frames[:-1], frames[1:]


def _spec(recipe: Recipe) -> ModelSpec:
    return ModelSpec(
        name=recipe.title,
        family="frames",
        fps=moving_mnist.FPS,
        features=SIZE**2,
        head=Head(kind="frame", components=1, dims=SIZE**2),
        state=(),
        image=Size(height=SIZE, width=SIZE),
        licence=moving_mnist.LICENCE,
        credit=moving_mnist.CREDIT,
        settings={"context": min(recipe.forecast.context, 10)},
        training={"data": recipe.data.source},
    )
