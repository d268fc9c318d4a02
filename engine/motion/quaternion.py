"""Unit quaternions x y z w, right-handed, for kernels: plain tuples of numbers, so that nothing is allocated."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.skeleton import Vector

Quaternion = tuple[float, float, float, float]

ANTIPODE = 1e-12
"""Squared sine under which two opposite directions have no plane in common; any turn by 180 degrees joins them."""


@kernel
def taken(row: NDArray[np.floating[Any]]) -> Quaternion:
    """A row (4,) of an array, in float64, which Numba's `float` would not make of a float32."""
    return (np.float64(row[0]), np.float64(row[1]), np.float64(row[2]), np.float64(row[3]))


@kernel
def product(a: Quaternion, b: Quaternion) -> Quaternion:
    """The rotation `b`, then `a`."""
    return (
        a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1],
        a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
        a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3],
        a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2],
    )


@kernel
def inverse(q: Quaternion) -> Quaternion:
    """The rotation back."""
    return (-q[0], -q[1], -q[2], q[3])


@kernel
def unit(q: Quaternion) -> Quaternion:
    """The same rotation with length 1; keeps rounding from piling up."""
    length = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return (q[0] / length, q[1] / length, q[2] / length, q[3] / length)


@kernel
def cross(a: Vector, b: Vector) -> Vector:
    """The vector across two others."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


@kernel
def dot(a: Vector, b: Vector) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@kernel
def rotate(q: Quaternion, v: Vector) -> Vector:
    """A vector, rotated."""
    axis = (q[0], q[1], q[2])
    once = cross(axis, v)
    twice = cross(axis, once)
    return (
        v[0] + 2.0 * (q[3] * once[0] + twice[0]),
        v[1] + 2.0 * (q[3] * once[1] + twice[1]),
        v[2] + 2.0 * (q[3] * once[2] + twice[2]),
    )


@kernel
def about(axis: Vector, angle: float) -> Quaternion:
    """The rotation by `angle` radians about a unit vector."""
    sine = math.sin(angle / 2)
    return (axis[0] * sine, axis[1] * sine, axis[2] * sine, math.cos(angle / 2))


@kernel
def between(a: Vector, b: Vector) -> Quaternion:
    """The shortest rotation from one unit vector to another."""
    axis = cross(a, b)
    cosine = dot(a, b)
    if cosine < 0.0 and dot(axis, axis) < ANTIPODE:
        return about(aside(a), math.pi)
    return unit((axis[0], axis[1], axis[2], 1.0 + cosine))


@kernel
def aside(a: Vector) -> Vector:
    """Some unit vector across a unit vector."""
    other = cross(a, (1.0, 0.0, 0.0)) if abs(a[0]) < 0.7 else cross(a, (0.0, 1.0, 0.0))
    length = math.sqrt(dot(other, other))
    return (other[0] / length, other[1] / length, other[2] / length)
