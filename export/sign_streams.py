"""Windows of signs to learn from: each sign a column, every sample of it asked for, the later the more.

A sign that is heard live is preceded by hands that lie still, or begins some samples late, and is followed by hands
that lie still until it is said to be over. So signs are shown with all of these, faster and slower than they were, and
with channels that lie elsewhere, as gloves sit differently each day.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from export.problem import F32, Window
from export.recipe import SignRecipe

SHORTEST = 8
"""Samples that are left of a sign, however much faster it is shown: less is no movement at 100 a second."""

BEND = 1.0
"""Standard deviation, in samples, of how far the middle of a sign moves in time while its ends stay."""


class Example(NamedTuple):
    """A recorded sign: samples (T, F) and the number of its class."""

    values: F32
    number: int


def asked(length: int, lead: int, still: int) -> F32:
    """Weights (lead + length + still,) of the samples: nothing before the sign, (t / T)^2 in it, 1 behind it."""
    inside = np.square(np.arange(1, length + 1, dtype=np.float32) / np.float32(length))
    return np.concatenate([np.zeros(lead, np.float32), inside, np.ones(still, np.float32)])


def targets(number: int, weights: F32) -> F32:
    """(T, 2) of a sign: number of its class, and weight."""
    return np.stack([np.full_like(weights, number), weights], 1)


def whole(example: Example) -> Window:
    """A sign as it was recorded: samples (T, F) and targets (T, 2)."""
    return example.values, targets(example.number, asked(len(example.values), 0, 0))


def padded(example: Example, length: int) -> Window:
    """A sign as the first network saw it: zeros in front up to `length` samples, asked for at the end alone.

    Of a longer sign the end is shown.
    """
    values = example.values[-length:]
    x = np.zeros((length, values.shape[1]), np.float32)
    x[length - len(values) :] = values
    weights = np.zeros(length, np.float32)
    weights[-1] = 1.0
    return x, targets(example.number, weights)


def changed(example: Example, scale: F32, recipe: SignRecipe, rate: float, rng: np.random.Generator) -> Window:
    """A sign as it may come another day.

    Args:
        example: as it was recorded.
        scale: (F,) standard deviations of the channels.
        recipe: by how much it is changed.
        rate: samples a second.
        rng: what is drawn with.
    """
    values = _warped(example.values, recipe, rng)
    late = int(rng.integers(round(recipe.late * rate) + 1))
    values = values[min(late, max(len(values) - SHORTEST, 0)) :]
    lead, still = (int(rng.integers(round(most * rate) + 1)) for most in (recipe.lead, recipe.still))
    lead = 0 if late else lead
    still = 0 if rng.random() < 0.5 else still
    x = np.concatenate([np.repeat(values[:1], lead, 0), values, np.repeat(values[-1:], still, 0)])
    noise = recipe.jitter * rng.standard_normal(x.shape)
    moved = recipe.shift * rng.standard_normal(x.shape[1]) * (rng.random(x.shape[1]) < recipe.shifted)
    x = (x + scale * (noise + moved)).astype(np.float32)
    return x, targets(example.number, asked(len(values), lead, still))


def _warped(values: F32, recipe: SignRecipe, rng: np.random.Generator) -> F32:
    """Faster or slower, and its middle earlier or later."""
    last = len(values) - 1
    count = max(SHORTEST, round(len(values) * rng.uniform(1 - recipe.warp, 1 + recipe.warp)))
    at = np.linspace(0, last, count)
    if recipe.warp and last:
        at = np.clip(at + rng.normal(0, BEND) * np.sin(np.pi * at / last), 0, last)
    low = np.floor(at).astype(np.int64)
    share = (at - low)[:, None]
    found: F32 = (values[low] * (1 - share) + values[np.minimum(low + 1, last)] * share).astype(np.float32)
    return found


def beside(windows: Sequence[Window]) -> Window:
    """Signs side by side: samples (T, B, F) and targets (T, B, 2), nothing asked for behind the end of each.

    The last sample goes on behind it.
    """
    length = max(len(x) for x, _ in windows)
    xs = [np.concatenate([x, np.repeat(x[-1:], length - len(x), 0)]) for x, _ in windows]
    ys = [np.concatenate([y, targets(0, np.zeros(length - len(y), np.float32))]) for _, y in windows]
    return np.stack(xs, 1), np.stack(ys, 1)


def batches(count: int, size: int, updates: int, rng: np.random.Generator) -> Iterator[Sequence[int]]:
    """Numbers of the examples of each update: all of them in a new order, again and again."""
    order: list[int] = []
    for _ in range(updates):
        while len(order) < size:
            order += rng.permutation(count).tolist()
        yield order[:size]
        order = order[size:]
