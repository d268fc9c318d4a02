"""Checkpoints: what training resumes from, and all that exporting needs.

A Lightning checkpoint with one more entry: the recipe (JSON), the description of the model (JSON) and its arrays. It is
read with `weights_only`, so a foreign file cannot run code.
"""

import pickle
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.schema.errors import ModelError
from engine.schema.model import ModelSpec
from export.nets.convlstm import ConvLstm, SeedConvLstm
from export.nets.dance import DanceNet
from export.nets.latents import LatentNet, SeedLatentNet
from export.nets.seed import SeedNet
from export.nets.signs import SeedSignNet, SignNet
from export.nets.velocity import GridNet, VelocityNet
from export.picture_problem import untrained
from export.problem import Net, Problem
from export.recipe import Recipe

KEY = "figurant"
PREFIX = "net."

ZIP = b"PK\x03\x04"
"""What a checkpoint begins with; older formats of PyTorch never held ours."""

UNREADABLE = (pickle.UnpicklingError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, EOFError)
"""What `torch.load` raises on broken files."""

MISFITS = (msgspec.MsgspecError, ModelError, KeyError, TypeError, AttributeError, RuntimeError, ValueError)
"""What comes of reading fields that are not there, or not what they are today."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network with everything that belongs to it."""

    recipe: Recipe
    net: Net
    spec: ModelSpec
    arrays: Mapping[str, NDArray[np.generic]]
    updates: int


def entry(recipe: Recipe, problem: Problem) -> dict[str, Any]:
    """What is added to a Lightning checkpoint."""
    return {
        "recipe": msgspec.json.encode(recipe).decode(),
        "spec": msgspec.json.encode(problem.spec).decode(),
        "arrays": {name: torch.from_numpy(np.array(array)) for name, array in problem.arrays.items()},
    }


def peek(path: Path) -> dict[str, Any]:
    """The raw contents of a checkpoint of ours.

    Raises:
        ModelError: missing, no checkpoint, or somebody else's.
    """
    expected = "a checkpoint written by engine-export train"
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch says of strange files is no news to who gave a wrong one
            if file.read(len(ZIP)) != ZIP:
                raise ModelError(str(path), "no checkpoint", expected)
            file.seek(0)
            contents = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(str(path), error.strerror or "unreadable", expected) from error
    except UNREADABLE as error:
        raise ModelError(str(path), f"unreadable ({type(error).__name__})", expected) from error
    if not isinstance(contents, dict) or KEY not in contents:
        raise ModelError(str(path), "a checkpoint of something else", expected)
    return contents


def read_recipe(path: Path) -> Recipe:
    """The recipe that a checkpoint was trained from.

    Raises:
        ModelError: see `peek`; or another version of this program wrote it.
    """
    try:
        return msgspec.json.decode(peek(path)[KEY]["recipe"], type=Recipe)
    except MISFITS as error:
        raise _foreign(path, error) from error


def load(path: Path) -> Trained:
    """Load a checkpoint for export.

    Raises:
        ModelError: see `peek`; or another version of this program wrote it.
    """
    contents = peek(path)
    try:
        return _trained(contents)
    except MISFITS as error:
        raise _foreign(path, error) from error


def _foreign(path: Path, error: Exception) -> ModelError:
    found = f"a checkpoint of another version ({error})"
    return ModelError(str(path), found, "one written by this version of engine-export train")


def _trained(contents: Mapping[str, Any]) -> Trained:
    own = contents[KEY]
    recipe = msgspec.json.decode(own["recipe"], type=Recipe)
    spec = msgspec.json.decode(own["spec"], type=ModelSpec)
    weights = {k.removeprefix(PREFIX): v for k, v in contents["state_dict"].items() if k.startswith(PREFIX)}
    net = _net(recipe, spec, weights)
    net.load_state_dict(weights)
    net.eval()
    arrays = {name: tensor.numpy() for name, tensor in own["arrays"].items()}
    return Trained(recipe, net, spec, arrays, int(contents["global_step"]))


def _net(recipe: Recipe, spec: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    return NETS[recipe.net.kind](recipe, spec, weights)


def _dance(recipe: Recipe, spec: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    return DanceNet.make(recipe.net, weights["scales"], len(spec.conditions))


def _seed(recipe: Recipe, _: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    return SeedNet.make(recipe.net, weights["low"], weights["low"] + weights["span"])


def _velocity(recipe: Recipe, _: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    level = float(weights["loudness"]), float(weights["unit"])
    return VelocityNet.make(recipe.net, weights["mean"], weights["scale"], *level)


def _grid(recipe: Recipe, _: ModelSpec, __: Mapping[str, Tensor]) -> Net:
    return GridNet.make(recipe.net)


def _latents(recipe: Recipe, _: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    return LatentNet.make(recipe.net, untrained(recipe.pictures), weights["dance.scales"])


def _seed_latents(recipe: Recipe, _: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    ends = weights["low"], weights["low"] + weights["span"]
    return SeedLatentNet.make(recipe.net, untrained(recipe.pictures), *ends)


def _signs(recipe: Recipe, spec: ModelSpec, weights: Mapping[str, Tensor]) -> Net:
    return SignNet.make(recipe.net, weights["mean"], weights["scale"], len(spec.labels))


NETS: Mapping[str, Callable[[Recipe, ModelSpec, Mapping[str, Tensor]], Net]] = {
    "dance": _dance,
    "seed": _seed,
    "velocity": _velocity,
    "grid": _grid,
    "grid-repaired": _grid,
    "convlstm": lambda recipe, _, __: ConvLstm.make(recipe.net),
    "seed-convlstm": lambda recipe, _, __: SeedConvLstm.make(recipe.net),
    "vae": lambda recipe, _, __: untrained(recipe.pictures),
    "latents": _latents,
    "seed-latents": _seed_latents,
    "signs": _signs,
    "seed-signs": lambda _, spec, __: SeedSignNet(spec.features, len(spec.labels)),
}
"""Untrained networks by their kind, which the weights are put into."""
