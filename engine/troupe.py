"""The rows of a model's batch: who plays in them, with which seed and knobs, and what the model says to each."""

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Drawing, Family, Knobs, StepModel
from engine.guard import Flags
from engine.priming import Moment
from engine.sampling.kernels import heat
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise, pick
from engine.schema.controls import Controls
from engine.schema.frame import F32

NUDGE = 1.5
"""What a frozen performer's temperature is multiplied by; 2 would leave the poses that the model knows."""


def capacity(performers: int, most: int) -> int:
    """Rows to step for the performers with the numbers up to this: a power of two, never more than `most`.

    Each size is rehearsed before it is used; with few of them most performers come into a size at hand.
    """
    return min(most, 1 << (performers - 1).bit_length())


class Rows(NamedTuple):
    """A model and the arrays of its B rows, taken once, as a tick that took them anew would make a dozen objects.

    Attributes:
        model: what is stepped.
        drawing: the same model where it draws by itself, otherwise None.
        x: (B, F).
        u: (B,).
        normals: (B, D).
        seeds: (B,).
        choice: (B,) what a lazy head divides its logits by.
        knobs: of the B rows.
    """

    model: StepModel
    drawing: Drawing | None
    x: F32
    u: F32
    normals: F32
    seeds: NDArray[np.uint64]
    choice: F32
    knobs: Knobs


class Troupe:
    """Draws a sample for every row; neither guards nor decodes.

    One thread plays; `reserve` alone may be called from any other one.

    Args:
        model: the first size of batch.
        family: what the model's numbers mean, with as many performers as may ever play.
        numbers: performers, from 0, whose noise the rows draw; None: each row its own.

    Raises:
        ValueError: the batch is larger than the family; or the model draws by itself, which it does for its own rows.
    """

    def __init__(self, model: StepModel, family: Family, numbers: Sequence[int] | None = None) -> None:
        rows, head = family.performers, model.spec.head
        if model.batch > rows:
            raise ValueError(f"a batch of {model.batch} for {rows} performers")
        if numbers is not None and isinstance(model, Drawing):
            raise ValueError("a model that draws by itself cannot draw for other performers than its rows")
        self._numbers = range(rows) if numbers is None else tuple(numbers)
        self._family, self._seeds = family, [0] * rows
        self._building = threading.Lock()
        self._controls: list[Controls | None] = [None] * rows
        self._told: tuple[Controls | None, ...] | None = None
        self._noise = Noise(self._seeds, head.dims, head.colour, self._numbers)
        self._sampler = Sampler(head, rows)
        self._x = np.zeros((rows, model.spec.features), np.float32)
        knobs = np.ones((5, rows), np.float32)
        self._own_temperature, self._temperature, self._pi_temperature, self._sigma, self._top_p = knobs
        self._choice = np.ones(rows, np.float32)
        self._models = [self._prepared(model)]
        self._now = self._models[0]

    @property
    def batch(self) -> int:
        """B, rows that are stepped together."""
        return self._now.model.batch

    @property
    def ready(self) -> int:
        """Rows that can be entered without any further preparation."""
        return max(rows.model.batch for rows in self._models)

    @property
    def controls(self) -> tuple[Controls | None, ...]:
        """What each of the B rows plays with, None where nobody does; the same object while nothing changes."""
        if self._told is None:
            self._told = tuple(self._controls[: self.batch])
        return self._told

    def reserve(self, performers: int) -> None:
        """Make and rehearse the batch that so many performers need; takes a moment, but not of the thread that plays.

        A larger one at hand would do, but not to the last bit: a dance would then depend on who played before.

        Raises:
            ValueError: the family is smaller.
            ModelError: the model refuses this size.
        """
        rows = self._family.performers
        if not 1 <= performers <= rows:
            raise ValueError(f"performer {performers}; expected 1 to {rows}")
        size = capacity(performers, rows)
        with self._building:
            if size not in [made.model.batch for made in self._models]:
                self._models.append(self._prepared(self._models[0].model.resized(size)))

    def enter(self, row: int, seed: int, controls: Controls) -> None:
        """Let somebody play in a free row that is ready; `start` and `Family.enter` come next."""
        self.reseed(row, seed)
        self.steer(row, controls)
        self._fit()

    def leave(self, row: int) -> None:
        """Free a row."""
        self._controls[row] = self._told = None
        self._fit()

    def reseed(self, row: int, seed: int) -> None:
        """Give a row another seed."""
        self._seeds[row] = seed
        self._noise.reseed(row, seed)

    def seed(self, row: int) -> int:
        """The seed of a row."""
        return self._seeds[row]

    def steer(self, row: int, controls: Controls) -> None:
        """Let a row play with these controls."""
        self._controls[row], self._told = controls, None
        self._own_temperature[row] = controls.temperature
        self._pi_temperature[row] = controls.pi_temperature
        self._sigma[row] = controls.sigma * self._family.spread(controls)
        self._top_p[row] = controls.top_p

    def pick(self, row: int, frame: int, count: int) -> int:
        """One of `count` primes, chosen by the row's seed."""
        return pick(self._seeds[row], frame, self._numbers[row], count)

    def prime(self, row: int, moment: Moment) -> None:
        """Give a row the memory of a moment."""
        self._now.model.put(row, moment.states, moment.row)

    def draw(self, frame: int, nudged: Flags) -> F32:
        """Step the model and draw (B, D), valid until the next draw.

        Args:
            frame: number of the frame, which its noise belongs to.
            nudged: (P,) rows that get more temperature.
        """
        model, drawing, x, u, normals, seeds, choice, knobs = self._now
        self._family.encode(x, self.controls)
        heat(self._own_temperature, nudged, NUDGE, self._pi_temperature, self._temperature, self._choice)
        if drawing is not None:
            return drawing.draw(x, seeds, frame, self._noise.colour, knobs)
        self._noise.fill(frame, len(x))
        return self._sampler.draw(model.step(x, u, choice, knobs.top_p), u, normals, knobs)

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """The state tensors with these numbers, of the B rows (`StepModel.hidden`)."""
        return self._now.model.hidden(numbers)

    def close(self) -> None:
        """Close the models of every size; harmless twice."""
        with self._building:
            for rows in self._models:
                rows.model.close()

    def _prepared(self, model: StepModel) -> Rows:
        batch, noise = model.batch, self._noise
        knobs = Knobs(self._temperature, self._pi_temperature, self._sigma, self._top_p)
        return Rows(
            model,
            model if isinstance(model, Drawing) else None,
            self._x[:batch],
            noise.u[:batch],
            noise.normals[:batch],
            noise.seeds[:batch],
            self._choice[:batch],
            Knobs(*(knob[:batch] for knob in knobs)),
        )

    def _fit(self) -> None:
        """Go on with the smallest batch at hand that holds everybody; what the rows remember goes along."""
        needed = max((row + 1 for row, own in enumerate(self._controls) if own is not None), default=1)
        fitting = min((rows for rows in self._models if rows.model.batch >= needed), key=lambda rows: rows.model.batch)
        self._told = None
        if fitting is not self._now:
            fitting.model.restore(self._now.model.state())
            self._now = fitting
