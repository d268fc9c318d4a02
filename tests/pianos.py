"""Tiny models of touch with random numbers, in the form of a trained one."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.families._touch import FEATURES
from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.schema.controls import TEMPERATURE, TOUCH_CONTROLS
from engine.schema.model import Head, ModelSpec
from export.onnx_graph import checked

COMPONENTS = 5
HIDDEN = 8
LAYERS = 2
MEAN = 60.0


def weights(seed: int = 1, hidden: int = HIDDEN) -> Weights:
    """Random numbers around a mean velocity of 60."""
    draw = np.random.default_rng(seed)

    def random(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return draw.normal(0.0, 0.4, shape).astype(np.float32)

    bias = random(COMPONENTS, 2)
    bias[:, 0] = MEAN + np.linspace(-12.0, 12.0, COMPONENTS)
    rows = random(COMPONENTS, hidden, 2)
    rows[..., 0] *= 10.0
    return Weights(
        layers=tuple(
            Layer(random(4 * hidden, hidden), random(4 * hidden, hidden), random(4 * hidden)) for _ in range(LAYERS)
        ),
        pi_weight=random(COMPONENTS, hidden),
        pi_bias=random(COMPONENTS),
        row_weight=rows,
        row_bias=bias,
        unit=np.full(1, 14.0, np.float32),
        spread=Spread("sigmoid", floor=0.05, cap=1.0),
        embed=(random(hidden, FEATURES), random(hidden)),
    )


def spec(numbers: Weights) -> ModelSpec:
    return ModelSpec(
        name="tiny piano",
        family="velocity",
        fps=30.0,
        features=FEATURES,
        head=Head(kind="mdn", components=COMPONENTS, dims=1),
        state=states(numbers),
        licence="CC0",
        credit="nobody",
        settings={"mean": MEAN, "std": 15.0},
        controls=(TEMPERATURE, *TOUCH_CONTROLS),
    )


def tiny(
    path: Path, *, seed: int = 1, hidden: int = HIDDEN, arrays: Mapping[str, NDArray[np.generic]] | None = None
) -> Path:
    """Write a tiny model of touch, with these arrays, and give its path."""
    numbers = weights(seed, hidden)
    description = spec(numbers)
    path.write_bytes(checked(numbers, description, arrays or {}))
    return path
