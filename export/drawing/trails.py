"""Where hands and feet were: ribbons of light that thin out and fade with age."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from export.drawing.camera import View
from export.drawing.palette import Colour, lit
from export.drawing.strokes import FINE, Picture, box, fine

F64 = NDArray[np.float64]

SECONDS = 1.3
"""How far back a trail reaches."""

PIECES = 16
"""Steps in which a trail fades."""

POINTS = 4
"""Places in each step at most; more are not seen."""

WIDTH = 0.0125
"""Of a trail where it is youngest, in body heights."""

BRIGHT = 0.62
"""Of a trail where it is youngest."""

GLOW = 0.02
"""Standard deviation of the light around a trail, in body heights."""

HALO = 0.75
"""Share of a trail's own light that is around it."""


class Trail(NamedTuple):
    """The last way of one joint.

    Attributes:
        points: (N, 3) metres, the oldest first.
        ages: (N,) 0 now, 1 as old as a trail gets.
        colour: of it.
    """

    points: F64
    ages: F64
    colour: Colour


def draw(picture: Picture, trails: Sequence[Trail], view: View, tall: float) -> None:
    """Add the light of trails of bodies that are `tall` metres to a picture."""
    seen = [(trail, *view.project(trail.points)) for trail in trails if len(trail.points) > 1]
    seen = [one for one in seen if one[2].min() > 0.1]
    if not seen:
        return
    size = tall * view.focal / view.distance
    where = box(np.concatenate([places for _, places, _ in seen]), 3 * GLOW * size, picture.shape[1::-1])
    if where is None:
        return
    ground = picture[where]
    light = np.zeros(ground.shape, np.uint8)
    corner = np.array([where[1].start, where[0].start])
    for trail, places, _ in seen:
        _draw(light, places - corner, trail, WIDTH * size)
    cv2.add(ground, light, dst=ground)
    cv2.scaleAdd(_around(light, GLOW * size), HALO, ground, dst=ground)


def _around(light: Picture, deviation: float) -> Picture:
    """The light blurred, by way of a smaller picture."""
    small = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(deviation / 4, 0.3))
    found: Picture = np.asarray(cv2.resize(soft, light.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    return found


def _draw(light: Picture, places: F64, trail: Trail, width: float) -> None:
    steps = np.minimum((trail.ages * PIECES).astype(int), PIECES - 1)
    ends = fine(places)
    for step in range(PIECES - 1, -1, -1):
        chosen = np.flatnonzero(steps == step)
        if not len(chosen):
            continue
        last = min(chosen[-1] + 2, len(ends))
        young = 1 - (step + 0.5) / PIECES
        thick = max(1, round(width * young))
        colour = lit(trail.colour, BRIGHT * young**1.6)
        cv2.polylines(light, [ends[chosen[0] : last]], False, colour, thick, cv2.LINE_AA, FINE)
