"""Where the camera is in each frame, and where a point of the world is in its picture.

The camera knows the whole recording, so it neither lags nor jerks: its path is smoothed in both directions of time, and
its distance is the largest that is needed nearby, smoothed no wider than that, which never takes it nearer than needed.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Points = NDArray[np.floating]

ELEVATION = math.radians(10)
"""How steeply the camera looks down: enough to see where feet are on the floor."""

ASIDE = math.radians(14)
"""How far beside the front the camera stands, so that a body has depth."""

FOCAL = 1.75
"""Focal length in shorter sides of the picture: 32 degrees, as a person sees a stage."""

CALM = 1.8
"""Seconds to either side that are averaged for what the camera looks at."""

SLOW = 2.6
"""Likewise for its distance: dollying is seen sooner than panning."""

FLESH = 0.16
"""Metres around a joint that are to be seen too: a head, a hand."""


class Room(NamedTuple):
    """Where in a picture bodies may be.

    Attributes:
        nearest: body heights that the camera keeps away at least.
        sides: share of the width, from the middle, that bodies stay within.
        above: share of the height, likewise.
        below: likewise.
    """

    nearest: float
    sides: float
    above: float
    below: float


ROOMY = Room(3.0, 0.42, 0.37, 0.41)
"""With a title above bodies and a credit below them."""

TIGHT = Room(2.45, 0.46, 0.45, 0.46)
"""Where nothing else is in the picture."""


STANDING = 0.5
"""Share of a body's height that the camera looks at."""


class View(NamedTuple):
    """A camera in one frame.

    Attributes:
        eye: (3,) metres.
        focus: (3,) metres, what is in the middle of the picture.
        axes: (3, 3) rows right, up and forward.
        focal: pixels.
        middle: (2,) pixels.
    """

    eye: F64
    focus: F64
    axes: F64
    focal: float
    middle: F64

    @property
    def distance(self) -> float:
        """Metres from the eye to the focus."""
        return float(np.linalg.norm(self.eye - self.focus))

    def project(self, points: Points) -> tuple[F64, F64]:
        """Pixels (..., 2), x to the right and y down, and depths (...) in metres; a depth <= 0 is behind the camera."""
        seen = (points - self.eye) @ self.axes.T
        depth = np.maximum(seen[..., 2], 1e-3)
        pixels = seen[..., :2] * (self.focal / depth)[..., None] * (1.0, -1.0) + self.middle
        return pixels, seen[..., 2]


class Path(NamedTuple):
    """The camera's way through T frames.

    Attributes:
        focus: (T, 3) metres.
        distance: (T,) metres.
        axes: (3, 3) rows right, up and forward; the same in all frames.
        focal: pixels.
        middle: (2,) pixels.
    """

    focus: F64
    distance: F64
    axes: F64
    focal: float
    middle: F64

    def at(self, frame: int) -> View:
        """The camera in a frame."""
        focus = self.focus[frame]
        return View(focus - self.distance[frame] * self.axes[2], focus, self.axes, self.focal, self.middle)


def follow(
    bodies: Sequence[Points],
    present: Sequence[NDArray[np.bool_]],
    *,
    ahead: tuple[float, float],
    tall: float,
    fps: float,
    size: tuple[int, int],
    room: Room,
) -> Path:
    """A way on which everybody who is there is always in the picture.

    Args:
        bodies: (T, J, 3) of each performer, metres.
        present: (T,) of each.
        ahead: x and z of where they look on the whole: the camera stands there.
        tall: height of a body, metres.
        fps: frames per second.
        size: of the picture, pixels.
        room: where in it bodies may be.
    """
    axes = _axes(math.atan2(*ahead) + ASIDE)
    focus = _focus(bodies, present, len(bodies[0]), STANDING * tall)
    focus[:, (0, 2)] = _smoothed(focus[:, (0, 2)], math.ceil(CALM * fps))
    focal = FOCAL * min(size)
    needed = np.full(len(focus), room.nearest * tall)
    share = np.array([room.sides * size[0], room.above * size[1], room.below * size[1]]) / focal
    for body, there in zip(bodies, present, strict=True):
        np.maximum(needed, _needed(body, focus, axes, share), out=needed, where=there)
    return Path(focus, _enough(needed, math.ceil(SLOW * fps)), axes, focal, np.array(size) / 2)


def _axes(azimuth: float) -> F64:
    """Right, up and forward of a camera that stands towards `azimuth` (from +Z to +X) and looks down a little."""
    flat, down = math.cos(ELEVATION), math.sin(ELEVATION)
    forward = np.array([-flat * math.sin(azimuth), -down, -flat * math.cos(azimuth)])
    right = np.array([math.cos(azimuth), 0.0, -math.sin(azimuth)])
    return np.stack([right, np.cross(right, forward), forward])


def _focus(bodies: Sequence[Points], present: Sequence[NDArray[np.bool_]], frames: int, height: float) -> F64:
    """(T, 3) the middle of those who are there; where nobody is, the way from the last place to the next."""
    low, high = np.full((frames, 2), np.inf), np.full((frames, 2), -np.inf)
    for body, there in zip(bodies, present, strict=True):
        middle = body[..., (0, 2)].mean(1)
        np.minimum(low, middle, out=low, where=there[:, None])
        np.maximum(high, middle, out=high, where=there[:, None])
    someone = np.flatnonzero(np.isfinite(low[:, 0]))
    focus = np.full((frames, 3), height)
    for axis, column in enumerate((0, 2)):
        middles = (low[someone, axis] + high[someone, axis]) / 2
        focus[:, column] = np.interp(np.arange(frames), someone, middles) if len(someone) else 0.0
    return focus


def _needed(body: Points, focus: F64, axes: F64, room: F64) -> F64:
    """(T,) metres from which all of a body is in `room`: tangents sidewards, up and down."""
    seen = (body - focus[:, None]) @ axes.T
    across, up, away = seen[..., 0], seen[..., 1], seen[..., 2]
    wanted = np.maximum((np.abs(across) + FLESH) / room[0], np.maximum((up + FLESH) / room[1], (FLESH - up) / room[2]))
    found: F64 = (wanted - away).max(1)
    return found


def _smoothed(values: F64, reach: int) -> F64:
    """Weighted means over `reach` frames to either side, by a Hann window: it begins and ends without a jerk."""
    weights = 1 + np.cos(np.pi * np.arange(-reach, reach + 1) / (reach + 1))
    found: F64 = ndimage.convolve1d(values, weights / weights.sum(), axis=0, mode="nearest")
    return found


def _enough(values: F64, reach: int) -> F64:
    """A smooth course that is nowhere below `values`."""
    return _smoothed(ndimage.maximum_filter1d(values, 2 * reach + 1, mode="nearest"), reach)
