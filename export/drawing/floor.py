"""The stage: dark above, a floor with a pool of light, and a grid of metres that fades with distance."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from export.drawing.camera import View
from export.drawing.palette import CEILING, FLOOR, GRID, HORIZON, POOL, Colour
from export.drawing.strokes import FINE, Picture, fine

F64 = NDArray[np.float64]

LEVELS = 12
"""Steps in which the grid fades."""

NARROW = 0.42
"""Share of the lit reach in which the light falls to 1 / e: it ends smoothly."""

CELLS = (0.1, 1.0, 5.0, 25.0, 125.0)
"""Metres between lines; those of a metre are what a stage has."""

MOST = 24
"""Lines to each side at most; more would be a haze."""

GRAIN = 0.5
"""Half of the span of the noise that keeps dark gradients from showing bands, in steps of 8 bits."""


def backdrop(size: tuple[int, int], view: View, reach: float) -> Picture:
    """What is behind everything and stays: the camera looks down equally in all frames, so the horizon stays too.

    Args:
        size: of the picture, pixels.
        view: as the camera mostly is.
        reach: metres around the focus that are lit.
    """
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    forward, up = view.axes[2], view.axes[1]
    downwards = (rows - view.middle[1]) / view.focal
    sinking = -(forward[1] - downwards * up[1])  # of the ray through each pixel, for each unit forward
    above = np.clip(1 + sinking / 0.28, 0, 1)[..., None]
    dark = np.array(CEILING) + (np.array(HORIZON) - np.array(CEILING)) * above**2
    away = view.eye[1] / np.maximum(sinking, 1e-3)
    along = away - view.distance
    across = away * (columns - view.middle[0]) / view.focal
    light = pool(np.hypot(along, across), reach)[..., None]
    haze = np.clip(sinking / 0.05, 0, 1)[..., None]
    floor = np.array(HORIZON) + (np.array(FLOOR) - np.array(HORIZON)) * haze + np.array(POOL) * light
    grain = np.random.default_rng(1).uniform(-GRAIN, GRAIN, (height, width, 1))
    found: Picture = np.clip(np.rint(np.where(sinking[..., None] > 0, floor, dark) + grain), 0, 255).astype(np.uint8)
    return found


def pool(distance: F64, reach: float) -> F64:
    """Share of the light at distances from its middle, metres."""
    found: F64 = np.exp(-((distance / (NARROW * reach)) ** 2))
    return found


def grid(picture: Picture, view: View, reach: float) -> None:
    """Draw the lines of whole metres around what the camera looks at; of other lengths where little or much is seen."""
    cell = next((length for length in CELLS if reach <= MOST * length), reach / MOST)
    middle = view.focus[[0, 2]]
    count = math.ceil(reach / cell)
    cells = np.arange(-count, count + 1) + np.rint(middle / cell)[:, None]
    lines = cell * np.concatenate([_lines(cells[0], cells[1], 0), _lines(cells[1], cells[0], 1)])
    far = np.hypot(*(lines.mean(1)[:, (0, 2)] - middle).T)
    level = np.floor(LEVELS * np.clip(1 - far / reach, 0, 1) ** 1.5).astype(int)
    places, depth = view.project(lines)
    level[depth.min(1) < 0.2] = 0
    ends = fine(places)
    thick = max(1, round(min(picture.shape[:2]) / 1080))
    for step in range(1, LEVELS + 1):
        distance = reach * (1 - ((step + 0.5) / LEVELS) ** (1 / 1.5)) if step < LEVELS else 0.0
        colour = _line(step / LEVELS, float(pool(np.array(distance), reach)))
        cv2.polylines(picture, list(ends[level == step]), False, colour, thick, cv2.LINE_AA, FINE)


def _lines(at: F64, along: F64, axis: int) -> F64:
    """(N, 2, 3) pieces of one cell, on the floor, of the lines at `at` of an axis: 0 is X, 1 is Z."""
    places, begins = np.meshgrid(at, along[:-1], indexing="ij")
    ends = np.zeros((places.size, 2, 3))
    ends[..., 2 * axis] = places.reshape(-1, 1)
    ends[:, 0, 2 - 2 * axis] = begins.ravel()
    ends[:, 1, 2 - 2 * axis] = begins.ravel() + 1
    return ends


def _line(share: float, light: float) -> Colour:
    blue, green, red = (f + light * p + share * g for f, p, g in zip(FLOOR, POOL, GRID, strict=True))
    return blue, green, red
