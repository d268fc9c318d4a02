"""A body to look at: a wooden mannequin around a rig in its T-pose, each part of it carried by one bone.

Limbs are capsules that thin out towards hands and feet; the trunk is flat and as wide as hips and shoulders, the head
an egg with a nose, so that one sees where it looks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import Rig
from engine.schema.frame import F32
from export.drawing import palette
from export.formats.moving import at_rest

F64 = NDArray[np.float64]
U32 = NDArray[np.uint32]

ROUGHNESS = 0.6
"""Of the surface, 0 to 1: waxed wood."""

TALL = 1.54
"""Metres from the toes to the head's middle of the body that the sizes below fit; others are scaled."""

THIN, THICK = 0.024, 0.056
"""A limb's radius: metres at its end, and what it gains with each metre that hangs on it."""

TRUNK = 0.03
"""How near to the middle plane joints of the trunk are, metres."""

NECK = 0.05
"""Half the width of a trunk where nothing hangs on its sides, metres."""

FLAT = 0.65
"""How deep a trunk is, as a share of its width."""

HEAD = (0.078, 0.115, 0.092)
"""Half the width, height and depth of a head, metres."""

BALL = 0.025
"""Radius of a marker, metres; three times a real one, to be seen from afar."""

AROUND, CAP = 14, 4
"""Corners around a part, and rings on each of its ends."""


def colour(row: int) -> tuple[float, float, float]:
    """Red, green and blue of the performer in a row, linear, 0 to 1: the colour that it has in pictures, too."""
    blue, green, red = (_linear(channel / 255) for channel in palette.performer(row))
    return red, green, blue


def _linear(channel: float) -> float:
    """A channel of sRGB as light (IEC 61966-2-1)."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


class Mesh(NamedTuple):
    """A surface of V corners and F triangles, closed, seen from outside.

    Attributes:
        positions: (V, 3) float32 metres, in the T-pose.
        normals: (V, 3) float32.
        triangles: (F, 3) uint32, counter-clockwise.
        bones: (V,) the bone of the rig that carries each corner.
    """

    positions: F32
    normals: F32
    triangles: U32
    bones: NDArray[np.int64]


class _Part(NamedTuple):
    """A rounded cone: the bone that carries it, its ends, and half its width and depth at both."""

    bone: int
    start: F64
    end: F64
    first: tuple[float, float]
    last: tuple[float, float]


def ball(radius: float) -> Mesh:
    """A ball around the origin; `bones` are 0."""
    middle, size = np.zeros(3), (radius, radius)
    return _joined([(0, *_surface(middle, middle, size, size, radius))])


def body_mesh(rig: Rig) -> Mesh:
    """The mannequin of a rig."""
    rest = at_rest(rig)
    size = float(np.ptp(rest, axis=0).max()) / TALL
    links = [bone for bone in range(1, len(rig.names)) if rig.offsets[bone].any()]
    parts = [_link(rig, rest, bone, size) for bone in links]
    surfaces = [(part.bone, *_surface(*part[1:], cap=min(*part.first, *part.last))) for part in parts]
    for bone in links:
        if _trunk(rest, bone, size) and not (rig.parents == bone).any() and rest[bone, 1] == rest[:, 1].max():
            surfaces += [(int(rig.parents[bone]), *surface) for surface in _head(rest[bone], size)]
    return _joined(surfaces)


def _link(rig: Rig, rest: F64, bone: int, size: float) -> _Part:
    """The part between a bone and the one above it, which carries it."""
    above = int(rig.parents[bone])
    radii = [size * (THIN + THICK * _reach(rig, each) / size) for each in (above, bone)]
    if not _trunk(rest, bone, size) or not _trunk(rest, above, size):
        radii[0] = min(radii[0], 1.35 * radii[1])
        return _Part(above, rest[above], rest[bone], (radii[0],) * 2, (radii[1],) * 2)
    first = max(NECK * size, 1.05 * _beside(rig, rest, above))
    last = max(NECK * size, 1.05 * _beside(rig, rest, bone), 0.7 * _beside(rig, rest, above))  # a yoke at the shoulders
    return _Part(above, rest[above], rest[bone], (first, FLAT * first), (last, max(FLAT * last, 0.04 * size)))


def _trunk(rest: F64, bone: int, size: float) -> bool:
    return bool(abs(rest[bone, 0] - rest[0, 0]) < TRUNK * size)


def _beside(rig: Rig, rest: F64, bone: int) -> float:
    """How far to the side the joints are that hang on a bone's joint, metres."""
    children = np.flatnonzero(rig.joint[rig.parents[1:]] == rig.joint[bone]) + 1
    return float(np.abs(rest[children, 0] - rest[bone, 0]).max(initial=0.0))


