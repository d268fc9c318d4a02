"""A small body, a small dance and a small BVH file."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.schema.skeleton import Contact, Leg, Skeleton
from export.data.clip import Clip

BVH = """HIERARCHY
ROOT Hips
{
    OFFSET 0 0.9 0
    CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
    JOINT LeftUpLeg
    {
        OFFSET 0.1 0 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        End Site
        {
            OFFSET 0 -0.8 0
        }
    }
    JOINT RightUpLeg
    {
        OFFSET -0.1 0 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        End Site
        {
            OFFSET 0 -0.8 0
        }
    }
}
MOTION
Frames: 3
Frame Time: 0.0333333
0 0 0 0 0 0 0 0 0 0 0 0
0.1 0 0 0 0 0 0 0 0 0 0 0
0.2 0 0 0 0 90 0 0 0 0 0 0
"""


@pytest.fixture
def bvh_text() -> str:
    return BVH


@pytest.fixture
def body() -> Skeleton:
    """Hips, a leg on each side, straight down; feet forward."""
    leg = ((0.0, -0.4, 0.0), (0.0, -0.4, 0.0), (0.0, -0.05, 0.15))
    return Skeleton(
        names=("hips", "l_hip", "l_knee", "l_ankle", "l_toe", "r_hip", "r_knee", "r_ankle", "r_toe"),
        parents=(-1, 0, 1, 2, 3, 0, 5, 6, 7),
        offsets=((0.0, 0.88, 0.0), (0.1, 0.0, 0.0), *leg, (-0.1, 0.0, 0.0), *leg),
        facing=((1, 5),),
        legs=(Leg(hip=1, knee=2, ankle=3, toe=4), Leg(hip=5, knee=6, ankle=7, toe=8)),
        contacts=(Contact(joint=4, height=0.03), Contact(joint=8, height=0.03)),
    )


@pytest.fixture
def dance(body: Skeleton) -> Callable[..., Clip]:
    """Make a clip of `frames` frames: the rest pose that glides sideways and forward, its right knee swinging."""

    def make(frames: int = 20, fps: float = 30.0, subject: str = "", source: str = "") -> Clip:
        rest = np.zeros((len(body.names), 3))
        for joint in body.order:
            rest[joint] = np.array(body.offsets[joint])
            if body.parents[joint] >= 0:
                rest[joint] += rest[body.parents[joint]]
        time = np.arange(frames) / fps
        positions = np.tile(rest, (frames, 1, 1))
        positions[..., 0] += 0.3 * time[:, None]
        positions[..., 2] += np.sin(time)[:, None]
        positions[:, 6, 2] += 0.1 * np.sin(3 * time)
        return Clip(
            name="glide", positions=positions.astype(np.float32), fps=fps, skeleton=body, subject=subject, source=source
        )

    return make
