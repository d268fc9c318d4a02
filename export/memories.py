"""What networks remember while recordings, scores or free runs pass: rows of their states, step by step.

A row is what `engine.path` takes: the chosen state tensors, each flattened, side by side.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from engine.contracts import Loaded
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export import remembered
from export.remembered import Memory, Progress, Run

__all__ = ["Memory", "Progress", "Run", "chosen", "memories", "of_part", "own_source", "rows"]

Layers = Literal["last", "all"]

PLACE = "figurant.spec: family"

COLLECTORS: Mapping[str, Callable[[Loaded, Run], Sequence[Memory]]] = {
    "dance": remembered.danced,
    "points": remembered.danced,
    "velocity": remembered.played,
    "latents": remembered.drawn,
    "signs": remembered.signed,
}
"""What a model of each family remembers, and of what."""


SHOWN = ("velocity", "signs")
"""Families that do nothing unless they are shown something."""


def chosen(spec: ModelSpec, layers: Layers = "last") -> tuple[int, ...]:
    """Numbers of the states that are looked at: what the last layer, or every layer, gave (`h`, never `c`).

    Cells are left out: they have no bounds, and what they hold shows in what is given.

    Raises:
        ModelError: the model remembers pictures, or nothing, or its family is unknown here.
    """
    if spec.family not in COLLECTORS:
        hint = "it remembers pictures, whose path is no line" if spec.family == "frames" else ""
        raise ModelError(PLACE, repr(spec.family), " or ".join(COLLECTORS), hint)
    given = tuple(range(0, len(spec.state), 2))
    if not given:
        raise ModelError("figurant.spec: state", "none", "a model that remembers")
    return given if layers == "all" else given[-1:]


def memories(loaded: Loaded, numbers: Sequence[int], run: Run | None = None) -> tuple[Memory, ...]:
    """What a model remembers, stream by stream.

    Args:
        loaded: the model.
        numbers: of the states, see `chosen`.
        run: what passes; None: what the family takes by itself.

    Raises:
        ModelError: a family that is unknown here, or a model that cannot be played.
        DataError: recordings that are not there, or do not fit.
    """
    chosen(loaded.spec)
    return tuple(COLLECTORS[loaded.spec.family](loaded, (run or Run())._replace(numbers=tuple(numbers))))


def own_source(spec: ModelSpec) -> str:
    """What a model is shown where nobody says: what it learned from; nothing, where it goes on by itself."""
    return str(spec.training.get("data", "")) if spec.family in SHOWN else ""


def of_part(streams: Sequence[Memory], part: str) -> tuple[Memory, ...]:
    """The streams of `train`, `validation` or `test`."""
    return tuple(stream for stream in streams if stream.part == part)


def rows(streams: Sequence[Memory]) -> F32:
    """All steps of streams below each other, (T, H)."""
    return np.concatenate([stream.states for stream in streams])
