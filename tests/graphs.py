"""Small step graphs of every kind, with random numbers."""

import numpy as np

from engine.bundled import MODELS
from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.inference.vet import load
from engine.schema.frame import F32
from engine.schema.model import Head, HeadKind, ModelSpec

FEATURES, HIDDEN, COMPONENTS, DIMS, STEPS, BATCH = 7, 5, 4, 3, 12, 6

BUNDLED = [path for path in sorted(MODELS.glob("*.onnx")) if load(path).spec.head.kind in {"mdn", "mdn-lazy"}]
"""The bundled models whose graph gives a mixture; one that gives pictures or classes is no `StepModel`."""


def weights(
    spread: str = "sigmoid",
    *,
    embed: bool = False,
    dense: bool = False,
    gate: bool = False,
    hidden: int = HIDDEN,
    components: int = COMPONENTS,
    dims: int = DIMS,
) -> Weights:
    draw = np.random.default_rng(0)

    def some(*shape: int) -> F32:
        return draw.normal(0, 0.6, shape).astype(np.float32)

    wide, top = (hidden if embed else FEATURES), (9 if dense else hidden)
    return Weights(
        layers=tuple(
            Layer(some(4 * hidden, width), some(4 * hidden, hidden), some(4 * hidden)) for width in (wide, hidden)
        ),
        pi_weight=some(components, top),
        pi_bias=some(components),
        row_weight=some(components, top, 2 * dims),
        row_bias=some(components, 2 * dims),
        unit=np.resize(np.array((0.1, 1.0, 10.0), np.float32), dims),
        spread=Spread(spread, 0.05, 2.0),  # type: ignore[arg-type]
        embed=(some(hidden, FEATURES), some(hidden)) if embed else None,
        gate=np.resize(np.array((0.2, 0.5, 0.9), np.float32), dims) if gate else None,
        carry_from=2,
        dense=(some(9, hidden), some(9)) if dense else None,
    )


def spec(made: Weights, kind: HeadKind) -> ModelSpec:
    return ModelSpec(
        name="made up",
        family="latent",
        fps=30.0,
        features=FEATURES,
        head=Head(kind=kind, components=len(made.pi_bias), dims=len(made.unit)),
        state=states(made),
        licence="CC0",
        credit="nobody",
    )
