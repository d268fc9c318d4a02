"""The same dance on the other side, at another rate, in another size, on another body; always a new clip."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from engine.motion.bones import Bones
from engine.schema.errors import DataError
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton
from export.data.clip import Clip, check_fps, single
from export.data.pairs import partners

FLOOR_PERCENTILE = 1.0
"""Share of the frames, in percent, whose lowest foot may lie under the floor: noise, and feet that roll."""


def mirror(clip: Clip) -> Clip:
    """Left and right changed: x negated, each joint's track given to its partner.

    Raises:
        DataError: the skeleton has no complete pairing, see `partners`.
    """
    positions = clip.positions[:, partners(clip.skeleton)] * np.array([-1, 1, 1], np.float32)
    return replace(clip, name=f"{clip.name} mirrored", positions=positions)


def resample(clip: Clip, fps: float) -> Clip:
    """The clip at another rate, by a cubic spline through its frames (not-a-knot), from the first frame on.

    A new frame is valid where the frames on both sides of it are. Nothing is filtered: going down to a rate under twice
    the fastest movement aliases.

    Raises:
        DataError: fps out of range, or fewer than 2 frames would remain.
    """
    check_fps(clip.place, fps)
    if fps == clip.fps:
        return clip
    # 1e-6 of a frame keeps the last frame where rounding puts its time just before the end
    count = int((len(clip) - 1) / clip.fps * fps + 1e-6) + 1
    at = np.minimum(np.arange(count) * (clip.fps / fps), len(clip) - 1)
    nearest = np.round(at)
    at = np.where(np.abs(at - nearest) < 1e-6, nearest, at)
    positions = CubicSpline(np.arange(len(clip)), clip.positions.astype(np.float64), axis=0)(at)
    valid = clip.valid[np.floor(at).astype(np.intp)] & clip.valid[np.ceil(at).astype(np.intp)]
    return replace(clip, positions=single(positions), valid=valid, fps=fps)


def leg_length(clip: Clip) -> float:
    """Mean length of hip to knee to ankle over frames and legs, metres.

    Raises:
        DataError: the skeleton names no legs, or they have no length.
    """
    p = clip.positions.astype(np.float64)
    lengths = [
        np.linalg.norm(p[:, leg.hip] - p[:, leg.knee], axis=-1)
        + np.linalg.norm(p[:, leg.knee] - p[:, leg.ankle], axis=-1)
        for leg in clip.skeleton.legs
    ]
    if not lengths or not np.mean(lengths) > 0:
        raise DataError(clip.place, "no legs" if not lengths else "legs of length 0", "legs to measure the body by")
    return float(np.mean(lengths))


def scale(clip: Clip, factor: float) -> Clip:
    """The body and its paths made `factor` times as large; the skeleton's own rest lengths stay what they were."""
    return replace(clip, positions=clip.positions * np.float32(factor))


def scale_to(clip: Clip, length: float) -> Clip:
    """The clip scaled so that its legs measure `length` metres.

    Raises:
        DataError: the skeleton names no legs.
    """
    return scale(clip, length / leg_length(clip))


def scale_subjects(clips: Sequence[Clip], length: float) -> list[Clip]:
    """Every clip scaled by its subject's factor, so that the subject's legs measure `length` metres on average.

    Raises:
        DataError: a skeleton names no legs.
    """
    legs: dict[str, list[float]] = {}
    for clip in clips:
        legs.setdefault(clip.subject, []).append(leg_length(clip))
    return [scale(clip, length / float(np.mean(legs[clip.subject]))) for clip in clips]


def floor(clip: Clip) -> Clip:
    """The clip raised or lowered until only one frame in a hundred has its lowest toe under y = 0.

    Toes are those of the skeleton's legs; a skeleton without legs takes its contacts, one without contacts every joint.
    """
    joints = [leg.toe for leg in clip.skeleton.legs] or [contact.joint for contact in clip.skeleton.contacts]
    heights = clip.positions[:, joints or slice(None), 1].min(1)
    return _moved(clip, 0.0, -float(np.percentile(heights, FLOOR_PERCENTILE)), 0.0)


def origin(clip: Clip) -> Clip:
    """The clip moved until its root starts at x = z = 0."""
    x, _, z = (float(value) for value in clip.positions[0, clip.skeleton.root])
    return _moved(clip, -x, 0.0, -z)


def retarget(clip: Clip, skeleton: Skeleton) -> Clip:
    """The dance on a body with the bone lengths of `skeleton`.

    Every bone keeps its direction, the root keeps x and z. Other legs would let the feet sink or float, so each frame
    is then raised or lowered as a whole until its lowest contact is as far above its standing height as the lowest
    contact of the recording was: standing feet stand, jumps keep their clearance. Without contacts no frame moves.

    Raises:
        DataError: other joints or other parents.
    """
    _check_same_tree(clip, skeleton)
    positions = clip.positions.copy()
    Bones(skeleton).fit(positions)
    if skeleton.contacts:
        positions[..., 1] += (_clearance(clip.positions, skeleton) - _clearance(positions, skeleton))[:, None]
    return replace(clip, positions=positions, skeleton=skeleton)


def conform(clips: Sequence[Clip], skeleton: Skeleton, fps: float) -> list[Clip]:
    """Any recordings as a model of that body at that rate knows them.

    A subject's legs are scaled to the skeleton's, bones retargeted, frames resampled. A body without legs or with
    bones that are not rigid, such as markers, is only resampled.

    Raises:
        DataError: a clip of another body.
    """
    for clip in clips:
        _check_same_tree(clip, skeleton)
    if not (skeleton.legs and skeleton.rigid):
        return [resample(clip, fps) for clip in clips]
    rest = np.linalg.norm(np.array(skeleton.offsets), axis=-1)
    length = float(np.mean([rest[leg.knee] + rest[leg.ankle] for leg in skeleton.legs]))
    return [retarget(floor(resample(clip, fps)), skeleton) for clip in scale_subjects(clips, length)]


def split_valid(clip: Clip, at_least: int = 2) -> list[Clip]:
    """The stretches of at least `at_least` valid frames (never fewer than 2), named after their frames."""
    borders = np.flatnonzero(np.diff(clip.valid, prepend=False, append=False))
    stretches = zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True)
    if bool(clip.valid.all()):
        return [clip] if len(clip) >= at_least else []
    return [clip.part(a, b, f"{clip.name} [{a}:{b}]") for a, b in stretches if b - a >= max(at_least, 2)]


def _clearance(positions: F32, skeleton: Skeleton) -> NDArray[np.float32]:
    joints = [contact.joint for contact in skeleton.contacts]
    standing = np.array([contact.height for contact in skeleton.contacts], np.float32)
    return np.asarray((positions[:, joints, 1] - standing).min(1), np.float32)


def _moved(clip: Clip, x: float, y: float, z: float) -> Clip:
    return replace(clip, positions=clip.positions + np.array([x, y, z], np.float32))


def _check_same_tree(clip: Clip, skeleton: Skeleton) -> None:
    if clip.skeleton.names != skeleton.names:
        odd = sorted(set(clip.skeleton.names) ^ set(skeleton.names)) or ["another order"]
        raise DataError(
            clip.place, f"other joints: {', '.join(odd[:6])}", f"the {len(skeleton.names)} joints of the body"
        )
    if clip.skeleton.parents != skeleton.parents:
        raise DataError(clip.place, "joints that hang on other parents", "the tree of the body")
