"""Points that are predicted where they are: absolute positions in, absolute positions out.

This is the form of the first LSTM-MDN dancers: a step's input and its sample are the J world positions, metres, flat.
Nothing keeps the bones, the floor or the stage; it is here to play such models and to compare with. Where the points
are the 55 markers, `engine.motion.markers` finds the joints below the skin and names the formulas.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Loaded
from engine.kept import Kept
from engine.kernel import kernel
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Pose
from engine.schema.model import ModelSpec


class Points:
    """The family of absolute positions for P performers."""

    def __init__(self, loaded: Loaded, performers: int) -> None:
        skeleton = loaded.spec.skeleton
        if skeleton is None:
            raise ModelError("figurant.spec: skeleton", "none", "a skeleton, as the points family moves a body")
        joints = len(skeleton.names)
        if loaded.spec.features != 3 * joints or loaded.spec.head.dims != 3 * joints:
            found = f"{loaded.spec.features} features and {loaded.spec.head.dims} outputs"
            raise ModelError("figurant.spec", found, f"{3 * joints} of both for {joints} points")
        self.spec: ModelSpec = loaded.spec
        self.performers = performers
        self._root = skeleton.root
        self._sides = np.array(skeleton.facing, np.int64).reshape(-1, 2)
        self._pose = Pose(np.zeros((performers, joints, 3), np.float32), np.zeros((performers, 7), np.float32))
        self._shown = Kept(self._pose.first)
        flat = self._flat = self._pose.positions.reshape(performers, -1)
        self._inputs = Kept(lambda batch: flat[:batch])
        self.decode(np.zeros((1, 3 * joints), np.float32), (None,))  # compiled now

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:  # noqa: ARG002 - it answers to none
        """Write the last positions (B, 3 J) into `x`."""
        np.copyto(x, self._inputs[len(x)])

    def spread(self, controls: Controls) -> float:  # noqa: ARG002 - nothing here takes movement away
        """1: samples are taken as they are."""
        return 1.0

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:  # noqa: ARG002 - likewise
        """Take a sample (B, 3 J) as the bodies (B, J, 3)."""
        take(sample, self._sides, self._root, self._flat, self._pose.positions, self._pose.root)
        return self._shown[len(sample)]

    def features(self, clip: F32) -> F32:
        """Step inputs (L - 1, 3 J) for a clip of positions (L, J, 3)."""
        return clip[1:].reshape(len(clip) - 1, -1).astype(np.float32)

    def place(self, row: int, clip: F32, blend: int) -> None:  # noqa: ARG002 - absolute positions cannot be blended
        """Seat a performer in the last pose of `clip` (L, J, 3)."""
        self._pose.positions[row] = clip[-1]

    def enter(self, row: int, clip: F32) -> None:
        """Seat a new performer in the last pose of `clip` (L, J, 3): it stands where the recording stood."""
        self.place(row, clip, 0)

    def stand(self, row: int, root: F32) -> None:
        """Leave it where it is, as its positions are the model's own."""


def create(loaded: Loaded, performers: int) -> Points:
    """Make the family for a vetted model.

    Raises:
        ModelError: the model has no skeleton, or its width is not three times the points.
    """
    return Points(loaded, performers)


@kernel
def take(sample: F32, sides: NDArray[np.int64], root_joint: int, flat: F32, positions: F32, roots: F32) -> None:
    """Take samples (B, 3 J) as bodies and find where they stand and face (`engine.motion.heading.heading`).

    Args:
        sample: metres.
        sides: (N, 2) joints on the left and on the right.
        root_joint: that they stand at.
        flat: (P, 3 J), the same memory as `positions`.
        positions: (P, J, 3).
        roots: (P, 7) x y z qx qy qz qw.
    """
    for row in range(sample.shape[0]):
        flat[row] = sample[row]
        body, across, along = positions[row], 0.0, 0.0
        for pair in range(sides.shape[0]):
            left, right = sides[pair, 0], sides[pair, 1]
            across += float(body[left, 0]) - float(body[right, 0])
            along += float(body[left, 2]) - float(body[right, 2])
        half = math.atan2(-along, across) / 2
        roots[row] = 0.0
        roots[row, 0], roots[row, 2] = body[root_joint, 0], body[root_joint, 2]
        roots[row, 4], roots[row, 6] = math.sin(half), math.cos(half)
