"""How an autoencoder of memories is taught: it is shown a blurred row and has to give the clear one.

Beside that a map may be asked to be quiet, so that rows that follow each other lie near each other, and to stay where
the last one was, so that people find again what they know.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor

from engine.schema.frame import F32
from export.nets.path import Autoencoder, our_map, seed_map
from export.recipe import Recipe
from export.remembered import Memory

STILL = 1e-3
"""Least scale of a number of a memory; LSTMs give -1 to 1, and one that never moves tells nothing."""

BEGINNING = 0
"""Seed of our first weights: all trainings begin alike, whatever their own seed, which shuffles and blurs."""


class Lesson(NamedTuple):
    """What is learned from.

    Attributes:
        rows: (N, H) memories, standardised.
        following: (N,) the row after each in its stream, the last one itself.
        standard: mean (H,) and scale (H,) that made them so.
        last: (N, D) where they were on the last map, or None.
    """

    rows: Tensor
    following: NDArray[np.int64]
    standard: tuple[F32, F32]
    last: Tensor | None = None


def lesson(streams: Sequence[Memory], *, plain: bool, first: int, last: int) -> Lesson:
    """Memories to learn from.

    Args:
        streams: that train.
        plain: leave the memories as they are.
        first: step of each stream, from 0, that is learned from first.
        last: the last one; 0: all.
    """
    cut = [stream.states[first : last + 1 if last else None] for stream in streams]
    rows = np.concatenate(cut)
    following = np.arange(1, len(rows) + 1)
    ends = np.cumsum([len(part) for part in cut if len(part)]) - 1
    following[ends] = ends
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), STILL)
    if plain:
        mean, scale = np.zeros_like(mean), np.ones_like(scale)
    return Lesson(torch.from_numpy((rows - mean) / scale), following, (mean, scale))


def components(rows: Tensor, dims: int) -> F32:
    """The first principal components (D, H) of rows whose mean is 0."""
    found: F32 = PCA(dims, svd_solver="covariance_eigh").fit(rows.numpy()).components_.astype(np.float32)
    return found


def begun(recipe: Recipe, given: Lesson, seed: int) -> Autoencoder:
    """The untaught network."""
    inputs, dims = given.rows.shape[1], recipe.path.dims
    with torch.random.fork_rng(devices=()):
        if recipe.net.kind == "seed-path":
            torch.manual_seed(seed)
            return seed_map(inputs, dims)
        torch.manual_seed(BEGINNING)
        return our_map(inputs, recipe.net.hidden, dims, torch.from_numpy(components(given.rows, dims)))


def learned(recipe: Recipe, given: Lesson, seed: int, progress: Callable[[float], object]) -> Autoencoder:
    """Teach a network; the same recipe, rows and seed give the same one."""
    net, wanted, draw = begun(recipe, given, seed), recipe.train, torch.Generator().manual_seed(seed)
    updates = wanted.epochs * wanted.updates
    decay = 0.0 if recipe.net.kind == "seed-path" else wanted.decay
    optimiser = torch.optim.AdamW(net.parameters(), wanted.lr, weight_decay=decay)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
    following = torch.from_numpy(given.following)
    for update in range(updates):
        chosen = torch.randint(len(given.rows), (wanted.batch,), generator=draw)
        loss = _loss(recipe, net, given, chosen, following[chosen], draw)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), wanted.clip)
        optimiser.step()
        falling.step()
        if update % 100 == 0:
            progress(update / updates)
    return net.eval()


def _loss(
    recipe: Recipe, net: Autoencoder, given: Lesson, chosen: Tensor, following: Tensor, draw: torch.Generator
) -> Tensor:
    clear, path = given.rows[chosen], recipe.path
    blurred = clear + path.noise * torch.randn(clear.shape, generator=draw)
    places, again = net(blurred)
    loss = torch.square(again - clear).mean()
    wide = places.detach().var(0).sum() + 1e-6
    if path.smooth:
        steps = net.encoder(given.rows[following]) - net.encoder(clear)
        loss = loss + path.smooth * torch.square(steps).sum(1).mean() / wide
    if path.hold and given.last is not None:
        loss = loss + path.hold * torch.square(places - given.last[chosen]).sum(1).mean() / wide
    return loss
