"""Who says how hard the keys of a recording are struck: the model, the simplest guesses, the first pianist."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import softmax

from engine.contracts import Loaded
from engine.families import _touch
from engine.schema.errors import DataError, ModelError
from engine.schema.note import LOUDEST
from export.checkpoint import load as load_checkpoint
from export.data import piano
from export.data.grid import grid
from export.data.piano import Piece
from export.linear import LINEAR, LINEAR_HEARD, LINEAR_LEVEL, predict
from export.metrics.likelihood import gaussian_nll, mixture_nll
from export.metrics.velocity import F64, Errors, Spread, errors, spread
from export.nets.velocity import GridNet
from export.recipe import Recipe
from export.teacher import teacher_forced

OURS = "this model"
CONSTANT = "training's mean"
PIECE = "piece's own mean (oracle)"
LAST = "last velocity (oracle)"
RIDGE = "linear, causal"
RIDGE_LEVEL = "linear, causal, of centred"
RIDGE_HEARD = "linear, causal, hearing"

RIDGE_ARRAYS: Mapping[str, str] = {RIDGE: LINEAR, RIDGE_LEVEL: LINEAR_LEVEL}
"""Where a model keeps the linear guesses of its own training data."""

Guess = Callable[[Piece], F64]
"""Velocities (N,) of a piece."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Mixtures:
    """The model along one piece: logits, mu and sigma (N, K)."""

    logits: F64
    mu: F64
    sigma: F64

    @property
    def mean(self) -> F64:
        """(N,) of the mixtures."""
        return np.asarray((softmax(self.logits, axis=1) * self.mu).sum(1))

    def nll(self, velocities: F64) -> F64:
        """Nats (N,) of what was played."""
        nats = mixture_nll(velocities[:, None], self.logits, self.mu[..., None], self.sigma[..., None])
        return nats.astype(np.float64)

    def sample(self, seed: int) -> F64:
        """Velocities (N,) at temperature 1, as they leave: whole numbers from 1 to 127."""
        rng = np.random.default_rng(seed)
        ends = softmax(self.logits, axis=1).cumsum(1)
        component = np.minimum((ends < rng.random((len(ends), 1))).sum(1), ends.shape[1] - 1)
        row = np.arange(len(ends))
        drawn = self.mu[row, component] + self.sigma[row, component] * rng.standard_normal(len(ends))
        return np.asarray(np.clip(np.round(drawn), 1, LOUDEST))


@dataclass(frozen=True, eq=False, kw_only=True)
class Studied:
    """One set of pieces.

    Attributes:
        name: of the set.
        heard: whether the model hears how hard the keys before were struck; else they are those of a flat score.
        pieces: of it.
        mixtures: of the model, piece by piece.
        guesses: everybody's velocities, piece by piece, the model's means first.
        rows: everybody's errors.
        spread: of the model's samples, the mean over the seeds.
        nll: nats per note, of the model and of the training's mean.
    """

    name: str
    heard: bool
    pieces: Sequence[Piece]
    mixtures: Sequence[Mixtures]
    guesses: Mapping[str, Sequence[F64]]
    rows: Mapping[str, Errors]
    spread: Spread
    nll: Mapping[str, float]

    @property
    def truth(self) -> list[F64]:
        """What was played, piece by piece."""
        return [truth(piece) for piece in self.pieces]


def study(
    name: str,
    loaded: Loaded,
    pieces: Sequence[Piece],
    beside: Mapping[str, Guess],
    seeds: Sequence[int],
    *,
    heard: bool,
) -> Studied:
    """Ask everybody about every piece."""
    mixtures = [along(loaded, piece, heard=heard) for piece in pieces]
    guessing = {**simplest(loaded, heard=heard), **beside}
    said = {who: [guess(piece) for piece in pieces] for who, guess in guessing.items()}
    guesses = {OURS: [mixture.mean for mixture in mixtures], **said}
    played = [truth(piece) for piece in pieces]
    drawn = [spread(played, [mixture.sample(seed) for mixture in mixtures]) for seed in seeds]
    spreads = {name: float(np.mean([getattr(one, name) for one in drawn])) for name in Spread.__struct_fields__}
    notes = np.concatenate(played)
    mean, std = level(loaded)
    nats = np.concatenate([mixture.nll(velocities) for mixture, velocities in zip(mixtures, played, strict=True)])
    return Studied(
        name=name,
        heard=heard,
        pieces=pieces,
        mixtures=mixtures,
        guesses=guesses,
        rows={who: errors(played, predicted) for who, predicted in guesses.items()},
        spread=Spread(**spreads),
        nll={OURS: float(nats.mean()), CONSTANT: float(gaussian_nll(notes - mean, np.full(1, std)).mean())},
    )


