"""What is measured of a model that moves through latent numbers of pictures, and of the first DanceNet beside it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import onnx
import torch

from engine import plugins
from engine.contracts import Counters, Loaded
from engine.imagery import Imagery
from engine.inference.bound_graph import BoundGraph
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8
from export import picture_problem
from export.checkpoint import load as load_checkpoint
from export.data.films import Film
from export.metrics.pictures import Freedom, Likeness, Recorded, freedom, joined, likeness
from export.nets.latents import SeedLatentNet
from export.picture_problem import LARGEST, pictures_of, rebuilt, scaled
from export.recipe import Recipe
from export.teacher import teacher_forced

LOOKED_AT = 240
"""Pictures of a part that are brought to latent numbers and back, evenly over it."""

SHORT_S = 16.0
"""Seconds of a short run."""

SHUFFLED, LEAST_SEEN = 20, 40
"""Last inputs that are shuffled to see whether a model remembers, and how many it has seen then."""

SEED_TEMPERATURE = 0.01
"""With which the first DanceNet hid that it took sigma for a variance."""


class Studied(NamedTuple):
    """What was found of one candidate.

    Attributes:
        who: its name.
        parameters: learned numbers of encoder, decoder and of what moves.
        rebuilt: of `train`, `validation` and `test`.
        runs: for each seed the whole free run.
        short: for each seed its first 16 seconds.
        counters: what happened in each run.
        memory: how far the mean of the next change moves when the last inputs are shuffled, in recorded deviations.
        shown: pictures of the first run.
        samples: recorded pictures and their reconstructions, for a sheet.
    """

    who: str
    parameters: tuple[int, int, int]
    rebuilt: dict[str, Likeness]
    runs: list[Freedom]
    short: list[Freedom]
    counters: list[Counters]
    memory: float
    shown: U8
    samples: tuple[U8, U8]


class Set(NamedTuple):
    """The films of a recipe, and those that train behind each other."""

    films: dict[str, list[Film]]
    train: Recorded


def recorded_with(loaded: Loaded, place: str) -> Set:
    """The films that a model was made from.

    Raises:
        DataError: they are not there.
        ModelError: it does not say.
    """
    try:
        recipe = msgspec.convert(loaded.spec.training.get("recipe"), Recipe)
    except msgspec.ValidationError as error:
        raise ModelError(f"{place}: training", str(error), "the recipe of a model of latent numbers") from error
    films = picture_problem.read(recipe)
    return Set(films, joined([film.frames for film in films["train"]], loaded.spec.fps))


def study(
    loaded: Loaded, found: Set, *, minutes: float, seeds: tuple[int, ...], progress: Callable[[str, float], None]
) -> Studied:
    """Measure a model as a show plays it."""
    count = round(minutes * 60 * loaded.spec.fps)
    shown, counters = [], []
    for number, seed in enumerate(seeds):
        progress(f"free run {seed}", number / len(seeds))
        pictures, counted = play(loaded, seed, count)
        shown.append(pictures)
        counters.append(counted)
    back = through(loaded)
    return _studied(loaded.spec.name, _sizes(loaded), back, shown, counters, memory(loaded, found), found)


def study_seed(
    path: Path, found: Set, *, minutes: float, seeds: tuple[int, ...], progress: Callable[[str, float], None]
) -> Studied:
    """Measure a checkpoint of the first DanceNet.

    Raises:
        ModelError: it is none.
    """
    trained = load_checkpoint(path)
    net = trained.net
    if not isinstance(net, SeedLatentNet):
        raise ModelError(str(path), f"a checkpoint of {trained.recipe.net.kind!r}", "one of 'seed-latents'")
    count = round(minutes * 60 * trained.spec.fps)
    shown = []
    for number, seed in enumerate(seeds):
        progress(f"{trained.recipe.title}, free run {seed}", number / len(seeds))
        start = trained.arrays["primes"][seed % len(trained.arrays["primes"]), -1]
        shown.append(pictures_of(net.vae, seed_run(net, start.astype(np.float32), count, seed), batch=8))
    sizes = (*net.vae.parameters_of(), net.learned())
    counters = [Counters(frames=count)] * len(seeds)
    back = lambda pictures: rebuilt(net.vae, pictures)  # noqa: E731 - named for what it is
    return _studied(trained.recipe.title, sizes, back, shown, counters, seed_memory(net), found)


def _studied(
    who: str,
    sizes: tuple[int, int, int],
    back: Callable[[U8], U8],
    shown: list[U8],
    counters: list[Counters],
    remembered: float,
    found: Set,
) -> Studied:
    parts = {name: spread(films) for name, films in found.films.items() if films}
    again = {name: back(pictures) for name, pictures in parts.items()}
    short = round(SHORT_S * found.train.fps)
    last = list(parts)[-1]
    return Studied(
        who=who,
        parameters=sizes,
        rebuilt={name: likeness(parts[name], again[name]) for name in parts},
        runs=[freedom(pictures, found.train) for pictures in shown],
        short=[freedom(pictures[:short], found.train) for pictures in shown],
        counters=counters,
        memory=remembered,
        shown=shown[0],
        samples=(parts[last], again[last]),
    )


def spread(films: list[Film]) -> U8:
    """At most `LOOKED_AT` pictures, evenly over the films."""
    frames = np.concatenate([film.frames for film in films])
    chosen = np.linspace(0, len(frames) - 1, min(LOOKED_AT, len(frames))).astype(np.int64)
    picked: U8 = frames[chosen]
    return picked


def play(loaded: Loaded, seed: int, count: int) -> tuple[U8, Counters]:
    """`count` pictures of a free run, and what happened in it."""
    imagery = plugins.imagery(loaded.spec.family, place="figurant.spec: family")(loaded, "cpu", seed)
    try:
        frames = [_next(imagery) for _ in range(count)]
        return np.stack(frames), imagery.counters
    finally:
        imagery.close()


def _next(imagery: Imagery) -> U8:
    imagery.advance(Controls(), None)
    return imagery.image(1.0, Controls()).pixels.copy()


def through(loaded: Loaded) -> Callable[[U8], U8]:
    """Pictures through the model's own graphs and back."""

    def back(pictures: U8) -> U8:
        there = opened(loaded, "encoder")
        again = opened(loaded, "decoder")
        try:
            light = [again.run(*there.run(picture[None]))[0][0, 0].copy() for picture in scaled(pictures)]
        finally:
            there.close()
            again.close()
        grey: U8 = np.rint(np.stack(light) * LARGEST).astype(np.uint8)
        return grey

    return back


