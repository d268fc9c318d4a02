"""Learning how pictures move: walks through the latent numbers of films, spliced and disturbed as dances are.

Beside it the first DanceNet's, as it was posted: samples instead of means, and one picture at a time.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from engine.schema.controls import IMAGE_CONTROLS, POSE_CONTROLS, Control
from engine.schema.errors import DataError
from engine.schema.model import Head, ModelSpec
from export import graph, picture_problem, streams
from export.data import cmu, splits
from export.data.films import Film
from export.graph import MotionGraph
from export.motion_space import Track
from export.nets.latents import LatentNet, SeedLatentNet, folded
from export.nets.vae import Vae
from export.picture_problem import latents, pictures_of, samples
from export.problem import F32, Problem, Window
from export.recipe import Recipe

RUN_S, APART_S = 2.0, 1.5
"""Seconds that must follow a jump, and that lie between a picture and where it may jump to within a film."""

PRIME_SECONDS = 2.0
"""Length of a stored start: the model's memory has settled after about a second."""

PROBES = 64
"""Recorded pictures on which it is tried how much a latent number changes them."""

FROZEN = 0.15
"""Share of the recorded median speed below which a window of a second counts as frozen."""

LEAST_STD = 0.05
"""Standard deviation of a latent number that says nothing: it is not blown up to 1."""

FIGURE = 1.0
"""That the figure is white on black, as the engine draws bodies."""

OWN = "stated by whoever took the pictures"
OURS = {"silhouettes", "clips"}
"""Sources whose pictures are drawn from recordings of CMU."""


class Told(NamedTuple):
    """What films are in latent numbers: every film's (T, D), in standard deviations of the training."""

    train: Sequence[F32]
    validation: Sequence[F32]
    test: Sequence[F32]


def make(recipe: Recipe, pictures: Vae) -> Problem:
    """Bring the films to latent numbers, build their motion graph and an untrained network.

    Raises:
        DataError: the films are missing, unusable or too short.
    """
    parts = picture_problem.read(recipe)
    vae = standard(pictures, parts["train"])
    told = Told(*([latents(vae, film.frames) for film in parts[name]] for name in Told._fields))
    fps = recipe.pictures.fps
    more = [latents(vae, frames) for frames in picture_problem.moving(recipe)]
    tracks = [_track(z) for z in more or told.train if len(z) > (RUN_S + APART_S) * fps]
    if not tracks:
        expected = f"one of at least {RUN_S + APART_S:g} s"
        raise DataError(recipe.data.source, "no film to train on that is long enough", expected)
    roads = graph.of_tracks(tracks, [0] * len(tracks), run=round(RUN_S * fps), apart=round(APART_S * fps))
    dims = recipe.pictures.latent
    scales = np.concatenate([np.hstack([track.z, track.dz]) for track in tracks]).std(0)
    poses = _poses(np.concatenate(told.train), recipe.pictures.poses)
    torch.manual_seed(recipe.train.seed)
    net = LatentNet.make(recipe.net, vae, torch.from_numpy(scales))
    return Problem(
        net=net,
        epoch=partial(_epoch, recipe, roads, streams.Scales(scales[dims:], np.zeros(3))),
        carry=True,
        held={name: _held(films) for name, films in told._asdict().items() if name != "train"},
        train=[np.diff(z, axis=0) for z in told.train if len(z) > 1],
        spec=_spec(recipe, told.train, splits.named_digest(parts), poses=len(poses)),
        arrays={
            "primes": _primes(told.train, recipe),
            "poses": poses,
            **_bank(told.train, recipe.data.bank),
        },
        films=[film.frames for film in parts["train"]] if recipe.pictures.through else (),
        notes=(f"{sum(p.numel() for p in net.dance.parameters()):_} parameters in what moves".replace("_", " "),),
    )


def standard(pictures: Vae, films: Sequence[Film]) -> Vae:
    """The network whose latent numbers have mean 0 and spread 1 in training, those that change most pixels first."""
    frames = np.concatenate([film.frames for film in films])
    raw = latents(pictures, frames)
    mean, std = raw.mean(0), np.maximum(raw.std(0), LEAST_STD)
    probes = raw[np.linspace(0, len(raw) - 1, PROBES).astype(np.int64)]
    order = np.argsort(-_strengths(pictures, probes, std), kind="stable")
    return folded(pictures, *(torch.from_numpy(part) for part in (mean, std, order)))


def _strengths(pictures: Vae, probes: F32, std: F32) -> NDArray[np.float64]:
    """Mean change (D,) of pixels when a latent number goes from one standard deviation below to one above."""
    found = []
    for dim, step in enumerate(std):
        away = np.zeros_like(probes)
        away[:, dim] = step
        above, below = (pictures_of(pictures, probes + way * away).astype(np.int16) for way in (1, -1))
        found.append(np.abs(above - below).mean())
    return np.array(found)


def _track(z: F32) -> Track:
    """A film as the motion graph wants it; a picture has no way."""
    change = np.diff(z, axis=0, prepend=z[:1])
    return Track(z.astype(np.float64), change.astype(np.float64), np.zeros((len(z), 3)))


