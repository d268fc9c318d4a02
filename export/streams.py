"""Endless training streams: walks through a motion graph, disturbed as a free-running model disturbs itself.

The disturbance e is a slow random process (Ornstein-Uhlenbeck) added to the pose; the target leads back,
d* = d - contraction * e, so the model learns to return to the recorded motion from wherever its own samples took it.
Its strength differs from stream to stream, from none to the recipe's and more often weak than strong: the model then
tells clean input from its own, stays sharp on the one (held-out likelihood) and stable on the other (free running).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from export.graph import MotionGraph
from export.recipe import StreamRecipe

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


class Walk(NamedTuple):
    """Where B streams are in L frames: `a` fades into `b` with `share` (L, B); `told`: the model hears the genre."""

    a: I64
    b: I64
    share: F64
    told: NDArray[np.bool_]


class Scales(NamedTuple):
    """Standard deviations in the training data: `change` (d,) of dz, metres, and `way` (3,)."""

    change: F64
    way: F64


@dataclass
class _Walker:
    """The moving state of B streams."""

    at: I64
    to: I64
    fade: I64
    length: I64
    told: NDArray[np.bool_]


def walk(graph: MotionGraph, recipe: StreamRecipe, batch: int, frames: int, rng: np.random.Generator) -> Walk:
    """Walk `batch` streams for `frames` frames, each from a random start, balanced between the genres."""
    at = _starts(graph, recipe, batch, rng)
    none = np.zeros(batch, np.int64)
    now = _Walker(at, at.copy(), none, none + 1, rng.random(batch) >= recipe.untold)
    out = Walk(
        np.empty((frames, batch), np.int64),
        np.empty((frames, batch), np.int64),
        np.empty((frames, batch)),
        np.empty((frames, batch), np.bool_),
    )
    for frame in range(frames):
        _maybe_jump(graph, recipe, now, rng)
        fading = now.fade > 0
        left = np.where(fading, (now.fade - 0.5) / now.length, 0.0)
        out.a[frame], out.b[frame], out.told[frame] = now.at, np.where(fading, now.to, now.at), now.told
        out.share[frame] = np.where(fading, 1.0 - left * left * (3.0 - 2.0 * left), 0.0)
        now.at = np.minimum(now.at + 1, graph.end[now.at] - 1)
        now.to = now.to + 1
        now.fade = np.maximum(now.fade - 1, 0)
        now.at = np.where(fading & (now.fade == 0), now.to, now.at)
    return out


def _starts(graph: MotionGraph, recipe: StreamRecipe, batch: int, rng: np.random.Generator) -> I64:
    """Random frames that go on for a while, the genres weighted as the recipe says."""
    weight = (_shares(graph, recipe) / np.bincount(graph.genre))[graph.genre]
    weight = weight * (graph.end - np.arange(len(graph)) > 2 * _last(recipe))
    return rng.choice(len(graph), batch, p=weight / weight.sum())


def _last(recipe: StreamRecipe) -> int:
    """Frames before the end of a clip at which a stream leaves it at the latest: the longest cross-fade and one."""
    return max(recipe.fade, recipe.long_fade) + 1


def _shares(graph: MotionGraph, recipe: StreamRecipe) -> F64:
    """The part of the streams that each genre gets; sums to 1."""
    count = int(graph.genre.max()) + 1
    shares = np.array(recipe.genre_shares[:count] or [1.0] * count)
    normal: F64 = shares / shares.sum()
    return normal


def _maybe_jump(graph: MotionGraph, recipe: StreamRecipe, now: _Walker, rng: np.random.Generator) -> None:
    """Start a cross-fade in the streams that want one or come to the end of their clip."""
    batch = len(now.at)
    steady = now.fade == 0
    over = steady & (graph.end[now.at] - 1 - now.at <= _last(recipe))
    wish = steady & (rng.random(batch) < 1.0 / recipe.jump) & (graph.fair[now.at] > 0)
    jump = over | wish
    choices = np.where(wish, graph.fair[now.at], graph.to.shape[1])
    pick = (rng.random(batch) * choices).astype(np.int64)
    other = jump & (rng.random(batch) < recipe.across * (1.0 - _shares(graph, recipe))[graph.genre[now.at]])
    now.to = np.where(jump, graph.to[now.at, pick], now.to)
    now.to = np.where(other, graph.across[now.at, (rng.random(batch) * graph.across.shape[1]).astype(np.int64)], now.to)
    now.length = np.where(jump, np.where(other, recipe.long_fade, recipe.fade), now.length)
    now.fade = np.where(jump, now.length, now.fade)
    again = jump & (rng.random(batch) < recipe.retell)
    now.told = np.where(again, rng.random(batch) >= recipe.untold, now.told)


def windows(
    graph: MotionGraph, recipe: StreamRecipe, scales: Scales, batch: int, frames: int, rng: np.random.Generator
) -> tuple[F32, F32]:
    """Inputs (L, B, 2 d + 3 + C) and targets (L, B, d + 3), metres and radians, for L = `frames` steps of B streams."""
    track = walk(graph, recipe, batch, frames + 2, rng)
    share = track.share[..., None]
    z = graph.z[track.a] * (1.0 - share) + graph.z[track.b] * share
    way = graph.way[track.a] * (1.0 - share) + graph.way[track.b] * share
    error = _disturbance(recipe, scales, z.shape, rng)
    seen = z + error
    noisy_way = way + recipe.way_noise * scales.way * rng.standard_normal(way.shape)
    inputs = [seen[1:-1], seen[1:-1] - seen[:-2], noisy_way[1:-1], _conditions(graph, recipe, track, rng)[2:]]
    change = z[2:] + (1.0 - recipe.contraction) * error[1:-1] - seen[1:-1]
    return np.concatenate(inputs, -1).astype(np.float32), np.concatenate([change, way[2:]], -1).astype(np.float32)


def _disturbance(recipe: StreamRecipe, scales: Scales, shape: tuple[int, ...], rng: np.random.Generator) -> F64:
    """The process e (L, B, d), metres; each stream has its own strength."""
    strength = recipe.noise * scales.change * np.square(rng.random((shape[1], 1)))
    noise: F64 = rng.standard_normal(shape) * (strength * np.sqrt(1.0 - recipe.memory**2))
    noise[0] /= np.sqrt(1.0 - recipe.memory**2)
    for frame in range(1, len(noise)):
        noise[frame] += recipe.memory * noise[frame - 1]
    return noise


def _conditions(graph: MotionGraph, recipe: StreamRecipe, track: Walk, rng: np.random.Generator) -> F64:
    """One-hot genre (none where untold) and whether the stream is mirrored, (L, B, genres + 1).

    A change of genre is told up to `recipe.lead` frames before it happens: the wish comes first, and the model learns
    to follow it at the next good moment.
    """
    wanted = graph.genre[track.b]
    changes = np.argwhere(wanted[1:] != wanted[:-1])
    for (before, stream), lead in zip(changes, rng.integers(0, recipe.lead + 1, len(changes)), strict=True):
        wanted[max(before + 1 - lead, 0) : before + 1, stream] = wanted[before + 1, stream]
    genres = int(graph.genre.max()) + 1
    told = (wanted[..., None] == np.arange(genres)) & track.told[..., None]
    return np.concatenate([told, graph.mirrored[track.b][..., None]], -1).astype(np.float64)
