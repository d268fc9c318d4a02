"""Points that are predicted where they are: absolute positions in, absolute positions out.

This is the form of the first LSTM-MDN dancers: a step's input and its sample are the J world positions, metres, flat.
Nothing keeps the bones, the floor or the stage; it is here to play such models and to compare with. Where the points
are the 55 markers, `engine.motion.markers` finds the joints below the skin and names the formulas.
"""

from collections.abc import Sequence

import numpy as np

from engine.contracts import Loaded
from engine.motion.heading import heading
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Pose
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton


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
        self._skeleton: Skeleton = skeleton
        self._pose = Pose(np.zeros((performers, joints, 3), np.float32), np.zeros((performers, 7), np.float32))

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:  # noqa: ARG002 - it answers to none
        """Write the last positions (B, 3 J) into `x`."""
        x[:] = self._pose.positions[: len(x)].reshape(len(x), -1)

    def spread(self, controls: Controls) -> float:  # noqa: ARG002 - nothing here takes movement away
        """1: samples are taken as they are."""
        return 1.0

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:  # noqa: ARG002 - likewise
        """Take a sample (B, 3 J) as the bodies (B, J, 3)."""
        positions, root = self._pose.positions[: len(sample)], self._pose.root[: len(sample)]
        positions[:] = sample.reshape(positions.shape)
        with np.errstate(invalid="ignore"):  # a body that reaches to infinity faces nowhere; the guard will see it
            yaw = heading(positions, self._skeleton)
        root[:] = 0.0
        root[:, 0] = positions[:, self._skeleton.root, 0]
        root[:, 2] = positions[:, self._skeleton.root, 2]
        root[:, 4], root[:, 6] = np.sin(yaw / 2), np.cos(yaw / 2)
        return Pose(positions, root)

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