def along(loaded: Loaded, piece: Piece, *, heard: bool) -> Mixtures:
    """The model's mixtures along a piece, from the graph that plays."""
    logits, mu, sigma = teacher_forced(loaded, _touch.features(piece.events, piece.velocities if heard else None))
    wide = (np.asarray(part, np.float64) for part in (logits, mu[..., 0], sigma[..., 0]))
    return Mixtures(**dict(zip(("logits", "mu", "sigma"), wide, strict=True)))


def simplest(loaded: Loaded, *, heard: bool) -> dict[str, Guess]:
    """The guesses that have to be beaten; those that need the truth say so."""
    mean, _ = level(loaded)
    guesses: dict[str, Guess] = {
        CONSTANT: lambda piece: np.full(len(piece), mean),
        PIECE: lambda piece: np.full(len(piece), truth(piece).mean()),
        LAST: lambda piece: np.concatenate([truth(piece)[:1], truth(piece)[:-1]]),
    }
    for name, array in RIDGE_ARRAYS.items():
        if array in loaded.arrays:
            guesses[name] = _linear(np.asarray(loaded.arrays[array], np.float64))
    if heard and LINEAR_HEARD in loaded.arrays:
        guesses[RIDGE_HEARD] = _linear(np.asarray(loaded.arrays[LINEAR_HEARD], np.float64), heard=True)
    return guesses


def _linear(weights: F64, *, heard: bool = False) -> Guess:
    return lambda piece: predict(weights, piece, heard=heard)


def of_grid(path: Path) -> tuple[str, Guess]:
    """The first pianist of a checkpoint: its name, and what it says about a piece.

    Raises:
        ModelError: no checkpoint, or one of another network.
    """
    trained = load_checkpoint(path)
    net = trained.net
    if not isinstance(net, GridNet):
        raise ModelError(str(path), f"a network of the kind {trained.recipe.net.kind}", "one of the kind grid")
    return trained.spec.name, lambda piece: _on_grid(net, trained.recipe, piece)


def _on_grid(net: GridNet, recipe: Recipe, piece: Piece) -> F64:
    seen = grid(piece, recipe.touch.cell)
    with torch.no_grad():
        found = net(torch.from_numpy(seen.keys)[:, None])[:, 0].numpy()
    return np.asarray(found[tuple(seen.places.T)] * LOUDEST, np.float64)


def truth(piece: Piece) -> F64:
    """What was played."""
    return piece.velocities.astype(np.float64)


def level(loaded: Loaded) -> tuple[float, float]:
    """Mean and standard deviation of the velocities that the model learned from.

    Raises:
        ModelError: it does not say.
    """
    found = [loaded.spec.settings.get(name) for name in ("mean", "std")]
    if not all(isinstance(value, int | float) for value in found):
        raise ModelError("figurant.spec: settings", f"mean and std {found}", "numbers")
    mean, std = (float(value) for value in found if value is not None)
    return mean, std


def sets(loaded: Loaded, data: Path | None) -> tuple[dict[str, tuple[Piece, ...]], list[str]]:
    """The pieces to be asked about, by the name of their set, and what a reader has to know about them.

    Raises:
        DataError: there are none.
    """
    if data is not None:
        library = piano.load(str(data))
        return {data.name or str(data): library.pieces}, library.missing
    library = piano.load(str(loaded.spec.training.get("data", "piano")))
    parts = piano.split(library.pieces)
    notes = library.missing
    if piano.digest(parts) != loaded.spec.training.get("split"):
        notes.append("the recordings are not those of the training: some that are held out here may have trained it")
    found = {"held out": parts.test}
    try:
        found["asap"] = piano.load("asap").pieces
    except DataError as error:
        notes.append(f"without ASAP: {error}")
    found = {name: pieces for name, pieces in found.items() if pieces}
    if not found:
        source = str(loaded.spec.training.get("data", "piano"))
        raise DataError(source, "no piece held out, and no ASAP", "pieces that it did not learn", "name some by --data")
    return found, notes
