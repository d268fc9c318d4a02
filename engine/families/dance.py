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
from engine.kernel import kernel
from engine.motion.bones import Bones, keep_lengths
from engine.motion.feet import FootLock
from engine.motion.field import lead
from engine.motion.floor import lift, lowest, rise
from engine.motion.heading import canonical, root_deltas
from engine.motion.stance import FAST, Stance, plant
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Pose
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton

INNER = 0.6
"""Share of the stage's radius from which on the body is turned back."""

GENRE_PULL = 0.05
"""Least pull under a wanted genre. The condition alone leaves a dancer in the genre that it is in: all that the network
learnt from is of one genre for minutes, so it believes the pose and not the condition."""

RETURN = 10.0
"""Spread given back for each unit of pull: with it a pull of 0.05 keeps two thirds of the speed, without it a third."""

LEAP = 6.0
"""Metres per second that the root moves at most; recorded dancers leap with less than 4."""

STEER = 0.6
"""Radians per metre walked by which a body is turned towards the middle: too little for an eye to see the feet turn."""

LEAST = 1e-9
"""Metres; keeps a division from being one by zero."""

LARGEST = 1e6
"""Metres; no body is so large, and float32 ends further up."""


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
        self._mean = _array(loaded.arrays, "mean", (joints * 3,))
        self._basis = _array(loaded.arrays, "basis", (joints * 3, -1))
        dims = self._basis.shape[1]
        self._bank = _array(loaded.arrays, "bank", (-1, 3 * dims + 3))
        self._kinds = _kinds(loaded.arrays, len(self._bank))
        self._known = frozenset(self._kinds.tolist())
        width = 2 * dims + 3 + len(loaded.spec.conditions)
        if loaded.spec.features != width or loaded.spec.head.dims != dims + 3:
            found = f"{loaded.spec.features} features and {loaded.spec.head.dims} outputs"
            raise ModelError("figurant.spec", found, f"{width} and {dims + 3} for {dims} components")
        self._z = np.zeros((performers, dims), np.float32)
        self._dz = np.zeros((performers, dims), np.float32)
        self._way = np.zeros((performers, 3), np.float32)
        self._place = np.zeros((performers, 3))
        self._home = np.zeros((performers, 3))
        self._local = np.zeros((performers, joints, 3), np.float32)
        self._before = np.zeros((joints, 3), np.float32)
        self._sample = np.zeros(dims + 3, np.float32)
        self._offsets = np.zeros(dims, np.float32)
        self._bent = np.zeros((joints, 3), np.float32)
        self._fade = np.zeros((performers, joints, 3), np.float32)
        self._fading = np.zeros((performers, 2), np.int64)
        self._stance = Stance(skeleton)
        self._feet = [self._stand_up() for _ in range(performers)]
        self._pose = Pose(np.zeros((performers, joints, 3), np.float32), np.zeros((performers, 7), np.float32))
        # compiled now: what is first asked for in the middle of a show would stop it for a second
        lead(self._z[0], self._dz[0], self._bank, self._kinds, -1, 0.0, self._sample)
        self._bend(self._local[0], (0.0,))

    def encode(self, x: F32, controls: Sequence[Controls | None]) -> None:
        """Write `[z, dz, way, condition]` (B, F) into `x`; the condition is one-hot, zeros where the model chooses."""
        batch, dims = len(x), self._z.shape[1]
        x[:, :dims] = self._z[:batch]
        x[:, dims : 2 * dims] = self._dz[:batch]
        x[:, 2 * dims : 2 * dims + 3] = self._way[:batch]
        x[:, 2 * dims + 3 :] = 0.0
        for row, own in enumerate(controls):
            if own is not None and 0 <= own.condition < len(self.spec.conditions):
                x[row, 2 * dims + 3 + own.condition] = 1.0

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
        for row, own in enumerate(controls):
            if own is not None:
                self._dance(row, sample[row], own)
        return Pose(self._pose.positions[: len(sample)], self._pose.root[: len(sample)])

    def _dance(self, row: int, sample: F32, controls: Controls) -> None:
        """Advance one body by a sample (d + 3,)."""
        body, root = self._pose.positions[row], self._pose.root[row]
        pull = self._pull(controls)
        np.copyto(self._before, self._local[row])
        np.copyto(self._sample, sample)
        if pull > 0.0:
            lead(
                self._z[row], self._dz[row], self._bank, self._kinds, controls.condition, pull, self._sample,
            )  # fmt: skip
        advance(
            self._sample, self._z[row], self._dz[row], self._way[row], self._local[row],
            self._mean, self._basis,
            self._bones.order, self._bones.parents, self._bones.lengths,
        )  # fmt: skip
        plant(
            self._before, self._local[row], self._way[row],
            self._stance.joints, self._stance.heights, FAST / self.spec.fps, float(controls.footlock),
        )  # fmt: skip
        walk(self._way[row], self._place[row], self._home[row], controls.radius, LEAP / self.spec.fps)
        local = self._bend(self._local[row], controls.latent) if controls.latent else self._local[row]
        show(
            local, self._fade[row], self._fading[row], self._place[row], body, root,
            self._bones.order, self._bones.parents, self._bones.lengths,
        )  # fmt: skip
        self._feet[row].hold(body[None], float(controls.footlock))

    def _bend(self, local: F32, latent: tuple[float, ...]) -> F32:
        """The body (J, 3) with offsets on its first components; the last of more offsets than components are left out.

        Valid until the next one is bent.
        """
        offsets = latent[: len(self._offsets)]
        self._offsets[:] = 0.0
        self._offsets[: len(offsets)] = offsets
        bend(
            local, self._offsets, self._basis, self._bent,
            self._bones.order, self._bones.parents, self._bones.lengths,
        )  # fmt: skip
        return self._bent

    def features(self, clip: F32) -> F32:
        """Step inputs (L - 1, F) for a clip of positions (L, J, 3), unconditioned."""
        local, root = canonical(clip.astype(np.float64), self._skeleton)
        z = (local.reshape(len(clip), -1) - self._mean) @ self._basis
        blank = np.zeros((len(clip) - 1, len(self.spec.conditions)))
        return np.hstack([z[1:], np.diff(z, axis=0), root_deltas(root), blank]).astype(np.float32)

    def place(self, row: int, clip: F32, blend: int) -> None:
        """Seat a performer in the last pose of `clip` (L, J, 3) where it stands, blending over `blend` frames."""
        dims = self._z.shape[1]
        last = self.features(clip[-2:])[0]
        shown = self._local[row] + np.float32(blended(self._fading[row])) * self._fade[row]
        self._z[row], self._dz[row] = last[:dims], last[dims : 2 * dims]
        self._way[row] = last[2 * dims : 2 * dims + 3]
        decode_pose(self._z[row], self._mean, self._basis, self._local[row])
        self._bones.fit(self._local[row])
        self._fade[row] = shown - self._local[row] if blend and np.isfinite(shown).all() else 0.0
        self._fading[row] = blend
        self._feet[row].release(0)

    def enter(self, row: int, clip: F32) -> None:
        """Seat a new performer in the last pose of `clip` (L, J, 3), at the origin, facing +Z."""
        self._place[row] = 0.0
        self._feet[row] = self._stand_up()
        self.place(row, clip, 0)

    def stand(self, row: int, root: F32) -> None:
        """Have a performer go on from the floor position and heading of `root` (7,); its stage stays where it was."""
        self._place[row] = root[0], root[2], 2.0 * math.atan2(root[4], root[6])
        self._feet[row] = self._stand_up()

    def _stand_up(self) -> FootLock:
        return FootLock(self._skeleton, 1, self.spec.fps)


