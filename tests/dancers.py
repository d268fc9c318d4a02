"""Models made by hand on real recordings: no training, but every part of a real model file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.schema.frame import F32
from engine.schema.model import Head, ModelSpec
from export import motion_space, sources
from export.dance_problem import bank
from export.data.clip import Clip
from export.onnx_graph import checked

HIDDEN, COMPONENTS = 6, 3


def dancing(path: Path, *, dims: int = 16, **changes: Any) -> Path:
    """A dance model of the CMU body that goes on as it moved, ever slower, and trembles a little."""
    clips = sources.load("cmu").train
    space = motion_space.fit(clips, dims)
    tracks = [space.track(clip.positions) for clip in clips]
    jerks = np.concatenate([np.diff(track.targets, axis=0) for track in tracks]).std(0)
    features = 2 * dims + 3 + 2
    weights = _weights(features, jerks.astype(np.float32), gate=0.9, carry_from=dims)
    head = Head(kind="mdn-lazy", components=COMPONENTS, dims=dims + 3)
    genres = ("modern", "salsa")
    moments = bank(tracks, [genres.index(clip.genre) for clip in clips], 200)
    arrays = {"mean": space.mean, "basis": space.basis, **moments}
    spec = _spec(clips[0], "dance", "cmu", features, head, weights)
    spec = msgspec.structs.replace(spec, **({"conditions": genres} | changes))
    return _save(path, weights, spec, arrays)


def flickering(path: Path) -> Path:
    """A points model of the 55 markers whose every frame is noise around the mean body."""
    clips = sources.load("seed55").train
    positions = np.concatenate([clip.positions for clip in clips]).reshape(-1, 165)
    weights = _weights(165, positions.std(0), mean=positions.mean(0))
    head = Head(kind="mdn-lazy", components=COMPONENTS, dims=165)
    spec = _spec(clips[0], "points", "seed55", 165, head, weights)
    return _save(path, weights, spec, {})


def _weights(
    features: int, unit: F32, *, mean: F32 | None = None, gate: float | None = None, carry_from: int = 0
) -> Weights:
    draw = np.random.default_rng(3)

    def small(*shape: int) -> F32:
        return (0.05 * draw.normal(size=shape)).astype(np.float32)

    dims = len(unit)
    rows, bias = small(COMPONENTS, HIDDEN, 2 * dims), small(COMPONENTS, 2 * dims)
    rows[..., :dims] *= unit
    bias[:, :dims] = bias[:, :dims] * unit + (0 if mean is None else mean)
    return Weights(
        layers=(Layer(small(4 * HIDDEN, features), small(4 * HIDDEN, HIDDEN), small(4 * HIDDEN)),),
        pi_weight=small(COMPONENTS, HIDDEN),
        pi_bias=small(COMPONENTS),
        row_weight=rows,
        row_bias=bias,
        unit=unit.astype(np.float32),
        spread=Spread("sigmoid", 0.3, 1.0),
        gate=None if gate is None else np.full(dims, gate, np.float32),
        carry_from=carry_from,
    )


def _spec(clip: Clip, family: str, data: str, features: int, head: Head, weights: Weights) -> ModelSpec:
    return ModelSpec(
        name=f"hand-made {family}",
        family=family,
        fps=clip.fps,
        features=features,
        head=head,
        state=states(weights),
        licence=clip.licence,
        credit=clip.credit,
        skeleton=clip.skeleton,
        training={"data": data},
    )


def _save(path: Path, weights: Weights, spec: ModelSpec, arrays: Mapping[str, NDArray[np.generic]]) -> Path:
    path.write_bytes(checked(weights, spec, arrays))
    return path
