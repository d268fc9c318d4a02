"""Bodies in a picture, and their shadows on the floor."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from export.drawing.camera import View
from export.drawing.palette import EDGE, HEAD, PALE, Colour, lit, mixed, sides
from export.drawing.shape import Part, Shape
from export.drawing.strokes import I32, Picture, box, fill, fine, hull, strokes

F64 = NDArray[np.float64]

STEPS = (0.0, 0.15, 0.3, 0.46, 0.62, 0.8, 1.0)
SHELLS = tuple((1 - 0.78 * step, 0.42 * step, 0.5 + 0.66 * step**0.8) for step in STEPS)
"""What makes a stroke round: share of its radius, how far towards the light in radii, and how bright."""

LIGHT = np.array([-0.5, -0.87])
"""Where the light comes from, in the picture."""

OUTLINE = 0.003
"""Width of the dark edge around a part, in body heights."""

DEEP = 0.28
"""How much darker what is a metre behind the middle of its body."""

FAR = 0.035
"""How much darker a body that is a metre behind what the camera looks at."""

SLANT = (0.12, -0.07)
"""Metres to +X and +Z that a shadow falls beside what is a metre high: the light comes from high up."""

FLAT = 0.7
"""Width of a stroke's shadow in its own: on the floor it is seen from aside."""

COARSE = 4
"""Pixels of the picture in one of the shadow's."""

SOFT = 0.009
"""Standard deviation of a shadow's blur, in shorter sides of the picture."""

DARK = 0.62
"""Share of the light that a shadow takes."""

MARGIN = 4
"""Standard deviations of the blur around a shadow that are kept."""


class Seen(NamedTuple):
    """A body in a frame.

    Attributes:
        shape: of it.
        joints: (J, 3) metres, those of the shape.
        colour: of its performer.
    """

    shape: Shape
    joints: F64
    colour: Colour


def draw(picture: Picture, bodies: Sequence[Seen], view: View) -> None:
    """Draw bodies, the farthest first; none that reaches behind the camera."""
    for _, body in sorted(_depths(bodies, view), key=lambda one: -one[0]):
        _draw(picture, body, view)


def _depths(bodies: Sequence[Seen], view: View) -> list[tuple[float, Seen]]:
    depths = [(view.project(body.joints)[1], body) for body in bodies]
    return [(float(depth.mean()), body) for depth, body in depths if depth.min() > 0.1]


def _draw(picture: Picture, body: Seen, view: View) -> None:
    places, depths = view.project(body.joints)
    outlines = _outlines(body.shape, places, depths, view)
    middle = float(depths.mean())
    dim = np.clip(1 - FAR * (middle - view.distance), 0.5, 1.08)
    for part in sorted(body.shape.parts, key=lambda one: -float(depths[one.joints].mean() + one.back)):
        near = np.clip(1 - DEEP * (depths[part.joints].mean() - middle), 0.6, 1.25)
        _part(picture, part, outlines, _colour(body, part), float(dim * near))


def _colour(body: Seen, part: Part) -> Colour:
    return mixed(body.colour, PALE, HEAD) if part.head else sides(body.colour)[part.side]


def _outlines(shape: Shape, places: F64, depths: F64, view: View) -> I32:
    """(L, N, 26, 2): the dark edges of all strokes, and their shells."""
    starts, ends = places[shape.starts], places[shape.ends]
    thick = shape.thick * view.focal / depths[shape.starts]
    thin = shape.thin * view.focal / depths[shape.ends]
    edge = OUTLINE * shape.tall * view.focal / float(depths.mean())
    layers = [(starts, ends, thick + edge, thin + edge)]
    for share, aside, _ in SHELLS:
        moved = (starts + aside * thick[:, None] * LIGHT, ends + aside * thin[:, None] * LIGHT)
        layers.append((*moved, share * thick, share * thin))
    whole = strokes(*(np.concatenate(column) for column in zip(*layers, strict=True)))
    return fine(whole).reshape(len(layers), len(starts), -1, 2)


def _part(picture: Picture, part: Part, outlines: I32, colour: Colour, bright: float) -> None:
    colours = (EDGE, *(lit(colour, share * bright) for _, _, share in SHELLS))
    for layer, shade in zip(outlines, colours, strict=True):
        for piece in part.pieces:
            whole = layer[piece[0]] if len(piece) == 1 else hull(layer[list(piece)].reshape(-1, 2))
            fill(picture, whole, shade)


def shade(picture: Picture, bodies: Sequence[Seen], view: View) -> None:
    """Darken the floor under bodies."""
    height, width = picture.shape[:2]
    mask = np.zeros((-(-height // COARSE), -(-width // COARSE)), np.uint8)
    ends = [_shadow(mask, body, view) for body in bodies]
    soft = SOFT * min(width, height) / COARSE
    where = box(np.concatenate(ends), MARGIN * soft, mask.shape[::-1]) if ends else None
    if where is None:
        return
    blurred = cv2.GaussianBlur(mask[where], (0, 0), soft)
    rows, columns = (
        slice(part.start * COARSE, min(part.stop * COARSE, limit))
        for part, limit in zip(where, (height, width), strict=True)
    )
    ground = picture[rows, columns]
    large = cv2.resize(blurred, None, fx=COARSE, fy=COARSE, interpolation=cv2.INTER_LINEAR)
    left = cv2.convertScaleAbs(large[: ground.shape[0], : ground.shape[1]], alpha=-DARK, beta=255.0)
    cv2.multiply(ground, cv2.merge([left, left, left]), dst=ground, scale=1 / 255)


def _shadow(mask: Picture, body: Seen, view: View) -> F64:
    """Draw a body's shadow; the ends of its strokes, in pixels of the mask."""
    flat = body.joints.copy()
    flat[:, 0] += SLANT[0] * flat[:, 1]
    flat[:, 2] += SLANT[1] * flat[:, 1]
    flat[:, 1] = 0.0
    places, depths = view.project(flat)
    if depths.min() <= 0.1:
        return np.zeros((0, 2))
    places = places / COARSE
    shape, focal = body.shape, view.focal / COARSE
    starts, ends = places[shape.starts], places[shape.ends]
    thick = FLAT * focal * shape.thick / depths[shape.starts]
    thin = FLAT * focal * shape.thin / depths[shape.ends]
    for outline in fine(strokes(starts, ends, thick, thin)):
        fill(mask, outline, (255.0, 255.0, 255.0))
    return np.concatenate([starts, ends])
