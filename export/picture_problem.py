"""Learning pictures: what a network that turns them into a few numbers is shown."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from engine.schema.errors import DataError
from engine.schema.model import Head, ModelSpec, Size
from export.data.films import Film, films
from export.nets import vae
from export.nets.vae import Vae
from export.problem import F32, Problem, Window
from export.recipe import DataRecipe, NetRecipe, PictureRecipe, Recipe

LARGEST = 255.0


def size(recipe: PictureRecipe) -> Size:
    """Of the pictures."""
    return Size(height=recipe.height, width=recipe.width)


def read(recipe: Recipe) -> dict[str, list[Film]]:
    """The films of a recipe: `train`, `validation` and `test`.

    Raises:
        DataError: there are none to train on.
    """
    parts = films(recipe.data.source, size(recipe.pictures), recipe.pictures.fps)
    if not parts["train"]:
        raise DataError(recipe.data.source, "no film to train on", "at least one that is not held out")
    return parts


def moving(recipe: Recipe) -> Iterator[NDArray[np.uint8]]:
    """Films (T, H, W) of `pictures.moves` that train: what lies between two pictures of one is another one.

    Raises:
        DataError: there are none.
    """
    pictures = recipe.pictures
    if pictures.moves:
        for film in films(pictures.moves, size(pictures), pictures.fps * pictures.phases)["train"]:
            yield from (film.frames[phase :: pictures.phases] for phase in range(pictures.phases))


def scaled(frames: NDArray[np.uint8]) -> F32:
    """Pictures (N, H, W), 0 to 255, as (N, 1, H, W), 0 to 1."""
    return frames[:, None].astype(np.float32) / np.float32(LARGEST)


def bytes_of(pictures: F32) -> NDArray[np.uint8]:
    """Pictures (N, 1, H, W), 0 to 1, as (N, H, W), 0 to 255."""
    found: NDArray[np.uint8] = np.rint(pictures[:, 0] * LARGEST).astype(np.uint8)
    return found


def of_pictures(recipe: Recipe) -> Recipe:
    """The recipe of the pictures' network inside one of how they move."""
    return Recipe(
        name=f"{recipe.name}_pictures",
        title=f"{recipe.title}: pictures",
        data=DataRecipe(source=recipe.data.source),
        net=NetRecipe(kind="vae"),
        pictures=recipe.pictures,
        train=recipe.pictures.train,
    )


def make(recipe: Recipe) -> Problem:
    """Read the films and make an untrained network.

    Raises:
        DataError: they are missing or unusable.
    """
    parts = read(recipe)
    pictures = recipe.pictures
    frames = np.concatenate([film.frames for film in parts["train"]])
    torch.manual_seed(recipe.train.seed)
    net = untrained(pictures)
    encoder, decoder = net.parameters_of()
    return Problem(
        net=net,
        epoch=partial(_epoch, recipe, frames),
        carry=False,
        held={name: [_twice(film) for film in parts[name]] for name in ("validation", "test")},
        train=(),
        spec=_spec(recipe),
        arrays={},
        notes=(f"{len(frames)} pictures; encoder {encoder:_}, decoder {decoder:_} parameters".replace("_", " "),),
    )


def untrained(recipe: PictureRecipe) -> Vae:
    """The network that a recipe describes; channels last, which is faster on processors."""
    net = vae.make(recipe.kind, size(recipe), recipe.latent)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]  # not in its stubs


def _epoch(recipe: Recipe, frames: NDArray[np.uint8], number: int, rank: int) -> Iterator[Window]:
    """Pictures drawn at random, some of them mirrored; the same ones every time."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    for _ in range(recipe.train.updates):
        chosen = scaled(frames[rng.integers(len(frames), size=recipe.train.batch)])
        if recipe.pictures.mirror:
            turned = rng.random(len(chosen)) < 0.5
            chosen[turned] = chosen[turned, ..., ::-1]
        yield chosen, chosen


def _twice(film: Film) -> Window:
    pictures = scaled(film.frames)
    return pictures, pictures


def _spec(recipe: Recipe) -> ModelSpec:
    """What a checkpoint says about it; it is played only as a part of a model that moves."""
    return ModelSpec(
        name=recipe.title,
        family="latents",
        fps=recipe.pictures.fps,
        features=2 * recipe.pictures.latent,
        head=Head(kind="mdn-lazy", components=1, dims=recipe.pictures.latent),
        state=(),
        licence="",
        credit="",
        image=size(recipe.pictures),
    )


def latents(net: Vae, frames: NDArray[np.uint8], *, batch: int = 64) -> F32:
    """Means (N, D) of pictures (N, H, W)."""
    return np.concatenate([_encoded(net, part)[0] for part in _parts(frames, batch)])


def samples(net: Vae, frames: NDArray[np.uint8], rng: np.random.Generator, *, batch: int = 32) -> F32:
    """Samples (N, D) instead of means, as the first DanceNet took them."""
    found = []
    for part in _parts(frames, batch):
        mean, spread = _encoded(net, part)
        found.append(mean + spread * rng.standard_normal(mean.shape).astype(np.float32))
    return np.concatenate(found)


def pictures_of(net: Vae, latent: F32, *, batch: int = 64) -> NDArray[np.uint8]:
    """Pictures (N, H, W), 0 to 255, of latent numbers (N, D)."""
    with torch.no_grad():
        found = [net.decode(torch.from_numpy(latent[at : at + batch])) for at in range(0, len(latent), batch)]
    return np.concatenate([bytes_of(part.numpy()) for part in found])


def rebuilt(net: Vae, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (N, H, W) through the network and back."""
    return pictures_of(net, latents(net, frames))


def _parts(frames: NDArray[np.uint8], batch: int) -> Sequence[NDArray[np.uint8]]:
    return [frames[at : at + batch] for at in range(0, len(frames), batch)]


def _encoded(net: Vae, frames: NDArray[np.uint8]) -> tuple[F32, F32]:
    with torch.no_grad():
        coded = net.encode(torch.from_numpy(scaled(frames)))
    return coded.mean.numpy(), (0.5 * coded.log_variance).exp().numpy()