def opened(loaded: Loaded, name: str) -> BoundGraph:
    """The encoder or the decoder in a model file.

    Raises:
        ModelError: there is none.
    """
    if name not in loaded.arrays:
        raise ModelError(f"figurant.arrays: {name}", "none", "a graph")
    return BoundGraph(np.asarray(loaded.arrays[name]).tobytes(), device="cpu", place=name)


def memory(loaded: Loaded, found: Set) -> float:
    """How far the mean of the next change moves when the last inputs but one are shuffled, in recorded deviations."""
    frames = max(found.films["train"], key=lambda film: len(film.frames)).frames[: LEAST_SEEN + 2]
    graph = opened(loaded, "encoder")
    z = np.concatenate([graph.run(picture[None])[0].copy() for picture in scaled(frames)])
    graph.close()
    change = np.diff(z, axis=0)
    x = np.hstack([z[1:], change]).astype(np.float32)
    means = [_expected(loaded, inputs) for inputs in (x, shuffled(x))]
    return float(np.abs(means[0] - means[1]).mean() / change.std())


def shuffled(x: F32) -> F32:
    """Inputs (T, F), the last of them but the very last in another order."""
    order = np.arange(len(x))
    order[-SHUFFLED:-1] = np.random.default_rng(5).permutation(order[-SHUFFLED:-1])
    other: F32 = x[order]
    return other


def _expected(loaded: Loaded, x: F32) -> F32:
    logits, mu, _ = teacher_forced(loaded, x)
    share = np.exp(logits[-1] - logits[-1].max())
    mean: F32 = (share[:, None] * mu[-1]).sum(0) / share.sum()
    return mean


def seed_memory(net: SeedLatentNet) -> float:
    """As `memory`, of the first DanceNet: it sees one picture and nothing before it."""
    torch.manual_seed(5)
    x = net.low + net.span * torch.rand(LEAST_SEEN, 1, net.dims)
    other = torch.from_numpy(shuffled(x[:, 0].numpy()))[:, None]
    with torch.no_grad():
        means = [_mean(*net(inputs)[:2])[-1] for inputs in (x, other)]
    return float((means[0] - means[1]).abs().mean())


def _mean(logits: torch.Tensor, mu: torch.Tensor) -> torch.Tensor:
    return (logits.softmax(-1).unsqueeze(-1) * mu).sum(-2)


def seed_run(net: SeedLatentNet, start: F32, count: int, seed: int) -> F32:
    """Latent numbers (N, D) of the first DanceNet left alone, sampled as it was: sigma times 0.01 as a variance."""
    rng = torch.Generator().manual_seed(seed)
    z = torch.from_numpy(start)[None, None]
    found = []
    with torch.no_grad():
        for _ in range(count):
            logits, mu, sigma, _ = net(z)
            chosen = int(torch.multinomial((logits[0, 0] / SEED_TEMPERATURE).softmax(-1), 1, generator=rng))
            noise = torch.randn(net.dims, generator=rng) * (SEED_TEMPERATURE * sigma[0, 0, chosen]).sqrt()
            z = (net.low + net.span * (mu[0, 0, chosen] + noise))[None, None]
            found.append(z[0, 0].numpy().copy())
    return np.stack(found)


def _sizes(loaded: Loaded) -> tuple[int, int, int]:
    """Learned numbers as the recipe's network has them."""
    recipe = msgspec.convert(loaded.spec.training["recipe"], Recipe)
    encoder, decoder = picture_problem.untrained(recipe.pictures).parameters_of()
    return encoder, decoder, sum(_constants(loaded))


def _constants(loaded: Loaded) -> Iterator[int]:
    """Sizes of the numbers in the step graph."""
    graph = onnx.load_from_string(loaded.graph).graph
    return (int(np.prod(tensor.dims)) for tensor in graph.initializer if tensor.data_type != onnx.TensorProto.INT64)
