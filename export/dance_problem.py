"""The dance recipe: poses in a principal-component space, learned from spliced and disturbed streams."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from engine.schema.controls import MODEL_CONTROLS
from engine.schema.errors import ConfigError, DataError
from engine.schema.model import Head, ModelSpec
from export import graph, motion_space, sources, streams
from export.data.clip import Clip
from export.data.splits import digest
from export.data.transform import split_valid
from export.metrics.dance import frozen_below
from export.motion_space import MotionSpace, Track
from export.nets.dance import DanceNet
from export.problem import F32, Problem, Window
from export.recipe import Recipe

PRIME_SECONDS = 2.0
"""Length of a stored start: the model's memory has settled after about a second."""


def make(recipe: Recipe) -> Problem:
    """Read the data, measure the motion space, build the motion graph and an untrained network.

    Raises:
        ConfigError: a share for some genres only.
        DataError: the data is missing, unusable or too little.
    """
    parts = sources.load(recipe.data.source)
    genres = sources.genres(parts)
    space = motion_space.fit(parts.train, recipe.data.components)
    pieces = [piece for clip in parts.train for piece in split_valid(clip, 3)]
    tracks = [space.track(piece.positions) for piece in pieces]
    kinds = [genres.index(piece.genre) if len(genres) > 1 else -1 for piece in pieces]
    scales = np.concatenate([track.inputs for track in tracks]).std(0)
    if len(recipe.streams.genre_shares) not in {0, len(genres)}:
        found = f"{len(recipe.streams.genre_shares)} shares"
        raise ConfigError("streams.genre_shares", found, f"one for each of {', '.join(genres)}, or none")
    roads = graph.build(parts.train, space, genres, mirroring=recipe.data.mirror)
    columns = _columns(space.dims, len(genres), mirrored=recipe.data.mirror)
    conditions = (*(genres if len(genres) > 1 else ()), *(("mirrored",) if recipe.data.mirror else ()))
    torch.manual_seed(recipe.train.seed)
    net = DanceNet.make(recipe.net, torch.from_numpy(scales), len(conditions))
    return Problem(
        net=net,
        epoch=partial(_epoch, recipe, roads, _scales(scales, space.dims), columns),
        carry=True,
        held={name: _held(space, clips, conditions) for name, clips in zip(parts._fields, parts, strict=True)},
        train=[track.targets.astype(np.float32) for track in tracks],
        spec=_spec(recipe, parts.train, space, conditions, digest(parts)),
        arrays={
            "mean": space.mean,
            "basis": space.basis,
            "primes": primes(parts.train, recipe),
            **bank(tracks, kinds, recipe.data.bank),
        },
    )


def _scales(scales: NDArray[np.float64], dims: int) -> streams.Scales:
    return streams.Scales(scales[dims : 2 * dims], scales[2 * dims :])


def _columns(dims: int, genres: int, *, mirrored: bool) -> list[int]:
    """The columns of a stream's inputs that the network is given: a single genre is not told, nor a single side."""
    motion = 2 * dims + 3
    told = list(range(motion, motion + genres)) if genres > 1 else []
    return [*range(motion), *told, *([motion + genres] if mirrored else [])]


def _epoch(
    recipe: Recipe, roads: graph.MotionGraph, scales: streams.Scales, columns: list[int], number: int, rank: int
) -> Iterator[Window]:
    """Windows of one epoch: streams that start anew at its beginning, so that a resumed run sees the same ones."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    window = recipe.train.window
    frames = recipe.train.updates * window
    x, y = streams.windows(roads, recipe.streams, scales, recipe.train.batch, frames, rng)
    x = x[..., columns]
    for start in range(0, frames, window):
        yield x[start : start + window], y[start : start + window]


def _held(space: MotionSpace, clips: Sequence[Clip], conditions: Sequence[str]) -> list[tuple[F32, F32]]:
    """Inputs (T, F), the genre told, and targets (T, d + 3) one frame later, of every valid stretch of the clips."""
    pairs = []
    for piece in (piece for clip in clips for piece in split_valid(clip, 3)):
        track = space.track(piece.positions)
        told = np.tile([float(name == piece.genre) for name in conditions], (len(track.z), 1))
        pairs.append((np.hstack([track.inputs, told])[:-1].astype(np.float32), track.targets[1:].astype(np.float32)))
    return pairs


def bank(tracks: Sequence[Track], kinds: Sequence[int], size: int) -> dict[str, NDArray[np.generic]]:
    """Recorded moments for `engine.motion.field`, spread evenly over the tracks: float16 keeps a millimetre in 2 m.

    `kinds` are the conditions that stand for the tracks' genres, -1 where none does.
    """
    moments = [np.hstack([track.z[:-1], track.dz[:-1], track.dz[1:], track.way[1:]]) for track in tracks]
    labels = np.repeat(kinds, [len(part) for part in moments])
    chosen = np.linspace(0, len(labels) - 1, min(size, len(labels))).astype(np.int64)
    return {"bank": np.concatenate(moments)[chosen].astype(np.float16), "bank_kinds": labels[chosen].astype(np.int8)}


def primes(clips: Sequence[Clip], recipe: Recipe) -> F32:
    """Starts (N, L, J, 3), metres: stretches from the middle of N clips spread over the training part.

    Raises:
        DataError: no stretch is long enough.
    """
    frames = round(PRIME_SECONDS * clips[0].fps)
    long = [clip for clip in clips if clip.valid.all() and len(clip) >= 2 * frames]
    long = long or [piece for clip in clips for piece in split_valid(clip, frames)]
    if not long:
        raise DataError("data.source", "no long stretch to start from", f"one of {frames} frames without a gap")
    wanted = recipe.data.primes
    if len(long) < wanted:
        starts = np.linspace(0, len(long[0]) - frames, wanted).astype(int)
        return np.stack([long[0].positions[start : start + frames] for start in starts])
    chosen = [long[index] for index in np.linspace(0, len(long) - 1, wanted).astype(int)]
    return np.stack([clip.positions[len(clip) // 2 - frames // 2 :][:frames] for clip in chosen])


def _spec(
    recipe: Recipe, clips: Sequence[Clip], space: MotionSpace, conditions: tuple[str, ...], split: str
) -> ModelSpec:
    first = clips[0]
    slow = frozen_below([piece.positions for clip in clips for piece in split_valid(clip)], first.fps)
    return ModelSpec(
        name=recipe.title,
        family="dance",
        fps=first.fps,
        features=2 * space.dims + 3 + len(conditions),
        head=Head(kind="mdn-lazy", components=recipe.net.components, dims=space.dims + 3, colour=recipe.net.colour),
        state=(),
        licence=first.licence,
        credit=first.credit,
        skeleton=first.skeleton,
        conditions=conditions,
        settings={"freeze_speed": slow},
        controls=MODEL_CONTROLS,
        training={"data": recipe.data.source, "split": split},
    )
