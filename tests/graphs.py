"""Small step graphs of every kind, with random numbers."""

import numpy as np

from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.schema.frame import F32
from engine.schema.model import Head, HeadKind, ModelSpec

FEATURES, HIDDEN, COMPONENTS, DIMS, STEPS, BATCH = 7, 5, 4, 3, 12, 6


def weights(spread: str = "sigmoid", *, embed: bool = False, dense: bool = False, gate: bool = False) -> Weights:
    draw = np.random.default_rng(0)

    def some(*shape: int) -> F32:
        return draw.normal(0, 0.6, shape).astype(np.float32)

    wide, top = (HIDDEN if embed else FEATURES), (9 if dense else HIDDEN)
    return Weights(
        layers=tuple(
            Layer(some(4 * HIDDEN, width), some(4 * HIDDEN, HIDDEN), some(4 * HIDDEN)) for width in (wide, HIDDEN)
        ),
        pi_weight=some(COMPONENTS, top),
        pi_bias=some(COMPONENTS),
        row_weight=some(COMPONENTS, top, 2 * DIMS),
        row_bias=some(COMPONENTS, 2 * DIMS),
        unit=np.array((0.1, 1.0, 10.0), np.float32),
        spread=Spread(spread, 0.05, 2.0),  # type: ignore[arg-type]
        embed=(some(HIDDEN, FEATURES), some(HIDDEN)) if embed else None,
        gate=np.array((0.2, 0.5, 0.9), np.float32) if gate else None,
        carry_from=2,
        dense=(some(9, HIDDEN), some(9)) if dense else None,
    )


def spec(made: Weights, kind: HeadKind) -> ModelSpec:
    return ModelSpec(
        name="made up",
        family="latent",
        fps=30.0,
        features=FEATURES,
        head=Head(kind=kind, components=COMPONENTS, dims=DIMS),
        state=states(made),
        licence="CC0",
        credit="nobody",
    )
