"""What each performer plays with, gathered from the board for those who keep it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.controls.board import ACT, F64
from engine.schema.controls import Control
from engine.schema.frame import F32

APART = ("performers", "crossfade", "record")
"""Knobs of a show of bodies that nobody dances with."""


def dancing(table: Mapping[str, Control]) -> tuple[str, ...]:
    """The knobs that a performer plays with, its own and the show's, in the order of the table."""
    return tuple(name for name, control in table.items() if "bodies" in control.parts and name not in APART)


class Played:
    """Rows of values, made once for each set of performers.

    Args:
        values: (259, K) of the board: a view, which changes.
        table: the knobs, in the order of its columns.
    """

    def __init__(self, values: F64, table: Mapping[str, Control]) -> None:
        self._values = values.reshape(-1)
        self._width = values.shape[1]
        columns = {name: column for column, name in enumerate(table)}
        names = dancing(table)
        self._columns: NDArray[np.intp] = np.array([columns[name] for name in names], np.intp)
        self._shared: NDArray[np.bool_] = np.array([table[name].scope == "act" for name in names], np.bool_)
        self._cast(())

    def rows(self, performers: Sequence[int]) -> F32:
        """(P, C) float32, columns as `dancing` names them; overwritten by the next call."""
        if performers != self._performers:
            self._cast(performers)
        np.take(self._values, self._cells, out=self._found, mode="clip")  # the other modes copy `out`
        np.copyto(self._rows, self._found, casting="same_kind")
        return self._rows

    def _cast(self, performers: Sequence[int]) -> None:
        numbers = np.array(performers, np.intp).reshape(-1, 1)
        self._cells: NDArray[np.intp] = np.where(self._shared, ACT, numbers) * self._width + self._columns
        self._found: F64 = np.zeros(self._cells.shape)
        self._rows: F32 = np.zeros(self._cells.shape, np.float32)
        self._performers = performers
