"""The piano recipe: how hard each key is struck, learned note by note from recordings that may be shipped."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from engine.families import _touch
from engine.schema.controls import TEMPERATURE, TOUCH_CONTROLS
from engine.schema.errors import DataError
from engine.schema.model import Head, ModelSpec
from export import linear, touch_streams
from export.data import piano
from export.data.piano import Library, Parts, Piece
from export.nets.velocity import VelocityNet
from export.problem import F32, Problem, Window
from export.recipe import Recipe

FPS = 30.0
"""Frames per second that a show of this model alone has; its steps are notes."""

LOUDNESS_FLOOR = 1.0
"""Least standard deviation of velocities that makes a unit, and so of a set of flat scores."""


class Level(NamedTuple):
    """Mean and standard deviation of the velocities that are learned."""

    mean: float
    unit: float


def make(recipe: Recipe) -> Problem:
    """Read the data, measure it, and make an untrained network.

    Raises:
        DataError: the data is missing, unusable or too little.
    """
    library, parts = divided(recipe)
    shares = chosen(parts.train, recipe)
    level = measured(parts.train, shares)
    inputs = np.concatenate([x for piece in parts.train for x, _ in _pairs(piece)])
    torch.manual_seed(recipe.train.seed)
    scale = torch.from_numpy(inputs.std(0) + 1e-3)
    net = VelocityNet.make(recipe.net, torch.from_numpy(inputs.mean(0)), scale, level.mean, level.unit)
    return Problem(
        net=net,
        epoch=partial(_epoch, recipe, parts.train, shares, level.mean),
        carry=True,
        held={
            name: [pair for piece in pieces for pair in _pairs(piece)]
            for name, pieces in zip(Parts._fields, parts, strict=True)
        },
        train=(),
        spec=_spec(recipe, library, parts, level),
        arrays={
            linear.LINEAR: linear.fit(parts.train, shares),
            linear.LINEAR_LEVEL: linear.fit(parts.train, shares, level_mean=level.mean),
            linear.LINEAR_HEARD: linear.fit(parts.train, shares, heard=True),
        },
        notes=library.missing,
    )


def divided(recipe: Recipe) -> tuple[Library, Parts]:
    """The recordings of a recipe and their parts.

    Raises:
        DataError: none, or too few to train and to choose.
    """
    library = piano.load(recipe.data.source)
    parts = piano.split(library.pieces)
    if not parts.train or not parts.validation:
        raise DataError(
            recipe.data.source, f"{len(library.pieces)} pieces", "enough for a part to train and one to choose"
        )
    return library, parts


def chosen(pieces: Sequence[Piece], recipe: Recipe) -> NDArray[np.float64]:
    """How often each piece (P,) is chosen."""
    weights = np.array([recipe.touch.weights.get(piece.source, 1.0) for piece in pieces], np.float64)
    return np.asarray(weights / weights.sum())


def measured(pieces: Sequence[Piece], shares: NDArray[np.float64]) -> Level:
    """Mean and spread of the velocities as often as they are heard."""
    means = np.array([piece.velocities.mean(dtype=np.float64) for piece in pieces])
    squares = np.array([np.square(piece.velocities, dtype=np.float64).mean() for piece in pieces])
    weights = shares * [len(piece) for piece in pieces]
    weights /= weights.sum()
    mean = float(weights @ means)
    return Level(mean, float(np.sqrt(max(weights @ squares - mean**2, LOUDNESS_FLOOR))))


def _epoch(
    recipe: Recipe, pieces: Sequence[Piece], shares: NDArray[np.float64], level: float, number: int, rank: int
) -> Iterator[Window]:
    """Windows of one epoch, which begins anew, so that a resumed run sees the same ones."""
    train, rng = recipe.train, np.random.default_rng([recipe.train.seed, number, rank])
    return touch_streams.windows(pieces, shares, recipe.touch, level, (train.window, train.batch), train.updates, rng)


def _pairs(piece: Piece) -> list[tuple[F32, F32]]:
    """A piece as it is heard, and as from a flat score."""
    velocities = piece.velocities[:, None]
    return [(_touch.features(piece.events, piece.velocities), velocities), (_touch.features(piece.events), velocities)]


def _spec(recipe: Recipe, library: Library, parts: Parts, level: Level) -> ModelSpec:
    return ModelSpec(
        name=recipe.title,
        family="velocity",
        fps=FPS,
        features=_touch.FEATURES,
        head=Head(kind="mdn", components=recipe.net.components, dims=1),
        state=(),
        licence=library.licence or "none stated: for comparison only, not to be shipped",
        credit=library.credit,
        settings={"mean": level.mean, "std": level.unit},
        controls=(TEMPERATURE, *TOUCH_CONTROLS),
        training={
            "data": recipe.data.source,
            "split": piano.digest(parts),
            "pieces": {name: len(pieces) for name, pieces in zip(Parts._fields, parts, strict=True)},
            "left_out": len(library.left_out),
        },
    )