def _reach(rig: Rig, bone: int) -> float:
    """Metres from a bone to the farthest end that hangs on it."""
    children = np.flatnonzero(rig.parents == bone)
    return max((float(np.linalg.norm(rig.offsets[each])) + _reach(rig, int(each)) for each in children), default=0.0)


def _head(middle: F64, size: float) -> list[tuple[F64, U32]]:
    wide, high, deep = (size * each for each in HEAD)
    nose, tip = middle + np.array([0.0, -0.1 * high, deep]), 0.2 * wide
    egg = _surface(middle, middle, (wide, deep), (wide, deep), high)
    return [egg, _surface(nose, nose, (tip, tip), (tip, tip), 1.6 * tip)]


def _surface(
    start: F64, end: F64, first: tuple[float, float], last: tuple[float, float], cap: float
) -> tuple[F64, U32]:
    """Corners and triangles of a rounded cone whose ends bulge by `cap` metres; upright where it has no length."""
    side, along, deep = _frame(end - start)
    bulge = np.linspace(0, np.pi / 2, CAP + 1)[:-1]
    rings = [(start - along * cap * np.sin(angle), np.cos(angle), first) for angle in bulge[::-1]]
    skip = int(bool(np.array_equal(start, end)))
    rings += [(end + along * cap * np.sin(angle), np.cos(angle), last) for angle in bulge[skip:]]
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)[:, None]
    circles = [
        middle + share * (np.cos(angle) * wide * side + np.sin(angle) * depth * deep)
        for middle, share, (wide, depth) in rings
    ]
    corners = np.concatenate([*circles, [start - along * cap], [end + along * cap]])
    return corners, _triangles(len(rings))


def _frame(along: F64) -> tuple[F64, F64, F64]:
    """Width, length and depth of a part as unit vectors, right-handed; `along` may be nothing."""
    length = float(np.linalg.norm(along))
    along = along / length if length else np.array([0.0, 1.0, 0.0])
    side = np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    side = side - along * (side @ along)
    side /= np.linalg.norm(side)
    return side, along, np.cross(side, along)


def _triangles(rings: int) -> U32:
    here = np.arange(AROUND)
    after, found = (here + 1) % AROUND, []
    for ring in range(rings - 1):
        low, high = ring * AROUND, (ring + 1) * AROUND
        found.append(np.stack([low + here, high + here, low + after], 1))
        found.append(np.stack([low + after, high + here, high + after], 1))
    bottom, top, last = rings * AROUND, rings * AROUND + 1, (rings - 1) * AROUND
    found.append(np.stack([np.full(AROUND, bottom), here, after], 1))
    found.append(np.stack([last + after, last + here, np.full(AROUND, top)], 1))
    return np.concatenate(found).astype(np.uint32)


def _joined(surfaces: Sequence[tuple[int, F64, U32]]) -> Mesh:
    starts = np.cumsum([0, *(len(corners) for _, corners, _ in surfaces)])
    corners = np.concatenate([each for _, each, _ in surfaces])
    triangles = np.concatenate([each + np.uint32(at) for at, (_, _, each) in zip(starts, surfaces, strict=False)])
    bones = np.concatenate([np.full(len(each), bone) for bone, each, _ in surfaces])
    return Mesh(corners.astype(np.float32), _normals(corners, triangles), triangles, bones)


def _normals(corners: F64, triangles: U32) -> F32:
    """Of each corner: the mean of its triangles', by their areas."""
    a, b, c = (corners[triangles[:, each]] for each in range(3))
    normals = np.zeros_like(corners)
    for each in range(3):
        np.add.at(normals, triangles[:, each], np.cross(b - a, c - a))
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True), np.float32)
