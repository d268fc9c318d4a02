"""Where every knob stands: the show's, the performers', the pianist's, the pictures'; and on its way to where."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.ease import ease
from engine.schema.controls import Control, Controls, reader
from engine.schema.kinds import Easing
from engine.schema.show import OWNERS, Place

ACT = 0
"""Row of the show's own values; a performer's row is its number, and those of `OWNERS` follow."""

ROWS = max(OWNERS) + 1

NEARLY = 1 + 1e-9
"""A step this much too short, from rounding, still reaches its target."""

F64 = NDArray[np.float64]


class _Knob(NamedTuple):
    column: int
    control: Control


class _Fade(NamedTuple):
    """A knob on its way along a curve; `cells` of its rows still belong to it."""

    column: int
    rows: NDArray[np.intp]
    start: F64
    frames: int
    curve: Easing
    began: int


class Board:
    """Targets and values of all knobs, for one thread.

    A target is what was asked for; the value is what is played, and goes there at the knob's own slew or along a fade.
    What is set on the act's row of a knob that performers have too is set for everybody, also for those yet to come.

    Args:
        table: the knobs, as `engine.schema.controls.expanded` gives them.
        fps: frames per second of the wire.
        initial: where the knobs of a row stand at first, by name, as far as there are such; else their defaults.
    """

    def __init__(
        self, table: Mapping[str, Control], *, fps: float, initial: Mapping[int, Mapping[str, float]] | None = None
    ) -> None:
        self._knobs = {name: _Knob(column, control) for column, (name, control) in enumerate(table.items())}
        self._table, self._fps, self._names = table, fps, tuple(table)
        self._read = reader(self._names)
        slews = np.array([control.slew for control in table.values()])
        self._stride: F64 = np.where(slews > 0, slews / fps, np.inf)
        self._target: F64 = np.tile([float(control.default) for control in table.values()], (ROWS, 1))
        for row, values in (initial or {}).items():
            for name in values.keys() & self._knobs.keys():
                self._target[row, self._knobs[name].column] = table[name].clamp(values[name])
        self._initial, self._value, self._told = (self._target.copy() for _ in range(3))
        self._fading: NDArray[np.int64] = np.zeros(self._target.shape, np.int64)
        self._fades: dict[int, _Fade] = {}
        self._marks = count(1)
        self._frame = 0
        self._changed: NDArray[np.bool_] = np.zeros(ROWS, np.bool_)
        self._slewing = self._stirred = self._asked = False

    def set(self, name: str, value: float, *performers: int, at_once: bool = False) -> float:
        """Ask for a value of these rows, or of the act's, and take the knob out of a fade.

        Returns:
            The value as far as it is within the range.

        Raises:
            ValueError: it is no finite number, or no such knob.
        """
        performers = performers or (ACT,)
        column, control = self._find(name, *performers)
        target = control.clamp(value)
        rows = self._rows(control, *performers)
        self._target[rows, column] = target
        self._fading[rows, column] = 0
        self._asked = True
        if at_once or not control.slew:
            self._value[rows, column] = target
            self._changed[rows] = self._stirred = True
        else:
            self._slewing = True
        return target

    def fade(self, name: str, value: float, performer: int, frames: int, curve: Easing) -> float:
        """As `set`, but have it get there along a curve in so many frames; a whole number without a slew jumps."""
        column, control = self._find(name, performer)
        if frames < 1 or (control.kind != "float" and not control.slew):
            return self.set(name, value, performer, at_once=True)
        target = control.clamp(value)
        rows = np.arange(ROWS)[self._rows(control, performer)].reshape(-1)
        self._target[rows, column] = target
        self._follow_later(column, rows, frames, curve)
        self._asked = True
        return target

    def seat(self, performer: int) -> None:
        """Have a row stand at its targets at once."""
        self._fading[performer] = 0
        self._value[performer] = self._target[performer]
        self._changed[performer] = self._stirred = self._asked = True

    def draft(self) -> "Board":
        """Another board of the same knobs, which stand where they stood at first here."""
        other = Board(self._table, fps=self._fps)
        other.adopt(self._initial)
        return other

    def adopt(
        self,
        targets: F64,
        slowly: Sequence[str] = (),
        frames: int = 0,
        curve: Easing = "linear",
        *,
        keep: Sequence[str] = (),
    ) -> None:
        """Have everything stand at `targets` (259, K) of a draft.

        Args:
            targets: likewise.
            slowly: knobs that get there along a curve.
            frames: that they take.
            curve: along which.
            keep: knobs without a slew that stay where they are.
        """
        start, columns = self._value.copy(), [self._knobs[name].column for name in keep]
        targets = targets.copy()
        targets[:, columns] = self._target[:, columns]
        self._fades.clear()
        self._fading[:] = 0
        self._target[:] = self._value[:] = targets
        for column in [self._knobs[name].column for name in slowly] if frames > 0 else []:
            self._value[:, column] = start[:, column]
            self._follow_later(column, np.arange(ROWS), frames, curve)
        self._changed[:] = self._stirred = self._asked = True

    def land(self) -> None:
        """Drop all fades: what was on its way stays where it is."""
        fading = self._fading != 0
        self._target[fading] = self._value[fading]
        self._fading[:] = 0
        self._fades.clear()
        self._asked = True

    @property
    def targets(self) -> F64:
        """(259, K) what was asked for: a view."""
        return self._target

    def target(self, name: str, performer: int = ACT) -> float:
        """What was asked for."""
        return float(self._target[performer, self._knobs[name].column])

    def value(self, name: str, performer: int = ACT) -> float:
        """What is played."""
        return float(self._value[performer, self._knobs[name].column])

    def values(self, name: str) -> F64:
        """(259,) what is played by everybody: a view."""
        values: F64 = self._value[:, self._knobs[name].column]
        return values

    @property
    def played(self) -> F64:
        """(259, K) what is played by everybody: a view, whose columns are the knobs of the table."""
        return self._value

    def controls(self, performer: int) -> Controls:
        """What a performer plays with."""
        return self._read(self._value[performer].tolist())

    def place(self, performer: int) -> Place:
        """Where it is."""
        return Place(self.value("x", performer), self.value("z", performer), self.value("heading", performer))

    def step(self) -> Sequence[int]:
        """Go on by a frame of the wire; give the rows whose values are others than at the last call."""
        self._frame += 1
        if self._fades:
            self._follow()
        if self._slewing:
            self._slew()
        if not self._stirred:
            return ()
        rows: list[int] = np.flatnonzero(self._changed).tolist()
        self._changed[:] = self._stirred = False
        return rows

    def told(self, name: str, *performers: int) -> None:
        """Note that the targets of these rows are known to those who listen."""
        rows, column = _index(performers), self._knobs[name].column
        self._told[rows, column] = self._target[rows, column]

    def untold(self, rows: Sequence[int], most: int) -> list[tuple[str, int]]:
        """Knobs of these rows whose targets are others than was told, at most so many; they count as told now."""
        if not self._asked:
            return []
        chosen = np.array(rows)
        found = np.argwhere(self._target[chosen] != self._told[chosen])
        self._asked = len(found) > most
        told = [(self._names[column], rows[index]) for index, column in found[:most].tolist()]
        for name, performer in told:
            self.told(name, performer)
        return told

    def _follow_later(self, column: int, rows: NDArray[np.intp], frames: int, curve: Easing) -> None:
        """Let these rows of a knob belong to a new fade, from where they stand."""
        mark = next(self._marks)
        self._fades[mark] = _Fade(column, rows, self._value[rows, column], frames, curve, self._frame)
        self._fading[rows, column] = mark

    def _find(self, name: str, *performers: int) -> _Knob:
        if (knob := self._knobs.get(name)) is None:
            raise ValueError(f"{name}: no such knob")
        scope = knob.control.scope
        for performer in performers:
            if not 0 <= performer < ROWS or scope == ("act" if performer else "each"):
                raise ValueError(f"{name} of performer {performer}: no such knob")
        return knob

    def _rows(self, control: Control, *performers: int) -> int | list[int] | slice:
        """The rows that are meant; all of them where the act's stands for everybody."""
        return slice(None) if control.scope == "performer" and ACT in performers else _index(performers)

    def _follow(self) -> None:
        """Bring what fades to where it is in this frame; exactly to its target in the last one."""
        for mark, fade in tuple(self._fades.items()):
            own = self._fading[fade.rows, fade.column] == mark
            rows, age = fade.rows[own], self._frame - fade.began
            target = self._target[rows, fade.column]
            if age < fade.frames:
                start = fade.start[own]
                self._value[rows, fade.column] = start + (target - start) * ease(fade.curve, age / fade.frames)
            else:
                self._value[rows, fade.column] = target
                self._fading[rows, fade.column] = 0
            if age >= fade.frames or not len(rows):
                del self._fades[mark]
            self._changed[rows] = self._stirred = True

    def _slew(self) -> None:
        """Bring what does not fade nearer to its target; there it stands exactly."""
        gap = np.where(self._fading == 0, self._target - self._value, 0.0)
        far = np.abs(gap) > self._stride * NEARLY
        moving = gap != 0
        self._slewing = bool(far.any())
        self._value += np.where(far, np.copysign(self._stride, gap), 0.0)
        arrived = moving & ~far
        self._value[arrived] = self._target[arrived]
        self._changed |= moving.any(axis=1)
        self._stirred = bool(self._changed.any())


def _index(rows: Sequence[int]) -> int | list[int]:
    """What finds these rows in an array; a lone one by its number, in a tenth of the time."""
    return rows[0] if len(rows) == 1 else list(rows)
