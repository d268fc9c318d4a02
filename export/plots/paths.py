"""Paths of a memory, as people look at them: where a model goes while it hears signs, or while it dances."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.schema.frame import F32

Kind = Literal["time", "last", "hands", "errors"]

KINDS: Mapping[Kind, str] = {
    "time": "every step, by the time since its path began",
    "last": "where each path ends, one colour for each sign",
    "hands": "signs of one hand and of two",
    "errors": "where each path ends, and what was taken for another sign",
}
"""What there is to see, and what is written above it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Paths:
    """Paths of a memory, one after another.

    Attributes:
        points: (N, D) of all steps, D 2 or 3, -1 to 1: what a show sends.
        lengths: (G,) steps of each path; their sum is N.
        labels: what was shown to the model in each: a sign, a piece, a seed.
        sessions: where each comes from.
        splits: `train`, `validation` or `test`; empty where nothing was learned from it nor kept from learning.
        rate: steps in one `unit`.
        unit: in which time is told.
        right: (G,) whether the model said in the end what was shown; None where it says nothing.
        hands: (G,) how many hands move, 1 or 2; None where there are no hands.
        bodies: (N, E, 2, 2) metres, the bones of a body at each step, seen from the front and centred on its root.
    """

    points: F32
    lengths: NDArray[np.int64]
    labels: tuple[str, ...]
    sessions: tuple[str, ...]
    splits: tuple[str, ...]
    rate: float
    unit: str = "seconds"
    right: NDArray[np.bool_] | None = None
    hands: NDArray[np.int64] | None = None
    bodies: F32 | None = None

    @property
    def starts(self) -> NDArray[np.int64]:
        """(G,) the first step of each path."""
        return np.asarray(np.cumsum(self.lengths) - self.lengths, np.int64)

    @property
    def ends(self) -> F32:
        """(G, D) the last point of each path."""
        return self.points[np.cumsum(self.lengths) - 1]

    @property
    def steps(self) -> NDArray[np.int64]:
        """(N,) how many steps of its path came before each."""
        return np.arange(len(self.points)) - np.repeat(self.starts, self.lengths)

    @property
    def longest(self) -> float:
        """Time that colours are spread over: what nearly all paths last; a few long ones would leave no colours."""
        return max(float(np.quantile(self.lengths, 0.95)) - 1.0, 1.0) / self.rate

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What there is to see of them."""
        there = {"time": True, "last": self.right is not None}
        there |= {"hands": self.hands is not None, "errors": self.right is not None}
        return tuple(kind for kind in KINDS if there[kind])
