"""The body of 20 joints in poses and dances that are made up, with every bone as long as it should be."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from engine.motion.core20 import CORE20, NAMES, TOE_HEIGHT
from engine.motion.heading import turn
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton
from export.data.clip import Clip

F64 = NDArray[np.float64]

FPS = 30.0


def posed(turns: F64, skeleton: Skeleton = CORE20) -> F64:
    """World positions (T, J, 3) for rotation vectors (T, J, 3) of every joint against its parent, root above 0, 0."""
    positions = np.zeros_like(turns)
    world: dict[int, Rotation] = {}
    for joint in skeleton.order:
        parent = skeleton.parents[joint]
        own = Rotation.from_rotvec(turns[:, joint])
        offset = np.array(skeleton.offsets[joint])
        if parent < 0:
            world[joint], positions[:, joint] = own, offset
        else:
            world[joint] = world[parent] * own
            positions[:, joint] = positions[:, parent] + world[parent].apply(offset)
    return positions


def standing(bend: float = 0.3) -> F32:
    """One body (J, 3) on both feet, knees bent by twice `bend` radians, the left arm stretched forward."""
    turns = np.zeros((1, len(NAMES), 3))
    for side in "lr":
        for joint, share in (("hip", -1.0), ("knee", 2.0), ("ankle", -1.0)):
            turns[0, NAMES.index(f"{side}_{joint}"), 0] = share * bend
    turns[0, NAMES.index("l_shoulder"), 1] = -np.pi / 2
    body = posed(turns)[0]
    body[:, 1] += TOE_HEIGHT - body[NAMES.index("l_toe"), 1]
    return np.asarray(body, np.float32)


def dance(frames: int, seed: int, *, name: str = "", genre: str = "salsa", fps: float = FPS) -> Clip:
    """A clip that sways, walks and turns; every joint on its own smooth way, different on the left and on the right."""
    draw = np.random.default_rng(seed)
    time = np.arange(frames)[:, None, None] / fps
    joints = len(NAMES)
    turns = np.zeros((frames, joints, 3))
    for _ in range(3):
        pace, phase = draw.uniform(1.0, 6.0, (1, joints, 3)), draw.uniform(0, 2 * np.pi, (1, joints, 3))
        turns += 0.2 * np.sin(pace * time + phase)
    yaw = np.cumsum(0.02 + 0.03 * np.sin(0.7 * time[:, 0, 0] + draw.uniform(0, 6)))
    positions = turn(posed(turns), yaw)
    positions[..., 0] += 0.8 * np.sin(0.5 * time[:, :, 0] + draw.uniform(0, 6))
    positions[..., 2] += 0.6 * np.sin(0.9 * time[:, :, 0] + draw.uniform(0, 6))
    return Clip(
        name=name or f"dance {seed}",
        positions=positions.astype(np.float32),
        fps=fps,
        skeleton=CORE20,
        genre=genre,
        licence="CC0",
        credit="nobody",
    )


def lengths(bodies: F32 | F64, skeleton: Skeleton = CORE20) -> F64:
    """Lengths (..., J - 1) of the bones, metres."""
    parents, children = (list(column) for column in zip(*skeleton.edges, strict=True))
    away = bodies[..., children, :].astype(np.float64) - bodies[..., parents, :]
    return np.asarray(np.linalg.norm(away, axis=-1))


def rest_lengths(skeleton: Skeleton = CORE20) -> F64:
    """The lengths (J - 1,) that the bones should have."""
    children = [child for _, child in skeleton.edges]
    return np.asarray(np.linalg.norm(np.array(skeleton.offsets)[children], axis=-1))


def worst_bone(bodies: F32 | F64, skeleton: Skeleton = CORE20) -> float:
    """Greatest difference of a bone from its rest length, as a share of it."""
    rest = rest_lengths(skeleton)
    return float(np.abs(lengths(bodies, skeleton) / rest - 1).max())