def create(loaded: Loaded, performers: int) -> Dance:
    """Make the family for a vetted model.

    Raises:
        ModelError: the model has no skeleton, or an array is missing or of another shape.
    """
    return Dance(loaded, performers)


def _array(arrays: Mapping[str, NDArray[np.generic]], name: str, shape: tuple[int, ...]) -> F32:
    """Take an array of a shape (-1: any size) as contiguous float32."""
    place = f"figurant.arrays: {name}"
    if name not in arrays:
        raise ModelError(place, "nothing", f"an array {shape}")
    array = arrays[name]
    fits = array.ndim == len(shape) and all(want in (-1, got) for want, got in zip(shape, array.shape, strict=True))
    if not fits or array.dtype.kind != "f" or not (np.abs(array.astype(np.float64)) < LARGEST).all():
        raise ModelError(place, f"{array.dtype} {array.shape}", f"finite floats {shape}, -1 for any number")
    return np.ascontiguousarray(array, np.float32)


def _kinds(arrays: Mapping[str, NDArray[np.generic]], count: int) -> NDArray[np.int64]:
    """The genre (N,) of each recorded moment, as the number of its condition."""
    place = "figurant.arrays: bank_kinds"
    kinds = arrays.get("bank_kinds", np.zeros(0))
    if kinds.shape != (count,) or kinds.dtype.kind not in "iu":
        raise ModelError(place, f"{kinds.dtype} {kinds.shape}", f"whole numbers ({count},)")
    return kinds.astype(np.int64)


@kernel
def decode_pose(z: F32, mean: F32, basis: F32, local: F32) -> None:
    """Principal components (d,) to joints (J, 3), metres, into `local`."""
    for joint in range(local.shape[0]):
        for axis in range(3):
            row = 3 * joint + axis
            value = mean[row]
            for dim in range(z.shape[0]):
                value += basis[row, dim] * z[dim]
            local[joint, axis] = value


