"""Where every knob stands: the act's and each performer's, on their way to what was asked for."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.ease import ease
from engine.schema.controls import Control, Controls, make_controls
from engine.schema.show import MAX_PERFORMERS, Easing, Place

ACT = 0
"""Row of the act's own values; a performer's row is its number."""

ROWS = MAX_PERFORMERS + 1

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
        initial: where the knobs of a row stand at first, by name; their defaults where it says nothing.
    """

    def __init__(
        self, table: Mapping[str, Control], *, fps: float, initial: Mapping[int, Mapping[str, float]] | None = None
    ) -> None:
        self._knobs = {name: _Knob(column, control) for column, (name, control) in enumerate(table.items())}
        self._fps, self._names = fps, tuple(table)
        slews = np.array([control.slew for control in table.values()])
        self._stride: F64 = np.where(slews > 0, slews / fps, np.inf)
        self._target: F64 = np.tile([float(control.default) for control in table.values()], (ROWS, 1))
        for row, values in (initial or {}).items():
            for name, value in values.items():
                self._target[row, self._knobs[name].column] = table[name].clamp(value)
        self._value, self._initial = self._target.copy(), self._target.copy()
        self._fading: NDArray[np.int64] = np.zeros(self._target.shape, np.int64)
        self._fades: dict[int, _Fade] = {}
        self._marks = count(1)
        self._frame = 0
        self._slewing = False
        self._changed: NDArray[np.bool_] = np.zeros(ROWS, np.bool_)
        self._stirred = False

    def set(self, name: str, value: float, performer: int = ACT, *, at_once: bool = False) -> float:
        """Ask for a value, and take the knob out of a fade; give the value back as far as it is within the range.

        Raises:
            ValueError: it is no finite number, or no such knob.
        """
        column, control = self._find(name, performer)
        target = control.clamp(value)
        rows = self._rows(control, performer)
        self._target[rows, column] = target
        self._fading[rows, column] = 0
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
        mark = next(self._marks)
        self._fades[mark] = _Fade(column, rows, self._value[rows, column], frames, curve, self._frame)
        self._target[rows, column] = target
        self._fading[rows, column] = mark
        return target

    def seat(self, performer: int, values: Mapping[str, float] | None = None) -> None:
        """Have a row stand at its targets at once, those of `values` first."""
        for name, value in (values or {}).items():
            self.set(name, value, performer, at_once=True)
        self._fading[performer] = 0
        self._value[performer] = self._target[performer]
        self._changed[performer] = self._stirred = True

    def restore(self) -> None:
        """Have everything stand where it stood at first."""
        self._fades.clear()
        self._fading[:] = 0
        self._target[:] = self._value[:] = self._initial
        self._changed[:] = self._stirred = True

    def land(self) -> None:
        """Drop all fades: what was on its way stays where it is."""
        fading = self._fading != 0
        self._target[fading] = self._value[fading]
        self._fading[:] = 0
        self._fades.clear()

    def target(self, name: str, performer: int = ACT) -> float:
        """What was asked for."""
        return float(self._target[performer, self._knobs[name].column])

    def value(self, name: str, performer: int = ACT) -> float:
        """What is played."""
        return float(self._value[performer, self._knobs[name].column])

    def initial(self, name: str, performer: int = ACT) -> float:
        """What it was at first."""
        return float(self._initial[performer, self._knobs[name].column])

    def values(self, name: str) -> F64:
        """(65,) what is played by everybody: a view."""
        values: F64 = self._value[:, self._knobs[name].column]
        return values

    def controls(self, performer: int) -> Controls:
        """What a performer plays with."""
        return make_controls(dict(zip(self._names, self._value[performer].tolist(), strict=True)))

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

    def _find(self, name: str, performer: int) -> _Knob:
        knob = self._knobs.get(name)
        wrong = knob is not None and knob.control.scope == ("act" if performer else "each")
        if knob is None or wrong or not 0 <= performer < ROWS:
            raise ValueError(f"{name} of performer {performer}: no such knob")
        return knob

    def _rows(self, control: Control, performer: int) -> int | slice:
        return slice(None) if performer == ACT and control.scope == "performer" else performer

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
        far = np.abs(gap) > self._stride
        moving = gap != 0
        self._slewing = bool(far.any())
        self._value += np.where(far, np.copysign(self._stride, gap), 0.0)
        arrived = moving & ~far
        self._value[arrived] = self._target[arrived]
        self._changed |= moving.any(axis=1)
        self._stirred = bool(self._changed.any())
