"""What a skeleton's constants are measured from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.motion.heading import canonical
from engine.schema.frame import F32
from export.data.clip import Clip

STILL = 0.15
"""Metres per second under which toe and ankle are taken to stand."""

FLAT = 0.06
"""Metres under which the toe of a flat foot is; a pointed or lifted foot holds it higher."""

FLAT_ANKLE = 0.12
"""Metres under which the ankle of a flat foot is."""


def _good(clips: Sequence[Clip]) -> F32:
    return np.concatenate([clip.positions[clip.valid] for clip in clips])


def bone_lengths(clips: Sequence[Clip]) -> NDArray[np.float64]:
    """Mean length (J,) in metres of the bone from each joint's parent over the valid frames; 0 for the root."""
    skeleton = clips[0].skeleton
    lengths = np.zeros(len(skeleton.names))
    positions = _good(clips)
    for parent, child in skeleton.edges:
        lengths[child] = np.linalg.norm(positions[:, child] - positions[:, parent], axis=-1).mean(dtype=np.float64)
    return lengths


def bone_directions(clips: Sequence[Clip]) -> NDArray[np.float64]:
    """Unit vectors (J, 3) of the mean bones as seen from the body, facing +Z; 0 for the root."""
    skeleton = clips[0].skeleton
    local, _ = canonical(_good(clips), skeleton)
    directions = np.zeros((len(skeleton.names), 3))
    for parent, child in skeleton.edges:
        mean = (local[:, child] - local[:, parent]).mean(0, dtype=np.float64)
        directions[child] = mean / np.linalg.norm(mean)
    return directions


def standing_height(joint: F32, fps: float) -> float:
    """Median height in metres of one joint (T, 3) while it is still and near the lowest that it ever is.

    Where it is never still, its lowest height (first percentile) is taken.
    """
    speed = np.linalg.norm(np.diff(joint, axis=0), axis=-1) * fps
    heights = joint[1:, 1]
    lowest = float(np.percentile(heights, 1))
    standing = heights[(speed < STILL) & (heights < lowest + FLAT)]
    return float(np.median(standing)) if len(standing) else lowest


def standing_heights(clips: Sequence[Clip], toe: str = "toe", ankle: str = "ankle") -> tuple[float, float]:
    """Median heights in metres of `l_`/`r_` toe and ankle over the frames in which that foot stands flat and still."""
    found: list[F32] = []
    for clip in clips:
        for side in ("l", "r"):
            joints = [clip.skeleton.names.index(f"{side}_{joint}") for joint in (toe, ankle)]
            foot = clip.positions[:, joints]
            speed = np.linalg.norm(np.diff(foot, axis=0), axis=-1).max(-1) * clip.fps
            heights = foot[1:, :, 1]
            flat = (speed < STILL) & (heights[:, 0] < FLAT) & (heights[:, 1] < FLAT_ANKLE)
            found.append(heights[flat & clip.valid[1:] & clip.valid[:-1]])
    medians = np.median(np.concatenate(found), axis=0)
    return float(medians[0]), float(medians[1])


def report(clips: Sequence[Clip]) -> str:
    """Lengths, directions and standing heights, one joint a line."""
    names = clips[0].skeleton.names
    rows = zip(names, bone_lengths(clips), bone_directions(clips), strict=True)
    lines = [f"{name:12} {length:.4f} m  {np.round(direction, 3)}" for name, length, direction in rows]
    toe, ankle = standing_heights(clips)
    return "\n".join([*lines, f"standing: toe {toe:.4f} m, ankle {ankle:.4f} m"])
