"""What was performed, as the formats that other programs open write it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import Rig
from engine.schema.frame import F32, U8, Label
from engine.schema.note import Timed
from engine.schema.skeleton import Skeleton


@dataclass(frozen=True, eq=False, kw_only=True)
class Performance:
    """One performer's movement, T frames without a gap; right-handed, Y up, metres, facing +Z, quaternions x y z w.

    Attributes:
        number: of the performer.
        present: (T,) whether it was there; where it was not the arrays hold its nearest frame.
        positions: (T, J, 3) float32 world positions of the skeleton's joints or markers.
        root: (T, 7) float32 position on the floor and heading.
        rotations: (T, J, 4) float32 of each joint against its parent; None where there are none (markers).
        joints: (T, B, 3) float32 world positions of the rig's joints; None where there is no rig.
        bones: (T, K, 4) float32 world rotations of the rig's bones against its T-pose; likewise.
    """

    number: int
    present: NDArray[np.bool_]
    positions: F32
    root: F32
    rotations: F32 | None = None
    joints: F32 | None = None
    bones: F32 | None = None

    def __len__(self) -> int:
        return len(self.positions)


class Signed(NamedTuple):
    """A sign that was recognised, nanoseconds since the first frame."""

    at: int
    label: Label


class Lane(NamedTuple):
    """Pictures in a row.

    Attributes:
        name: shown where several are beside each other.
        pixels: (T, H, W) uint8, 0 black, the top row first.
    """

    name: str
    pixels: U8


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictures:
    """What a model of pictures made, T frames without a gap.

    Attributes:
        lanes: one, or several that are shown beside each other, all of one size.
        latents: (T, D) float32 what they were decoded from, in standard deviations; None where nothing was.
        given: frames at the beginning that were shown to the model; behind them it went on from its own. 0: none.
    """

    lanes: tuple[Lane, ...]
    latents: F32 | None = None
    given: int = 0


class Outline(NamedTuple):
    """What is known of a recording before it is made.

    Attributes:
        frames: T.
        fps: frames per second.
        points: joints or markers of all bodies together; 0: nobody dances.
        rigged: whether the bodies have bones that rotate.
        notes: whether there are any.
        pictures: likewise.
    """

    frames: int
    fps: float
    points: int
    rigged: bool
    notes: bool
    pictures: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """A take, or what a model was rendered to: all performers have the same T frames; or T pictures, and nothing else.

    Attributes:
        name: for people: of the take, or of the model.
        fps: frames per second.
        skeleton: of the bodies; None where there are only keys.
        rig: bones that rotate (`engine.motion.rig`); None where rotations are not solved.
        performers: in order of their numbers; may be empty.
        notes: keys and pedal, nanoseconds since the first frame; may be empty.
        frames: T.
        credit: line to show wherever this is shown; '' where nobody asks for one.
        licence: of the model's training data.
        made: how it can be made again: model, seeds, versions; one line.
        pictures: None where there are bodies or notes.
        signs: that were recognised, in order; may be empty.
    """

    name: str
    fps: float
    skeleton: Skeleton | None
    rig: Rig | None
    performers: tuple[Performance, ...]
    notes: tuple[Timed, ...]
    frames: int
    credit: str = ""
    licence: str = ""
    made: str = ""
    pictures: Pictures | None = None
    signs: tuple[Signed, ...] = ()

    @property
    def outline(self) -> Outline:
        """What could be known before."""
        points = 0 if self.skeleton is None else len(self.performers) * len(self.skeleton.names)
        rigged, notes, pictures = self.rig is not None, bool(self.notes), self.pictures is not None
        return Outline(self.frames, self.fps, points, rigged, notes, pictures)
