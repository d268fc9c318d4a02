"""The first pianist's view of a piece: a grid of moments and keys.

A recording has no bars, so a cell is a length of time, a sixteenth at 120 beats a minute unless a recipe says
otherwise. Two strokes of a key within a cell become one, the louder.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.families._touch import DOWN_EVENT, SECOND, UP_EVENT
from engine.schema.note import KEYS, LOUDEST
from export.data.piano import Piece

F32 = NDArray[np.float32]


class Grid(NamedTuple):
    """A piece on a grid.

    Attributes:
        keys: (T, 176) float32, 1 where a key is struck, then 1 where it is down.
        velocities: (T, 88) float32, velocity / 127 where a key is struck, 0 elsewhere.
        places: (N, 2) int64, cell and key of each note.
    """

    keys: F32
    velocities: F32
    places: NDArray[np.int64]


def grid(piece: Piece, cell: float) -> Grid:
    """Put a piece on a grid of `cell` seconds."""
    cells = (piece.events[:, 0] / (cell * SECOND)).astype(np.int64)
    length = int(cells.max(initial=0)) + 1
    keys, velocities = np.zeros((length, 2 * KEYS), np.float32), np.zeros((length, KEYS), np.float32)
    down: dict[int, int] = {}
    for at, kind, key in zip(cells.tolist(), *piece.events[:, 1:].T.tolist(), strict=True):
        if kind == DOWN_EVENT:
            keys[at, key] = 1.0
            down[key] = at
        elif kind == UP_EVENT and key in down:
            keys[down.pop(key) : at + 1, KEYS + key] = 1.0
    struck = piece.events[:, 1] == DOWN_EVENT
    places = np.stack([cells[struck], piece.events[struck, 2]], 1)
    np.maximum.at(velocities, tuple(places.T), piece.velocities / np.float32(LOUDEST))
    keys[:, KEYS:] = np.maximum(keys[:, KEYS:], keys[:, :KEYS])
    return Grid(keys, velocities, places)
