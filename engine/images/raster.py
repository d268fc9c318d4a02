"""Bodies as silhouettes: a white figure on black, seen from far away (orthographic).

A figure is a union of capsules, each from one joint to another with a radius at either end. A pixel is as white as the
nearest capsule covers it, over an edge one pixel wide.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32, U8
from engine.schema.model import Size
from engine.schema.skeleton import Skeleton
from engine.source import Centre

TALL = 2.25
"""Metres that a picture is high: a dancer of 1.75 m with an arm straight up."""

FLOOR = 0.05
"""Share of the picture's height that lies under the floor: 6 of 120 pixels."""

THIN = 0.045
"""Radius in metres of a bone of which nothing but its ends is known: a forearm's."""

NOTHING = 1e-6
"""Square pixels of length under which a capsule is a disc."""

CENTRES = ("group", "each", "stage")


class Capsule(NamedTuple):
    """From a joint to another one, by their names; the radii at both, metres."""

    start: str
    end: str
    at_start: float
    at_end: float


TRUNK: tuple[Capsule, ...] = (
    Capsule("neck", "head", 0.055, 0.075),
    Capsule("head", "head", 0.105, 0.105),
    Capsule("chest", "neck", 0.13, 0.06),
    Capsule("pelvis", "chest", 0.145, 0.15),
    Capsule("l_shoulder", "r_shoulder", 0.075, 0.075),
    Capsule("l_hip", "r_hip", 0.11, 0.11),
    Capsule("l_shoulder", "l_hip", 0.07, 0.10),
    Capsule("r_shoulder", "r_hip", 0.07, 0.10),
)
LIMB: tuple[Capsule, ...] = (
    Capsule("shoulder", "elbow", 0.06, 0.045),
    Capsule("elbow", "wrist", 0.045, 0.032),
    Capsule("wrist", "hand", 0.035, 0.03),
    Capsule("hip", "knee", 0.10, 0.062),
    Capsule("knee", "ankle", 0.062, 0.04),
    Capsule("ankle", "toe", 0.045, 0.03),
)
FIGURE: tuple[Capsule, ...] = TRUNK + tuple(
    Capsule(f"{side}_{part.start}", f"{side}_{part.end}", part.at_start, part.at_end) for side in "lr" for part in LIMB
)
"""A dressed body of the joints of `CORE20`, as in the pictures that the bundled silhouettes were learned from."""


