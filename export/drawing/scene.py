"""A recording as pictures: each frame is drawn from the recording alone, so any may be asked for in any order."""

from typing import NamedTuple

import numpy as np

from engine.schema.errors import ConfigError, DataError
from export.drawing import figure, floor, trails
from export.drawing.camera import ROOMY, TIGHT, Path, View, follow
from export.drawing.cast import Actor, Cast, cast
from export.drawing.figure import Seen
from export.drawing.labels import Labels
from export.drawing.palette import CEILING, lit, sides
from export.drawing.piano import Piano, struck
from export.drawing.strokes import Picture
from export.drawing.trails import Trail
from export.recording import Recording

SMALLEST, LARGEST = 16, 7680
"""Pixels of a side: below there is nothing to be seen; above are pictures that H.264 and memory do not hold."""

ALONE, BELOW = 0.16, 0.085
"""Height of a keyboard without and with bodies above it, in the picture's."""

LONG = 0.125
"""Height of a keyboard at most, in its width: that of a piano's is an eighth."""


LIT = 1.67
"""Metres around the focus that are lit, for each metre that the camera is mostly away."""

STILL = 0.06
"""Body heights that a hand or foot must move to leave light; from twice as much on it leaves all of it."""


class Wanted(NamedTuple):
    """What is to be shown.

    Attributes:
        size: width and height, pixels.
        title: '' for none.
        trails: whether hands and feet leave light behind.
        labels: whether there is any lettering.
    """

    size: tuple[int, int]
    title: str = ""
    trails: bool = True
    labels: bool = True


def fitting(size: tuple[int, int]) -> tuple[int, int]:
    """A size that pictures can have.

    Raises:
        ConfigError: it is too small or too large.
    """
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise ConfigError("size", f"{size[0]} x {size[1]}", f"{SMALLEST} to {LARGEST} pixels to each side")
    return size


class Scene:
    """Draws frames of a recording.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: the recording has neither bodies nor notes, or no frames.
    """

    def __init__(self, recording: Recording, wanted: Wanted) -> None:
        width, height = fitting(wanted.size)
        self._fps, self._wanted = recording.fps, wanted
        self._cast = cast(recording)
        if not recording.frames or (self._cast is None and not recording.notes):
            raise DataError(recording.name, "neither bodies nor notes", "something to draw")
        keys = 0
        if recording.notes:
            keys = max(1, round(min((BELOW if self._cast else ALONE) * height, LONG * width)))
        self._stage = height - keys
        self._labels = Labels(recording, wanted.title, (width, self._stage)) if wanted.labels else None
        top = self._stage if self._cast else 0
        self._piano = Piano(struck(recording), wanted.size, keys, top) if keys else None
        self._path = self._follow(self._cast) if self._cast else None
        self._lit = LIT * float(np.median(self._path.distance)) if self._path else 0.0
        self._ground = self._backdrop()

    def draw(self, frame: int) -> Picture:
        """The picture (H, W, 3) of a frame."""
        picture = self._ground.copy()
        stage = picture[: self._stage]
        if self._cast and self._path:
            self._bodies(stage, self._cast, self._path.at(frame), frame)
        if self._piano:
            self._piano.draw(picture, frame / self._fps)
        if self._labels:
            self._labels.stamp(stage, frame / self._fps)
        return picture

    def _follow(self, actors: Cast) -> Path:
        size = self._wanted.size[0], self._stage
        room = ROOMY if self._wanted.labels else TIGHT
        points, present = zip(*((actor.points, actor.present) for actor in actors.actors), strict=True)
        tall = actors.shape.tall
        return follow(points, present, ahead=actors.ahead, tall=tall, fps=self._fps, size=size, room=room)

    def _backdrop(self) -> Picture:
        width, height = self._wanted.size
        picture = np.empty((height, width, 3), np.uint8)
        picture[...] = np.array(CEILING, np.uint8)
        if self._cast and self._path:
            usual = int(np.argsort(self._path.distance)[len(self._path.distance) // 2])
            picture[: self._stage] = floor.backdrop((width, self._stage), self._path.at(usual), self._lit)
        if self._piano:
            self._piano.backdrop(picture)
        return picture

    def _bodies(self, stage: Picture, actors: Cast, view: View, frame: int) -> None:
        here = [actor for actor in actors.actors if actor.present[frame]]
        bodies = [Seen(actors.shape, actors.shape.joints(actor.points[frame]), actor.colour) for actor in here]
        floor.grid(stage, view, self._lit)
        figure.shade(stage, bodies, view)
        if self._wanted.trails:
            left = [trail for actor in here for trail in self._trails(actor, actors, frame)]
            trails.draw(stage, left, view, actors.shape.tall)
        figure.draw(stage, bodies, view)

    def _trails(self, actor: Actor, actors: Cast, frame: int) -> list[Trail]:
        """Of hands and feet, since the performer came."""
        reach = round(trails.SECONDS * self._fps)
        first = max(0, frame - reach)
        away = np.flatnonzero(~actor.present[first:frame])
        first += int(away[-1]) + 1 if len(away) else 0
        step = max(1, round(reach / (trails.PIECES * trails.POINTS)))
        frames = np.arange(frame, first - 1, -step)[::-1]
        ages = (frame - frames) / max(reach, 1)
        colours = sides(actor.colour)
        ways = actor.points[frames][:, list(actors.shape.tips)].astype(np.float64)
        moved = np.linalg.norm(np.ptp(ways, axis=0), axis=-1) / actors.shape.tall
        return [
            Trail(ways[:, tip], ages, lit(colours[side], float(min((moved[tip] - STILL) / STILL, 1.0))))
            for tip, side in enumerate(actors.shape.sides)
            if moved[tip] > STILL
        ]
