"""Who is to be drawn: the bodies of a recording, whatever it holds of them."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion import markers, rig
from engine.schema.skeleton import Skeleton
from export.drawing.palette import Colour, performer
from export.drawing.shape import Shape, shape
from export.recording import Performance, Recording

F64 = NDArray[np.float64]
Points = NDArray[np.floating]

OVER = 1.07
"""Height of a body in those of its highest joint at rest, which is the head's."""

TURNED = 0.15
"""Length of the mean facing below which a body is said to face everywhere."""


class Actor(NamedTuple):
    """A performer as it is drawn.

    Attributes:
        number: of the performer.
        points: (T, J, 3) metres.
        present: (T,) whether it is there.
        colour: of it.
    """

    number: int
    points: Points
    present: NDArray[np.bool_]
    colour: Colour


class Cast(NamedTuple):
    """Everybody.

    Attributes:
        actors: in order of their numbers.
        shape: of their bodies.
        ahead: x and z of where they face on the whole.
    """

    actors: tuple[Actor, ...]
    shape: Shape
    ahead: tuple[float, float]


def cast(recording: Recording) -> Cast | None:
    """The bodies of a recording; None where it has none.

    Joints are drawn where there are any, solved or from known markers; other markers are drawn as they are.
    """
    skeleton = recording.skeleton
    if skeleton is None or not recording.performers or not recording.frames:
        return None
    drawn = rig.body(skeleton) or skeleton
    actors = tuple(
        Actor(one.number, _points(one, skeleton), one.present, performer(row))
        for row, one in enumerate(recording.performers)
    )
    return Cast(actors, shape(drawn, _tall(drawn)), _ahead(recording.performers))


def _points(performance: Performance, skeleton: Skeleton) -> Points:
    if performance.joints is not None:
        return performance.joints
    joints = markers.centres(skeleton)
    return performance.positions if joints is None else joints(performance.positions)


def _tall(skeleton: Skeleton) -> float:
    """Height of a body that stands at rest, metres."""
    places = np.zeros((len(skeleton.names), 3))
    for joint in skeleton.order:
        places[joint] = skeleton.offsets[joint]
        if skeleton.parents[joint] >= 0:
            places[joint] += places[skeleton.parents[joint]]
    return max(float(np.ptp(places[:, 1])) * OVER, 0.1)


def _ahead(performers: tuple[Performance, ...]) -> tuple[float, float]:
    angles = np.concatenate([2 * np.arctan2(one.root[one.present, 4], one.root[one.present, 6]) for one in performers])
    x, z = (float(part.mean()) if len(angles) else 0.0 for part in (np.sin(angles), np.cos(angles)))
    return (x, z) if math.hypot(x, z) > TURNED else (0.0, 1.0)
