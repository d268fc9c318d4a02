"""The reference models that speeds are quoted for: the shapes of known networks, filled with random numbers.

R1 has the shape of the first LSTM-MDN dancer over 55 markers, R2 that of DanceNet's latent predictor, R3 that of a
small gesture model. They play no dance, but the time of a step does not depend on what it says. R1 can be played like
any model: its means stay within a hand's breadth of a standing figure whatever is fed back.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from engine.inference.int8_graph import quantized
from engine.inference.metadata import pack
from engine.inference.onnx_file import encode
from engine.inference.step_graph import Layer, Spread, Weights, build, states
from engine.schema.frame import F32
from engine.schema.model import Head, HeadKind, ModelSpec
from engine.schema.skeleton import Skeleton, Vector

FPS = 30.0

SWAY = 0.05
"""Metres per normalised unit of R1's output."""

SPACING = 0.09
"""Metres between two points of the standing figure."""

CHAIN = 9
"""Points of each of its limbs."""

LIMBS: Mapping[str, Vector] = {
    "l_arm": (1.0, 0.0, 0.0),
    "r_arm": (-1.0, 0.0, 0.0),
    "l_leg": (0.28, -0.96, 0.0),
    "r_leg": (-0.28, -0.96, 0.0),
    "spine": (0.0, 1.0, 0.0),
    "front": (0.0, 0.6, 0.8),
}
"""Unit vectors along which the points of the figure leave its middle, a metre above the floor."""


@dataclass(frozen=True)
class Reference:
    """A shape: `features` -> LSTM `layers` x `hidden` -> Dense `dense` -> MDN `components` over `dims`; 0: no Dense."""

    name: str
    family: str
    features: int
    hidden: int
    layers: int
    components: int
    dims: int
    dense: int = 0


R1 = Reference("R1 seed dance", "points", features=165, hidden=256, layers=3, components=32, dims=165)
R2 = Reference("R2 DanceNet", "latent", features=128, hidden=512, layers=3, components=24, dims=128, dense=1000)
R3 = Reference("R3 small", "latent", features=9, hidden=64, layers=2, components=5, dims=9)


Precision = Literal["float32", "float16", "int8"]


def write(
    reference: Reference,
    path: Path,
    *,
    kind: HeadKind = "mdn-lazy",
    seed: int = 1,
    precision: Precision = "float32",
) -> None:
    """Write a reference model; the same seed gives the same bytes, and both kinds of head the same numbers.

    Args:
        reference: its shape.
        path: of the file.
        kind: of head.
        seed: of the numbers.
        precision: of what is multiplied.
    """
    body = skeleton() if reference.family == "points" else None
    numbers = weights(reference, seed, None if body is None else rest(body).ravel())
    head = Head(kind=kind, components=reference.components, dims=reference.dims)
    spec = ModelSpec(
        name=reference.name,
        family=reference.family,
        fps=FPS,
        features=reference.features,
        head=head,
        state=states(numbers),
        licence="Apache-2.0",
        credit="random numbers",
        skeleton=body,
        settings={"freeze_speed": 0.0},
    )
    arrays = {} if body is None else {"primes": primes(body)}
    graph = build(numbers, kind, half=precision == "float16")
    path.write_bytes(encode(quantized(graph) if precision == "int8" else graph, spec, pack(spec, arrays)))


def weights(reference: Reference, seed: int, mean: F32 | None = None) -> Weights:
    """Random weights, uniform within 1 / sqrt(fan-in) as PyTorch begins, around a `mean` (D,) of the output."""
    draw = np.random.default_rng(seed)

    def random(fan_in: int, *shape: int) -> F32:
        reach = 1.0 / math.sqrt(fan_in)
        return draw.uniform(-reach, reach, shape).astype(np.float32)

    hidden, components, dims = reference.hidden, reference.components, reference.dims
    widths = [reference.features] + [hidden] * (reference.layers - 1)
    layers = [
        Layer(random(hidden, 4 * hidden, width), random(hidden, 4 * hidden, hidden), random(hidden, 4 * hidden))
        for width in widths
    ]
    dense = (random(hidden, reference.dense, hidden), random(hidden, reference.dense)) if reference.dense else None
    last = reference.dense or hidden
    rows, bias = random(last, components, last, 2 * dims), random(last, components, 2 * dims)
    unit = np.full(dims, 1.0 if mean is None else SWAY, np.float32)
    rows[..., :dims] *= unit
    bias[:, :dims] = bias[:, :dims] * unit + (0.0 if mean is None else mean)
    return Weights(
        layers=tuple(layers),
        pi_weight=random(last, components, last),
        pi_bias=random(last, components),
        row_weight=rows,
        row_bias=bias,
        unit=unit,
        spread=Spread("sigmoid", floor=0.05, cap=2.0),
        dense=dense,
    )


def skeleton() -> Skeleton:
    """A standing figure of 55 points: a middle and six limbs of nine points, none of them rigid."""
    names, parents, offsets = ["middle"], [-1], [(0.0, 1.0, 0.0)]
    for limb, (x, y, z) in LIMBS.items():
        for place in range(CHAIN):
            parents.append(len(names) - 1 if place else 0)
            names.append(f"{limb}_{place}")
            offsets.append((x * SPACING, y * SPACING, z * SPACING))
    facing = (names.index("l_arm_0"), names.index("r_arm_0"))
    return Skeleton(names=tuple(names), parents=tuple(parents), offsets=tuple(offsets), facing=(facing,), rigid=False)


def rest(body: Skeleton) -> F32:
    """Positions (J, 3), metres, of a body at rest."""
    positions = np.array(body.offsets, np.float64)
    for joint in body.order[1:]:
        positions[joint] += positions[body.parents[joint]]
    return positions.astype(np.float32)


def primes(body: Skeleton) -> F32:
    """Starts (2, 30, J, 3), metres: the figure sways to the left and to the right."""
    phase = np.sin(np.linspace(0.0, 2.0 * np.pi, round(FPS)))
    sway = np.stack([phase, -phase])[..., None] * (SWAY, 0.0, 0.0)
    return (rest(body) + sway[:, :, None]).astype(np.float32)