def _epoch(recipe: Recipe, roads: MotionGraph, scales: streams.Scales, number: int, rank: int) -> Iterator[Window]:
    """Windows of one epoch: streams that start anew at its beginning, so that a resumed run sees the same ones."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    window, dims = recipe.train.window, recipe.pictures.latent
    frames = recipe.train.updates * window
    x, y = streams.windows(roads, recipe.streams, scales, recipe.train.batch, frames, rng)
    for start in range(0, frames, window):
        yield x[start : start + window, :, : 2 * dims], y[start : start + window, :, :dims]


def _held(films: Sequence[F32]) -> list[Window]:
    """Inputs [z, dz] (T, 2 D) and targets dz (T, D) one picture later."""
    pairs = []
    for z in films:
        change = np.diff(z, axis=0)
        pairs.append((np.hstack([z[1:-1], change[:-1]]), change[1:]))
    return pairs


def frozen_below(films: Sequence[F32], fps: float) -> float:
    """Standard deviations per second, of the length of the change, below which a second counts as frozen."""
    length = round(fps)
    speeds = [np.linalg.norm(np.diff(z, axis=0), axis=1) * fps for z in films]
    means = [np.convolve(speed, np.full(length, 1.0 / length), "valid") for speed in speeds if len(speed) >= length]
    return FROZEN * float(np.median(np.concatenate(means)))


def _primes(films: Sequence[F32], recipe: Recipe) -> F32:
    """Stretches (N, L, D) from the middle of films that are long enough, in their order.

    Raises:
        DataError: none is.
    """
    frames = round(PRIME_SECONDS * recipe.pictures.fps)
    long = [z for z in films if len(z) >= frames]
    if not long:
        found = f"at most {max(map(len, films))} pictures to train on in a row"
        raise DataError(recipe.data.source, found, f"{frames} or more, {PRIME_SECONDS:g} s")
    chosen = [long[at] for at in np.linspace(0, len(long) - 1, recipe.data.primes).astype(np.int64)]
    return np.stack([z[(len(z) - frames) // 2 :][:frames] for z in chosen])


def _poses(z: F32, count: int) -> F32:
    """Recorded moments (M, D) far from each other, each beside one that is like it."""
    count = min(count, len(z))
    centres, _ = kmeans2(z.astype(np.float64), count, minit="++", seed=1)
    chosen = np.unique([np.square(z - centre).sum(1).argmin() for centre in centres])
    left, order = list(chosen[1:]), [chosen[0]]
    while left:
        gaps = np.square(z[left] - z[order[-1]]).sum(1)
        order.append(left.pop(int(gaps.argmin())))
    found: F32 = z[order]
    return found


def _bank(films: Sequence[F32], size: int) -> dict[str, NDArray[np.generic]]:
    """Recorded moments (K, D) and their changes to the next, evenly over the films."""
    here = np.concatenate([z[:-1] for z in films])
    ahead = np.concatenate([np.diff(z, axis=0) for z in films])
    chosen = np.linspace(0, len(here) - 1, min(size, len(here))).astype(np.int64)
    return {"bank": here[chosen], "bank_next": ahead[chosen]}


def make_seed(recipe: Recipe, pictures: Vae) -> Problem:
    """The first one's: sampled latent numbers, the next from the last alone.

    Raises:
        DataError: the films are missing or unusable.
    """
    parts = picture_problem.read(recipe)
    rng = np.random.default_rng(recipe.train.seed)
    train = [samples(pictures, film.frames, rng) for film in parts["train"]]
    every = np.concatenate(train)
    torch.manual_seed(recipe.train.seed)
    net = SeedLatentNet.make(recipe.net, pictures, *(torch.from_numpy(end) for end in (every.min(0), every.max(0))))
    held = {name: [samples(pictures, film.frames, rng) for film in parts[name]] for name in ("validation", "test")}
    return Problem(
        net=net,
        epoch=partial(_pairs, recipe, train),
        carry=False,
        held={name: [(z[:-1], z[1:]) for z in films] for name, films in held.items()},
        train=[np.diff(z, axis=0) for z in train if len(z) > 1],
        absolute=True,
        spec=_spec(recipe, train, splits.named_digest(parts), poses=0),
        arrays={"primes": _primes(train, recipe)},
        notes=(f"{net.learned():_} parameters in what moves".replace("_", " "),),
    )


def _narrowed(control: Control, last: int) -> Control:
    """A knob that names a stored pose goes no further than the last one; others are as they are."""
    if control.name not in ("pose_from", "pose_to"):
        return control
    return msgspec.structs.replace(control, high=last, default=min(control.default, last))


def _pairs(recipe: Recipe, films: Sequence[F32], number: int, rank: int) -> Iterator[Window]:
    """Pictures (1, B, D) drawn at random, and the next ones."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    here, ahead = np.concatenate([z[:-1] for z in films]), np.concatenate([z[1:] for z in films])
    for _ in range(recipe.train.updates):
        chosen = rng.integers(len(here), size=recipe.train.batch)
        yield here[chosen][None], ahead[chosen][None]


def _spec(recipe: Recipe, train: Sequence[F32], split: str, *, poses: int) -> ModelSpec:
    pictures = recipe.pictures
    learned = {recipe.data.source, pictures.moves}
    return ModelSpec(
        name=recipe.title,
        family="latents",
        fps=pictures.fps,
        features=2 * pictures.latent,
        head=Head(kind="mdn-lazy", components=recipe.net.components, dims=pictures.latent, colour=recipe.net.colour),
        state=(),
        licence=cmu.LICENCE if recipe.data.source in OURS else OWN,
        credit=cmu.CREDIT if learned & OURS else "",
        image=picture_problem.size(pictures),
        controls=tuple(
            _narrowed(control, poses - 1) for control in IMAGE_CONTROLS if poses or control not in POSE_CONTROLS
        ),
        settings={"pull": pictures.pull, "freeze_speed": frozen_below(train, pictures.fps), "figure": FIGURE},
        training={"data": recipe.data.source, "split": split},
    )