class Raster:
    """Draws bodies of one skeleton into pictures of one size.

    Args:
        skeleton: with the joints of `CORE20` by name it is a dressed figure, else one stick for each bone.
        size: of the pictures.
        yaw: degrees by which the camera is turned around the bodies; 0 looks along -Z, so that who faces +Z is seen
            from the front and a step to +X goes to the right.
        crop: how much closer than `TALL` metres for the picture's height; over 1 shows less.
        thickness: factor on all radii.
        centre: what is in the middle of the picture: `group` the mean of the bodies' roots, with their distances kept;
            `each` every body's own root, all on one spot; `stage` the origin.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        size: Size,
        *,
        yaw: float = 0.0,
        crop: float = 1.0,
        thickness: float = 1.0,
        centre: Centre = "group",
    ) -> None:
        capsules = _figure(skeleton)
        self._ends = np.array([(skeleton.names.index(part.start), skeleton.names.index(part.end)) for part in capsules])
        self._radii = np.array([(part.at_start, part.at_end) for part in capsules], np.float32) * np.float32(thickness)
        turn = math.radians(yaw)
        scale = size.height / TALL * crop
        self._view = np.array([math.cos(turn) * scale, math.sin(turn) * scale, scale, size.height * FLOOR], np.float32)
        self._root, self._centre = skeleton.root, CENTRES.index(centre)
        # Compiled, or taken from the cache, before a frame is due.
        self.draw(np.zeros((1, len(skeleton.names), 3), np.float32), np.zeros((size.height, size.width), np.uint8))

    def draw(self, positions: F32, out: U8) -> None:
        """Draw bodies; what of them is not finite is left out.

        Args:
            positions: (P, J, 3) float32 metres, C order.
            out: (H, W) uint8, C order, overwritten: 255 figure, 0 ground.
        """
        draw(positions, self._ends, self._radii, self._view, self._root, self._centre, out)


def _figure(skeleton: Skeleton) -> tuple[Capsule, ...]:
    names = skeleton.names
    if {joint for part in FIGURE for joint in (part.start, part.end)} <= set(names):
        return FIGURE
    bones = tuple(Capsule(names[start], names[end], THIN, THIN) for start, end in skeleton.edges)
    return bones or (Capsule(names[0], names[0], THIN, THIN),)


@kernel
def draw(positions: F32, ends: NDArray[np.int64], radii: F32, view: F32, root: int, centre: int, out: U8) -> None:
    """Draw bodies as `Raster` does.

    Args:
        positions: (P, J, 3) metres.
        ends: (C, 2) joints of the capsules.
        radii: (C, 2) metres.
        view: (4,) pixels per metre along X, along Z and along Y, and pixels under the floor.
        root: joint.
        centre: 0 on the mean of the roots, 1 on each body's own, 2 on the origin.
        out: (H, W).
    """
    out[:] = 0
    middle_x = middle_z = np.float32(0.0)
    if centre == 0:
        found = 0
        for body in range(len(positions)):
            x, z = positions[body, root, 0], positions[body, root, 2]
            if np.isfinite(x) and np.isfinite(z):
                middle_x, middle_z, found = middle_x + x, middle_z + z, found + 1
        middle_x, middle_z = middle_x / max(found, 1), middle_z / max(found, 1)
    for body in range(len(positions)):
        if centre == 1:
            middle_x, middle_z = positions[body, root, 0], positions[body, root, 2]
        for capsule in range(len(ends)):
            _capsule(
                positions[body, ends[capsule, 0]],
                positions[body, ends[capsule, 1]],
                float(middle_x),
                float(middle_z),
                radii[capsule],
                view,
                out,
            )


@kernel
def _capsule(start: F32, end: F32, middle_x: float, middle_z: float, radii: F32, view: F32, out: U8) -> None:
    """Draw one capsule where nothing whiter is; start and end (3,) metres, the rest as for `draw`."""
    height, width = out.shape
    half, one = np.float32(0.5), np.float32(1.0)
    floor = np.float32(height) - view[3]
    across, deep = np.float32(middle_x), np.float32(middle_z)
    x = half * np.float32(width) + (start[0] - across) * view[0] + (start[2] - deep) * view[1]
    along_x = half * np.float32(width) + (end[0] - across) * view[0] + (end[2] - deep) * view[1] - x
    y = floor - start[1] * view[2]
    along_y = floor - end[1] * view[2] - y
    thick, more = radii[0] * view[2], (radii[1] - radii[0]) * view[2]
    reach = max(thick, thick + more) + half
    if not (np.isfinite(x) and np.isfinite(y) and np.isfinite(along_x) and np.isfinite(along_y)):
        return
    # Clipped before they become whole numbers: a body far away would not fit into any.
    left = int(min(max(min(x, x + along_x) - reach - half, 0), width))
    right = int(min(max(max(x, x + along_x) + reach + half, 0), width))
    top = int(min(max(min(y, y + along_y) - reach - half, 0), height))
    bottom = int(min(max(max(y, y + along_y) + reach + half, 0), height))
    length = along_x * along_x + along_y * along_y
    for row in range(top, bottom):
        for column in range(left, right):
            to_x, to_y = np.float32(column) + half - x, np.float32(row) + half - y
            place = np.float32(0.0)
            if length > NOTHING:
                place = min(max((to_x * along_x + to_y * along_y) / length, np.float32(0.0)), one)
            off_x, off_y = to_x - place * along_x, to_y - place * along_y
            distance = np.float32(math.sqrt(off_x * off_x + off_y * off_y)) - (thick + more * place)
            ground = min(max(distance + half, np.float32(0.0)), one)
            out[row, column] = max(out[row, column], np.uint8(255 - int(np.float32(255.0) * ground)))
