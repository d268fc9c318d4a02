"""What a recipe sets out to learn: a network, the stream that trains it, and what is held out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.schema.model import ModelSpec
from export.nets.convlstm import FrameNet
from export.nets.dance import DanceNet
from export.nets.latents import LatentNet, SeedLatentNet
from export.nets.seed import SeedNet
from export.nets.signs import SeedSignNet, SignNet
from export.nets.vae import Vae
from export.nets.velocity import GridNet, VelocityNet

F32 = NDArray[np.float32]
Net = DanceNet | SeedNet | VelocityNet | GridNet | FrameNet | Vae | LatentNet | SeedLatentNet | SignNet | SeedSignNet
Window = tuple[F32, F32]
"""Inputs (T, B, F) and targets (S, B, D) of one update; the targets belong to its last S steps.

Of pictures (T, B, H, W) both, 0 to 1. Of signs targets are (T, B, 2): number of the class, and weight of the sample.
"""


@dataclass(frozen=True, eq=False)
class Problem:
    """A recipe, made concrete.

    Attributes:
        net: called as `net(x, state) -> logits, mu, sigma, state`; the mixture is over `net.normal(y)` for targets y,
            in units of `net.unit` (D,). One of a grid is called with x alone;
            one of pictures gives logits (T, B, H, W) and its state alone, one of signs logits (T, B, C) and its state.
        epoch: gives the windows of epoch n for process r of several, the same ones every time it is asked.
        carry: whether an epoch's windows follow each other in time, so that the state is carried on.
        held: for `validation` and `test`, per clip the inputs (T, F) and targets (T, D).
        train: changes (T, D) from frame to frame of the training clips, for the baselines of bodies.
        spec: the description of the model; state and metrics are filled in at export.
        arrays: what the family needs beside the graph.
        absolute: whether inputs and targets are positions, not changes.
        films: pictures (T, H, W) that train, 0 to 255, where a decoder learns with what moves.
        notes: what whoever trains has to know of the recordings.
    """

    net: Net
    epoch: Callable[[int, int], Iterator[Window]]
    carry: bool
    held: Mapping[str, Sequence[tuple[F32, F32]]]
    train: Sequence[F32]
    spec: ModelSpec
    arrays: Mapping[str, NDArray[np.generic]]
    absolute: bool = False
    films: Sequence[NDArray[np.uint8]] = ()
    notes: Sequence[str] = ()
