"""What an act plays: the only value that crosses from computing to sending."""

from collections.abc import Sequence
from enum import IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


class Quality(IntFlag):
    """What was done to a performer's frame before it was allowed out."""

    GOOD = 0
    GUARDED = 1  # the last good frame stands in for a broken one
    NUDGED = 2  # the freeze detector raises the spread
    PRIMED = 4  # the model was started again from a stored pose in this frame
    HELD = 8  # the show asked to hold


class Body(NamedTuple):
    """Solved bodies: the rig (`engine.motion.rig`) with B joints and K bones that a skeleton stands for.

    Attributes:
        joints: (P, B, 3) float32 world positions of the rig's joints, metres.
        bones: (P, K, 4) float32 world rotations of the rig's bones against its T-pose, x y z w.
    """

    joints: F32
    bones: F32


class Pose(NamedTuple):
    """P bodies, Y up, right-handed, metres, quaternions x y z w.

    Attributes:
        positions: (P, J, 3) float32 world positions.
        root: (P, 7) float32 position on the floor (y = 0) and heading of each body: x y z qx qy qz qw.
        rotations: (P, J, 4) float32 rotation of each joint against its parent, the root's against the world; None
            where they are not solved, or where J are markers.
        body: what was solved; None where nothing was.
    """

    positions: F32
    root: F32
    rotations: F32 | None = None
    body: Body | None = None

    def first(self, count: int) -> "Pose":
        """The first bodies, as views of the same arrays; without what was solved of them."""
        rotations = None if self.rotations is None else self.rotations[:count]
        return Pose(self.positions[:count], self.root[:count], rotations)

    def only(self, rows: Sequence[int]) -> "Pose":
        """Some of the bodies, in arrays of their own."""
        chosen, (positions, root, rotations, body) = np.array(rows, np.intp), self
        return Pose(
            positions[chosen],
            root[chosen],
            None if rotations is None else rotations[chosen],
            None if body is None else Body(body.joints[chosen], body.bones[chosen]),
        )


class Notes(NamedTuple):
    """The keys of a piano.

    Attributes:
        velocities: of the 88 keys, the lowest (21) first, 1 to 127; 0: the key is up.
        pedal: 0 to 127; from 64 on the sustain pedal is down.
    """

    velocities: tuple[int, ...]
    pedal: int = 0


class Image(NamedTuple):
    """A grey picture.

    Attributes:
        pixels: (H, W) uint8, 0 black, the top row first.
        latent: (D,) float32 that it was decoded from, in standard deviations of the training; None where nothing was.
    """

    pixels: U8
    latent: F32 | None = None


MOST_VALUES = 256
"""Numbers that a signal has at most: so many floats fit a datagram, and there are no more classes."""


class Signal(NamedTuple):
    """Numbers that are neither bodies, keys nor pictures: how likely each sign is, where a network's memory is.

    Attributes:
        name: what stands behind the root of an address, such as `sign/probabilities`, `dance/path` or `p2/path`.
        values: (N,) float32, at most `MOST_VALUES`.
        performer: number of whom they tell of; 0: of an act.
    """

    name: str
    values: F32
    performer: int = 0


class Label(NamedTuple):
    """A sign that was recognised.

    Attributes:
        word: what it is called.
        certainty: how likely the model found it, 0 to 1.
        number: of the sign among the model's labels, from 0.
    """

    word: str
    certainty: float
    number: int


class Frame(NamedTuple):
    """One moment of a show.

    Attributes:
        sequence: number of the frame, rising by one; a skipped deadline leaves a gap.
        milliseconds: since the start of the show, at the frame's deadline.
        pose: the bodies.
        quality: one `Quality` per performer.
        performers: (P,) their numbers, from 1, rising; row p of the pose belongs to number `performers[p]`.
        notes: the keys as they are at the frame's deadline; None where nobody plays a piano.
        image: the picture; None where no act makes any.
        path: (P, 2 or 3) float32 where the memory of the network of each performer is on the network's map, -1 to 1;
            None where it has none. What receivers are told of it stands in `signals`.
        signals: what else there is to tell, in an order that stays.
        labels: signs that were recognised since the frame before, the first one first.
    """

    sequence: int
    milliseconds: int
    pose: Pose
    quality: tuple[Quality, ...]
    performers: tuple[int, ...]
    notes: Notes | None = None
    image: Image | None = None
    path: F32 | None = None
    signals: tuple[Signal, ...] = ()
    labels: tuple[Label, ...] = ()

    def held(self) -> "Frame":
        """The frame as it is shown again: what happened in it is told once."""
        quality = tuple(quality & ~Quality.PRIMED | Quality.HELD for quality in self.quality)
        return self._replace(quality=quality, labels=())

    def only(self, rows: Sequence[int]) -> "Frame":
        """The frame with some of its performers alone."""
        performers = tuple(self.performers[row] for row in rows)
        return self._replace(
            pose=self.pose.only(rows),
            quality=tuple(self.quality[row] for row in rows),
            performers=performers,
            path=None if self.path is None else self.path[np.array(rows, np.intp)],
            signals=tuple(signal for signal in self.signals if signal.performer in (0, *performers)),
        )