@kernel
def encode_pose(local: F32, mean: F32, basis: F32, z: F32) -> None:
    """Joints (J, 3) to principal components (d,), into `z`."""
    z[:] = 0.0
    for joint in range(local.shape[0]):
        for axis in range(3):
            row = 3 * joint + axis
            away = local[joint, axis] - mean[row]
            for dim in range(z.shape[0]):
                z[dim] += basis[row, dim] * away


@kernel
def bend(
    local: F32,
    offsets: F32,
    basis: F32,
    bent: F32,
    order: NDArray[np.int64],
    parents: NDArray[np.int64],
    lengths: F32,
) -> None:
    """Move a body (J, 3) along its components by offsets (d,), into `bent`; bones and the lowest height are kept."""
    for joint in range(local.shape[0]):
        for axis in range(3):
            value = local[joint, axis]
            for dim in range(offsets.shape[0]):
                value += basis[3 * joint + axis, dim] * offsets[dim]
            bent[joint, axis] = value
    keep_lengths(bent, order, parents, lengths)
    rise(bent, lowest(local) - lowest(bent))


@kernel
def advance(
    sample: F32,
    z: F32,
    dz: F32,
    way: F32,
    local: F32,
    mean: F32,
    basis: F32,
    order: NDArray[np.int64],
    parents: NDArray[np.int64],
    lengths: F32,
) -> None:
    """One body's next pose: add the sample, decode, keep bones and floor, project for the feedback."""
    dims = z.shape[0]
    for dim in range(dims):
        dz[dim] = z[dim]
        z[dim] += sample[dim]
    decode_pose(z, mean, basis, local)
    keep_lengths(local, order, parents, lengths)
    lift(local)
    encode_pose(local, mean, basis, z)
    for dim in range(dims):
        dz[dim] = z[dim] - dz[dim]
    way[:] = sample[dims:]


@kernel
def walk(way: F32, place: NDArray[np.float64], home: NDArray[np.float64], radius: float, leap: float) -> None:
    """Take one step over the floor, at most `leap` metres, staying within `radius` metres of home.

    Far out, the body's path is bent towards the middle, as redirected walking does, in proportion to the way it goes;
    one that goes straight outwards is bent to the left. What still leads outwards is scaled down to nothing at the
    radius. A step that is no number is not taken: it could never be taken back.
    """
    if not np.isfinite(way).all():
        return
    cos, sin = np.cos(place[2]), np.sin(place[2])
    step_x, step_z = way[0] * cos + way[1] * sin, way[1] * cos - way[0] * sin
    size = np.sqrt(step_x * step_x + step_z * step_z)
    if size > leap:
        step_x, step_z = step_x * leap / size, step_z * leap / size
    off_x, off_z = place[0] - home[0], place[1] - home[1]
    away = np.sqrt(off_x * off_x + off_z * off_z)
    turn = 0.0
    if away > INNER * radius:
        far = min((away / radius - INNER) / (1.0 - INNER), 1.0)
        outward = (step_x * off_x + step_z * off_z) / away
        side = (step_x * off_z - step_z * off_x) / away
        turn = far * STEER * (side + max(outward, 0.0))
        if outward > 0:
            step_x -= far * outward * off_x / away
            step_z -= far * outward * off_z / away
    off_x, off_z = off_x + step_x, off_z + step_z
    back = min(1.0, max(radius, away) / max(np.sqrt(off_x * off_x + off_z * off_z), LEAST))
    place[0], place[1] = home[0] + off_x * back, home[1] + off_z * back
    place[2] = (place[2] + way[2] + turn + np.pi) % (2.0 * np.pi) - np.pi


@kernel
def blended(fading: NDArray[np.int64]) -> float:
    """Share of the old pose in a blend of which `fading` (2,) frames are left and were planned."""
    if fading[0] == 0:
        return 0.0
    left = fading[0] / fading[1]
    return float(left * left * (3.0 - 2.0 * left))


@kernel
def show(
    local: F32,
    fade: F32,
    fading: NDArray[np.int64],
    place: NDArray[np.float64],
    body: F32,
    root: F32,
    order: NDArray[np.int64],
    parents: NDArray[np.int64],
    lengths: F32,
) -> None:
    """Put one body (J, 3) where it stands, in world metres, with what is left of a blend added."""
    fading[0] = max(fading[0] - 1, 0)
    share = blended(fading)
    for joint in range(local.shape[0]):
        for axis in range(3):
            body[joint, axis] = local[joint, axis] + np.float32(share) * fade[joint, axis]
    if share > 0.0:
        keep_lengths(body, order, parents, lengths)
    cos, sin = np.cos(place[2]), np.sin(place[2])
    for joint in range(local.shape[0]):
        x, z = body[joint, 0], body[joint, 2]
        body[joint, 0] = place[0] + x * cos + z * sin
        body[joint, 2] = place[1] + z * cos - x * sin
    root[0], root[1], root[2] = place[0], 0.0, place[1]
    root[3], root[4], root[5], root[6] = 0.0, np.sin(place[2] / 2.0), 0.0, np.cos(place[2] / 2.0)
