"""How likely held-out clips are under a model, beside the simplest models in the same numbers."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.contracts import Family, Loaded
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from export.data.clip import Clip
from export.metrics.dance import Floats
from export.metrics.likelihood import ConstantVelocity, CopyLast, mixture_nll

TeacherForced = Callable[[Loaded, F32], tuple[F32, F32, F32]]
"""Logits (T, K), mu and sigma (T, K, D) after each of the step inputs (T, F) of a recording."""

Reading = Callable[[F32, F32, int], tuple[Floats, Floats]]
"""From step inputs (T, F), the clip (T + 1, J, 3) and D: what led to each input and the head has to foresee, (T, D),
and the deltas in it, (T, D)."""


def _dance(features: F32, clip: F32, dims: int) -> tuple[Floats, Floats]:  # noqa: ARG001 - one form for every family
    """Inputs are `[z, dz, way, condition]`, and the head gives the next `[dz, way]`, which are deltas already."""
    changes = features[:, dims - 3 : 2 * dims - 3]
    return changes, changes


def _points(features: F32, clip: F32, dims: int) -> tuple[Floats, Floats]:
    """Inputs are positions, and the head gives the next ones."""
    return features[:, :dims], np.diff(clip.reshape(len(clip), -1).astype(np.float64), axis=0)


READINGS: Mapping[str, Reading] = {"dance": _dance, "points": _points}
"""How to read the step inputs of each family."""


def held_out_nll(
    loaded: Loaded, family: Family, train: Sequence[Clip], held_out: Sequence[Clip], forced: TeacherForced
) -> dict[str, float]:
    """Mean over frames and dimensions, nats: `model`, `copy_last` and `constant_velocity`, all of the same frames.

    The model starts each clip without memory and is told the clip's genre where it knows it.

    Raises:
        ModelError: a family whose numbers are not known here.
    """
    if loaded.spec.family not in READINGS:
        raise ModelError("figurant.spec: family", f"'{loaded.spec.family}'", f"one of {', '.join(READINGS)}")
    reading, dims = READINGS[loaded.spec.family], loaded.spec.head.dims
    known = [reading(family.features(clip.positions), clip.positions, dims)[1] for clip in train]
    likelihoods, deltas = [], []
    for clip in held_out:
        x = _told(family.features(clip.positions), loaded.spec.conditions, clip.genre)
        foreseen, changes = reading(x, clip.positions, dims)
        likelihoods.append(mixture_nll(foreseen[1:], *forced(loaded, x[:-1])))
        deltas.append(changes)
    return {
        "model": float(np.concatenate(likelihoods).mean()),
        "copy_last": CopyLast.fit(known).nll([clip[1:] for clip in deltas]),
        "constant_velocity": ConstantVelocity.fit(known).nll(deltas),
    }


def _told(features: F32, conditions: Sequence[str], genre: str) -> F32:
    """The inputs with the condition of a genre, if there is such a one; conditions are the last features."""
    told = features.copy()
    if genre in conditions:
        told[:, features.shape[1] - len(conditions) + conditions.index(genre)] = 1.0
    return told
