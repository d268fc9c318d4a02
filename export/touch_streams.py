"""Endless playing for a model of touch: recordings, each time a little different, side by side in lanes.

Tempo, pitch, the moments within a chord and the pedal are changed so that what is learned does not hang on them: one
set is sequenced, chords at one moment, others were played; some are without a pedal. Velocities stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.families import _touch
from engine.families._touch import DOWN_EVENT, PEDAL_EVENT, UP_EVENT
from engine.schema.note import KEYS
from export.data.piano import Piece
from export.problem import F32, Window
from export.recipe import TouchRecipe

MILLISECOND = 1_000_000

ORDER = np.array([2, 0, 1])
"""At the same moment keys come up first, then the pedal, then keys go down: the place of each kind."""

SHORTEST = 64
"""Notes of a piece that are left at least where an epoch begins within it."""


@dataclass(eq=False)
class _Lane:
    """What a lane plays: inputs (N, F), velocities (N,), and the note that is next."""

    x: F32
    y: F32
    at: int = 0


def windows(
    pieces: Sequence[Piece],
    shares: NDArray[np.float64],
    recipe: TouchRecipe,
    level: float,
    shape: tuple[int, int],
    count: int,
    rng: np.random.Generator,
) -> Iterator[Window]:
    """Windows of inputs (T, B, F) and velocities (T, B, 1), NaN behind the end of a piece.

    A piece begins at the first row of a window, and its lane goes on with it in the next one. Only those that an epoch
    begins with begin anywhere.

    Args:
        pieces: to choose from.
        shares: (P,) how often each is chosen.
        recipe: how they are changed.
        level: mean velocity of all.
        shape: T and B.
        count: windows.
        rng: chooses.
    """
    length, batch = shape

    def begin() -> _Lane:
        piece = vary(pieces[rng.choice(len(pieces), p=shares)], recipe, rng)
        if rng.random() >= recipe.unheard:
            return _Lane(_touch.features(piece.events, piece.velocities), piece.velocities)
        return _Lane(_touch.features(piece.events), levelled(piece, level, recipe))

    lanes = [begin() for _ in range(batch)]
    for lane in lanes:
        lane.at = int(rng.integers(0, max(1, len(lane.x) - SHORTEST)))
    for _ in range(count):
        x = np.zeros((length, batch, _touch.FEATURES), np.float32)
        y = np.full((length, batch, 1), np.nan, np.float32)
        for row, lane in enumerate(lanes):
            part = slice(lane.at, lane.at + length)
            known = len(lane.x[part])
            x[:known, row], y[:known, row, 0] = lane.x[part], lane.y[part]
            lane.at += known
            if lane.at == len(lane.x):
                lanes[row] = begin()
        yield x, y


def levelled(piece: Piece, level: float, recipe: TouchRecipe) -> F32:
    """The velocities (N,) of a piece with some of its own loudness taken away."""
    return piece.velocities - np.float32(recipe.offset * (piece.velocities.mean() - level))


def vary(piece: Piece, recipe: TouchRecipe, rng: np.random.Generator) -> Piece:
    """A piece in another tempo and key, its chords spread otherwise, perhaps without its pedal."""
    events, kinds = piece.events, piece.events[:, 1]
    times = events[:, 0] * np.exp(rng.uniform(-1.0, 1.0) * np.log(recipe.tempo))
    if rng.random() >= recipe.exact:
        times = times + _jitter(events, rng.uniform(0.0, recipe.jitter) * MILLISECOND, rng)
    whats = np.where(kinds == PEDAL_EVENT, events[:, 2], events[:, 2] + _shift(piece, recipe.transpose, rng))
    strokes = np.cumsum(kinds == DOWN_EVENT) - 1
    order = np.lexsort((whats, ORDER[kinds], times.astype(np.int64)))
    if rng.random() < recipe.pedalless:
        order = order[kinds[order] != PEDAL_EVENT]
    changed = np.stack([times.astype(np.int64), kinds, whats], 1)[order]
    return Piece(piece.name, piece.source, changed, piece.velocities[strokes[order][kinds[order] == DOWN_EVENT]])


def _shift(piece: Piece, most: int, rng: np.random.Generator) -> int:
    """Semitones by which a piece is moved: none where it would leave the piano."""
    keys = piece.events[piece.events[:, 1] != PEDAL_EVENT, 2]
    shift = int(rng.integers(-most, most + 1))
    return shift if keys.min() + shift >= 0 and keys.max() + shift < KEYS else 0


def _jitter(events: NDArray[np.int64], most: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Nanoseconds (E,) by which each stroke is late; its key comes up as much later."""
    late = np.where(events[:, 1] == DOWN_EVENT, rng.uniform(0.0, most, len(events)), 0.0)
    keyed = np.flatnonzero(events[:, 1] != PEDAL_EVENT)
    by_key = keyed[np.argsort(events[keyed, 2], kind="stable")]
    kinds = events[by_key, 1]
    stroke = np.maximum.accumulate(np.where(kinds == DOWN_EVENT, np.arange(len(by_key)), 0))
    up = kinds == UP_EVENT
    late[by_key[up]] = late[by_key[stroke[up]]]
    return late
