"""Bodies that dance: a pose in a principal-component space, its change, and the body's way over the floor.

A pose is seen from where the body stands (`engine.motion.heading.canonical`), as d principal components. The input of
a step is `[z, dz, way, condition]`: z (d) and dz (d) in metres, way (3) the last step of the root: x and z in metres as
seen from the earlier heading, and the turn in radians. The head gives `[dz, way]` of the next frame. After each step
the pose is decoded, pulled towards recorded poses, its bones are given their rest lengths, and the result is projected
again: what is fed back is the constrained sample, so that errors cannot pile up outside the body. `Controls.latent`
bends what is shown along the components, metres, and is not fed back: the dance goes on as if nothing were bent.

Arrays in the model file: `mean` (J * 3,), `basis` (J * 3, d), and the recorded moments of `engine.motion.field`: `bank`
(N, 3 d + 3) and `bank_kinds` (N,).
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Loaded
from engine.families._arrays import floats
from engine.families._dance import blended, dance, decode_pose, write_input
from engine.kept import Kept
from engine.motion.bones import Bones
from engine.motion.feet import FootLock
from engine.motion.heading import canonical, root_deltas
from engine.motion.stance import FAST, Stance
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Pose
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton

GENRE_PULL = 0.05
"""Least pull under a wanted genre. The condition alone leaves a dancer in the genre that it is in: all that the network
learnt from is of one genre for minutes, so it believes the pose and not the condition."""

RETURN = 10.0
"""Spread given back for each unit of pull: with it a pull of 0.05 keeps two thirds of the speed, without it a third."""

LEAP = 6.0
"""Metres per second that the root moves at most; recorded dancers leap with less than 4."""


class Dance:
    """The dance family for P performers, each around its own origin."""

    def __init__(self, loaded: Loaded, performers: int) -> None:
        skeleton = loaded.spec.skeleton
        if skeleton is None:
            raise ModelError("figurant.spec: skeleton", "none", "a skeleton, as the dance family moves a body")
        self.spec: ModelSpec = loaded.spec
        self.performers = performers
        self._skeleton: Skeleton = skeleton
        self._bones = Bones(skeleton)
        joints = len(skeleton.names)
        mean = floats(loaded.arrays, "mean", (joints * 3,))
        basis = floats(loaded.arrays, "basis", (joints * 3, -1))
        dims = self._dims = basis.shape[1]
        bank = floats(loaded.arrays, "bank", (-1, 3 * dims + 3))
        kinds = _kinds(loaded.arrays, len(bank))
        self._known = frozenset(kinds.tolist())
        width = 2 * dims + 3 + len(loaded.spec.conditions)
        if loaded.spec.features != width or loaded.spec.head.dims != dims + 3:
            found = f"{loaded.spec.features} features and {loaded.spec.head.dims} outputs"
            raise ModelError("figurant.spec", found, f"{width} and {dims + 3} for {dims} components")
        self._space = mean, np.ascontiguousarray(basis.T), basis
        self._bank = bank, kinds
        self._joined = self._bones.order, self._bones.parents, self._bones.lengths
        stance, self._feet = Stance(skeleton), FootLock(skeleton, performers)
        self._contacts = (
            stance.joints, stance.heights, FAST / self.spec.fps, self._feet.legs, self._feet.heights, self.spec.fps
        )  # fmt: skip
        self._fed = np.zeros((performers, 2 * dims + 3), np.float32)
        self._place = np.zeros((performers, 3))
        self._local = np.zeros((performers, joints, 3), np.float32)
        self._fade = np.zeros((performers, joints, 3), np.float32)
        self._fading = np.zeros((performers, 2), np.int64)
        self._state = self._fed, self._local, self._place, self._feet.memory, self._fade, self._fading
        self._room = *np.zeros((2, joints, 3), np.float32), np.zeros(dims + 3, np.float32)
        self._plays, self._bends = np.zeros((2, performers), np.bool_)
        self._genres = np.full(performers, -1, np.int64)
        self._pulls, self._locks, self._radii = np.zeros((3, performers))
        self._offsets = np.zeros((performers, dims), np.float32)
        self._asked = (
            self._plays, self._genres, self._pulls, self._locks, self._radii, self._bends, self._offsets
        )  # fmt: skip
        self._heard: list[Controls | None] = [None] * performers
        self._told: tuple[Controls | None, ...] | None = None
        self._pose = Pose(np.zeros((performers, joints, 3), np.float32), np.zeros((performers, 7), np.float32))
        self._shown = Kept(self._pose.first)
        # compiled now: what is first asked for in the middle of a show would stop it for a second
        self.encode(np.zeros((1, width), np.float32), (None,))
        self.decode(np.zeros((1, dims + 3), np.float32), (None,))

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:
        """Write `[z, dz, way, condition]` (B, F) into `x`; the condition is one-hot, zeros where the model chooses."""
        self._hear(controls)
        write_input(self._fed, self._genres, x)

    def spread(self, controls: Controls) -> float:
        """More spread where recorded moments lead: they take movement away, and this gives it back."""
        return 1.0 + RETURN * self._pull(controls)

    def _pull(self, controls: Controls) -> float:
        """How strongly recorded moments lead: at least `GENRE_PULL` to a wanted genre; not at all to an unknown one."""
        if controls.condition < 0:
            return float(controls.pull)
        return max(float(controls.pull), GENRE_PULL) if controls.condition in self._known else 0.0

    def decode(self, sample: F32, controls: Sequence[Controls | None]) -> Pose:
        """Advance every body by its sample (B, d + 3) and give the pose (B, J, 3), feet locked, on the stage."""
        self._hear(controls)
        dance(
            sample, self._asked, self._state, self._space, self._bank, self._joined, self._contacts,
            LEAP / self.spec.fps, self._room, self._pose.positions, self._pose.root,
        )  # fmt: skip
        return self._shown[len(sample)]

    def _hear(self, controls: Sequence[Controls | None]) -> None:
        """Bring what is asked of each row up to date. Controls are frozen: the same ones ask for the same."""
        if controls is self._told:
            return
        for row, own in enumerate(controls):
            if own is not self._heard[row]:
                self._heard[row] = own
                self._ask(row, own)
        self._told = controls if isinstance(controls, tuple) else None  # what is in a list may change

    def _ask(self, row: int, controls: Controls | None) -> None:
        self._plays[row] = controls is not None
        if controls is None:
            self._genres[row] = -1
            return
        self._genres[row], self._pulls[row] = controls.condition, self._pull(controls)
        self._locks[row], self._radii[row] = controls.footlock, controls.radius
        offsets = controls.latent[: self._dims]  # the last of more offsets than components are left out
        self._bends[row] = len(controls.latent) > 0
        self._offsets[row] = 0.0
        self._offsets[row, : len(offsets)] = offsets

    def features(self, clip: F32) -> F32:
        """Step inputs (L - 1, F) for a clip of positions (L, J, 3), unconditioned."""
        local, root = canonical(clip.astype(np.float64), self._skeleton)
        mean, _, basis = self._space
        z = (local.reshape(len(clip), -1) - mean) @ basis
        blank = np.zeros((len(clip) - 1, len(self.spec.conditions)))
        return np.hstack([z[1:], np.diff(z, axis=0), root_deltas(root), blank]).astype(np.float32)

    def place(self, row: int, clip: F32, blend: int) -> None:
        """Seat a performer in the last pose of `clip` (L, J, 3) where it stands, blending over `blend` frames."""
        shown = self._local[row] + np.float32(blended(self._fading[row])) * self._fade[row]
        self._fed[row] = self.features(clip[-2:])[0, : self._fed.shape[1]]
        mean, across, _ = self._space
        decode_pose(self._fed[row, : self._dims], mean, across, self._local[row])
        self._bones.fit(self._local[row])
        self._fade[row] = shown - self._local[row] if blend and np.isfinite(shown).all() else 0.0
        self._fading[row] = blend
        self._feet.release(row)

    def enter(self, row: int, clip: F32) -> None:
        """Seat a new performer in the last pose of `clip` (L, J, 3), at the origin, facing +Z."""
        self._place[row] = 0.0
        self._feet.forget(row)
        self.place(row, clip, 0)

    def stand(self, row: int, root: F32) -> None:
        """Have a performer go on from the floor position and heading of `root` (7,); its stage stays where it was."""
        self._place[row] = root[0], root[2], 2.0 * math.atan2(root[4], root[6])
        self._feet.forget(row)


def create(loaded: Loaded, performers: int) -> Dance:
    """Make the family for a vetted model.

    Raises:
        ModelError: the model has no skeleton, or an array is missing or of another shape.
    """
    return Dance(loaded, performers)


def _kinds(arrays: Mapping[str, NDArray[np.generic]], count: int) -> NDArray[np.int64]:
    """The genre (N,) of each recorded moment, as the number of its condition."""
    place = "figurant.arrays: bank_kinds"
    kinds = arrays.get("bank_kinds", np.zeros(0))
    if kinds.shape != (count,) or kinds.dtype.kind not in "iu":
        raise ModelError(place, f"{kinds.dtype} {kinds.shape}", f"whole numbers ({count},)")
    return kinds.astype(np.int64)
