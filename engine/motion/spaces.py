"""How other programs see the same world: which way their axes point, and what their unit is.

A space is a signed permutation M of our axes (right-handed, Y up, metres, facing +Z) and a unit. A point p becomes
M p / unit. A rotation R becomes M R M^T, so the vector part of its quaternion becomes det(M) M v and its scalar part
stays: a mirror turns the axis and the sense of the angle. All functions take any leading axes.
"""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

Signed = tuple[int, int, int]


class Space(NamedTuple):
    """One line of the table of spaces.

    Attributes:
        hand: `rh` or `lh`.
        up: `y-up` or `z-up`.
        unit: metres per unit.
        axes: which of our axes each of its axes lies along.
        signs: -1 where it points the other way.
    """

    hand: Literal["rh", "lh"]
    up: Literal["y-up", "z-up"]
    unit: float
    axes: Signed
    signs: Signed


SPACES = {
    "engine": Space("rh", "y-up", 1.0, (0, 1, 2), (1, 1, 1)),
    "unity": Space("lh", "y-up", 1.0, (0, 1, 2), (-1, 1, 1)),
    "unreal": Space("lh", "z-up", 0.01, (0, 2, 1), (1, 1, 1)),
    "blender": Space("rh", "z-up", 1.0, (0, 2, 1), (1, -1, 1)),
}
"""By name. A body that faces +Z here faces +Z in Unity, +Y in Unreal and -Y in Blender, as their own characters do."""


class View:
    """Turns points and quaternions, float32 or float64, into those of one space; its zeros are never negative.

    Our own come back as they are.

    Attributes:
        same: whether the space is our own.
        order: (7,) int64, for kernels: which number of a point and a quaternion, x y z qx qy qz qw, comes where.
        factors: (7,) float32, what each is multiplied by there.
    """

    def __init__(self, space: Space) -> None:
        mirror = 1 if space.hand == "rh" else -1
        self.same = space == SPACES["engine"]
        self.order = np.array([*space.axes, *(3 + axis for axis in space.axes), 6])
        # float32, so that float32 stays what it is; 1 / 0.01 is 100 in it exactly.
        scale = np.array(space.signs) / space.unit
        self.factors = np.array([*scale, *(mirror * sign for sign in space.signs), 1], np.float32)
        self._axes, self._turned = self.order[:3], self.order[3:] - 3
        self._scale, self._senses = self.factors[:3], self.factors[3:]

    def points(self, points: Floats) -> Floats:
        """Points (..., 3) in metres, in the units of the space."""
        return points if self.same else points.take(self._axes, -1) * self._scale + 0.0

    def quaternions(self, quaternions: Floats) -> Floats:
        """Quaternions (..., 4) as x y z w."""
        return quaternions if self.same else quaternions.take(self._turned, -1) * self._senses + 0.0
