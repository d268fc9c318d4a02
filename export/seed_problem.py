"""The recipe of the first LSTM-MDN dancers, as it was posted, with its faults: to be shown beside the cure.

Kept as they were: absolute positions, min-max scaled per axis; windows of 32 frames drawn at random, batch 1, a
learning rate of 1e-6; the target of a window that ends at frame i - 1 is frame i + 1, so the network learns to look two
frames ahead and is then played one frame at a time; the sampler takes sigma for a variance, which the exported graph
imitates by the root of sigma.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch

from engine.schema.controls import MODEL_CONTROLS
from engine.schema.model import Head, ModelSpec
from export import sources
from export.dance_problem import primes
from export.data.clip import Clip
from export.data.splits import LOOK_BACK, digest
from export.data.transform import split_valid
from export.metrics.dance import frozen_below
from export.nets.seed import SeedNet
from export.problem import F32, Problem, Window
from export.recipe import Recipe

AHEAD = 2
"""Frames from the last one of a window to its target: the off-by-one of the original."""


def make(recipe: Recipe) -> Problem:
    """Read the data and make an untrained network of the original's size."""
    parts = sources.load(recipe.data.source)
    flat = [_flat(piece) for clip in parts.train for piece in split_valid(clip, LOOK_BACK + AHEAD)]
    stacked = np.concatenate(flat).reshape(-1, len(parts.train[0].skeleton.names), 3)
    low, high = stacked.min((0, 1)), stacked.max((0, 1))
    joints = stacked.shape[1]
    torch.manual_seed(recipe.train.seed)
    ends = [torch.from_numpy(np.tile(end, joints)) for end in (low, high)]
    net = SeedNet.make(recipe.net, *ends)
    return Problem(
        net=net,
        epoch=partial(_epoch, recipe, flat),
        carry=False,
        held={name: _held(clips) for name, clips in zip(parts._fields, parts, strict=True)},
        train=[np.diff(positions, axis=0) for positions in flat],
        absolute=True,
        spec=_spec(recipe, parts.train, digest(parts)),
        arrays={"primes": primes(parts.train, recipe)},
    )


def _epoch(recipe: Recipe, clips: Sequence[F32], number: int, rank: int) -> Iterator[Window]:
    """Windows (32, B, D) drawn at random, and their one target (1, B, D)."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    starts = [(clip, start) for clip in clips for start in range(len(clip) - LOOK_BACK - AHEAD + 1)]
    for _ in range(recipe.train.updates):
        chosen = [starts[index] for index in rng.integers(len(starts), size=recipe.train.batch)]
        inputs = np.stack([clip[start : start + LOOK_BACK] for clip, start in chosen], 1)
        targets = np.stack([clip[start + LOOK_BACK - 1 + AHEAD] for clip, start in chosen])
        yield inputs, targets[None]


def _flat(clip: Clip) -> F32:
    return clip.positions.reshape(len(clip), -1)


def _held(clips: Sequence[Clip]) -> list[tuple[F32, F32]]:
    """Inputs and targets (T, D), positions in metres, one frame apart: what the model is played as."""
    pieces = [piece for clip in clips for piece in split_valid(clip, 2)]
    flat = [_flat(piece) for piece in pieces]
    return [(positions[:-1], positions[1:]) for positions in flat]


def _spec(recipe: Recipe, clips: Sequence[Clip], split: str) -> ModelSpec:
    first = clips[0]
    width = 3 * len(first.skeleton.names)
    return ModelSpec(
        name=recipe.title,
        family="points",
        fps=first.fps,
        features=width,
        head=Head(kind="mdn", components=recipe.net.components, dims=width),
        state=(),
        licence=first.licence or "none stated: for comparison only, not to be shipped",
        credit=first.credit,
        skeleton=first.skeleton,
        settings={
            "freeze_speed": frozen_below([piece.positions for clip in clips for piece in split_valid(clip)], first.fps)
        },
        controls=MODEL_CONTROLS,
        training={"data": recipe.data.source, "split": split},
    )
