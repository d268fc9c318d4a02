"""Recipes of signs: what gloves recorded, for our network and for the first one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from engine.gestures.onset import thresholds
from engine.gestures.recording import Gesture, Recording
from engine.schema.controls import SIGN_CONTROLS, Control
from engine.schema.errors import ConfigError, DataError
from engine.schema.model import Head, ModelSpec
from export import sign_streams
from export.data import gloves
from export.data.splits import named_digest
from export.nets.signs import SeedSignNet, SignNet
from export.problem import F32, Problem, Window
from export.recipe import Recipe
from export.sign_streams import Example

SEED_LENGTH = 90
"""Samples that the first network was shown."""

MOST = 256
"""Classes of a model at most."""

FLOOR = 1e-3
"""Least standard deviation of a channel, as a share of the greatest: one that never moves would divide by nothing."""

CERTAINTY = 0.4
"""How likely a sign must be to be told, unless somebody asks for more. On session 7 of Auslan, which chooses, nothing
up to this loses a sign that was read rightly; 0.5 loses one in 280."""

PLACES = re.compile(r"(.*[ _.-])?[xyz]", re.IGNORECASE)
"""Names of channels that say where a hand is."""


class Signs(NamedTuple):
    """What is learned: classes, the signs of each part as examples of them, and what there is to know of them."""

    labels: tuple[str, ...]
    parts: dict[str, list[Example]]
    notes: tuple[str, ...]


def make(recipe: Recipe) -> Problem:
    """Read the recordings, measure them, and make an untrained network.

    Raises:
        DataError: they are missing, unusable or too few.
        ConfigError: the recipe names channels that they have not.
    """
    recording = gloves.recording(recipe.data.source, rate=recipe.signs.rate or None)
    parts = divided(recipe, recording)
    signs = examples(parts, recipe.data.source)
    train = signs.parts["train"]
    samples = np.concatenate([example.values for example in train])
    mean, scale = samples.mean(0), spread(samples)
    torch.manual_seed(recipe.train.seed)
    motion = moving(recording.channels, recipe.signs.motion)
    return Problem(
        net=network(recipe, mean, scale, len(signs.labels)),
        epoch=partial(_epoch, recipe, train, scale, recording.rate),
        carry=False,
        held={part: [shown(recipe, example) for example in signs.parts[part]] for part in ("validation", "test")},
        train=(),
        spec=_spec(recipe, recording, parts, signs, motion, scale),
        arrays={"mean": mean, "scale": scale, "motion": motion},
        notes=(manner(recipe, recording), *signs.notes),
    )


def divided(recipe: Recipe, recording: Recording) -> dict[str, list[Gesture]]:
    """The signs of a recording, split as a recipe says.

    Raises:
        DataError: signs that nobody could learn and try.
    """
    if recipe.signs.split == "seed":
        return gloves.seed_gloves(recipe.data.source, recipe.signs.seed)
    return gloves.split(recording)


def manner(recipe: Recipe, recording: Recording) -> str:
    """How they are split; for a person to read."""
    if recipe.signs.split == "seed":
        return "at random, as the first network was measured: every session stands on both sides"
    return gloves.manner(recording)


def examples(parts: Mapping[str, Sequence[Gesture]], source: str) -> Signs:
    """The signs of all parts as examples of the words that train; others are left out and said.

    Raises:
        DataError: no part to train on or to choose by, fewer than two words, or more than a model may have.
    """
    labels = tuple(sorted({gesture.label for gesture in parts["train"]}))
    if not 2 <= len(labels) <= MOST:
        raise DataError(source, f"{len(labels)} different signs to train on", f"2 to {MOST}")
    if not parts["validation"]:
        raise DataError(
            source, "no signs that are held out", "enough sessions for a part to train and one to choose by"
        )
    numbers = {label: number for number, label in enumerate(labels)}
    found = {
        part: [Example(gesture.values, numbers[gesture.label]) for gesture in gestures if gesture.label in numbers]
        for part, gestures in parts.items()
    }
    counted = ", ".join(f"{part} {len(some)}" for part, some in found.items())
    strange = sorted({gesture.label for gestures in parts.values() for gesture in gestures} - set(labels))
    left = (f"held out, but nowhere in what trains, so left out: {', '.join(strange)}",) if strange else ()
    return Signs(labels, found, (f"{len(labels)} signs; {counted}", *left))


def network(recipe: Recipe, mean: F32, scale: F32, classes: int) -> SignNet | SeedSignNet:
    """The untrained network of a recipe."""
    if recipe.net.kind == "seed-signs":
        return SeedSignNet(len(mean), classes)
    return SignNet.make(recipe.net, torch.from_numpy(mean), torch.from_numpy(scale), classes)


def shown(recipe: Recipe, example: Example) -> Window:
    """A sign as the network of a recipe is measured on it."""
    if recipe.net.kind == "seed-signs":
        return sign_streams.padded(example, SEED_LENGTH)
    return sign_streams.whole(example)


def spread(samples: F32) -> F32:
    """Standard deviations (F,) of samples (N, F), all more than 0."""
    deviations = samples.std(0)
    found: F32 = np.maximum(deviations, max(FLOOR * float(deviations.max()), 1e-6)).astype(np.float32)
    return found


def moving(channels: Sequence[str], named: Sequence[str]) -> NDArray[np.int64]:
    """Numbers (M,) of the channels whose movement counts: those named, else where hands are, else all.

    Raises:
        ConfigError: a name that no channel has.
    """
    for name in named:
        if name not in channels:
            raise ConfigError("signs.motion", f"'{name}'", f"names of channels: {', '.join(channels)}")
    chosen = named or [name for name in channels if PLACES.fullmatch(name)] or channels
    return np.array([channels.index(name) for name in chosen], np.int64)


def _epoch(
    recipe: Recipe, train: Sequence[Example], scale: F32, rate: float, number: int, rank: int
) -> Iterator[Window]:
    """Windows (T, B, F) and (T, B, 2) of one epoch, the same ones whenever it is asked for."""
    rng = np.random.default_rng([recipe.train.seed, number, rank])
    for chosen in sign_streams.batches(len(train), recipe.train.batch, recipe.train.updates, rng):
        if recipe.net.kind == "seed-signs":
            yield sign_streams.beside([sign_streams.padded(train[index], SEED_LENGTH) for index in chosen])
        else:
            some = [sign_streams.changed(train[index], scale, recipe.signs, rate, rng) for index in chosen]
            yield sign_streams.beside(some)


def _as_begun(control: Control) -> Control:
    """A knob as this model begins with it."""
    return msgspec.structs.replace(control, default=CERTAINTY) if control.name == "certainty" else control


def _spec(
    recipe: Recipe,
    recording: Recording,
    parts: Mapping[str, Sequence[Gesture]],
    signs: Signs,
    motion: NDArray[np.int64],
    scale: F32,
) -> ModelSpec:
    found = thresholds([example.values for example in signs.parts["train"]], recording.rate, motion, scale)
    return ModelSpec(
        name=recipe.title,
        family="signs",
        fps=recording.rate,
        features=len(recording.channels),
        head=Head(kind="classes", components=len(signs.labels), dims=1),
        state=(),
        labels=signs.labels,
        channels=recording.channels,
        settings=dict(found._asdict()),
        controls=tuple(_as_begun(control) for control in SIGN_CONTROLS),
        licence=recipe.signs.licence,
        credit=recipe.signs.credit,
        training={
            "data": recipe.data.source,
            "split": named_digest(parts),
            "manner": manner(recipe, recording),
            "signs": {part: len(some) for part, some in signs.parts.items()},
            "sessions": {part: sorted({one.session for one in some}) for part, some in parts.items()},
        },
    )
