"""One performer's native datagrams as the kernel writes them."""

import numpy as np
import pytest

from engine.motion.spaces import SPACES, View
from engine.outputs._packet import Cast, packet
from engine.schema.frame import Pose


def pose(joints: int) -> Pose:
    """Two bodies of numbers that are all different, some of them zeros of either sign."""
    numbers = np.random.default_rng(7).normal(size=(2, joints * 7 + 7)).astype(np.float32)
    numbers[1, ::5], numbers[1, ::10] = -0.0, 0.0
    positions, root, rotations = np.split(numbers, [3 * joints, 3 * joints + 7], axis=1)
    return Pose(positions.reshape(2, joints, 3), root.copy(), rotations.reshape(2, joints, 4))


@pytest.mark.parametrize("space", SPACES)
def test_the_kernel_writes_what_the_view_of_the_space_sees_bit_for_bit(space: str) -> None:
    view, bodies = View(SPACES[space]), pose(5)
    cast = Cast([packet("/p1", 5), packet("/p10", 5)])
    assert cast.put(1, 2, bodies, view)
    assert bodies.rotations is not None
    root = np.concatenate([view.points(bodies.root[1, :3]), view.quaternions(bodies.root[1, 3:])])
    seen = [view.points(bodies.positions[1]), root, view.quaternions(bodies.rotations[1])]
    sent = b"".join(cast.turned[1])
    assert all(part.astype(">f4").tobytes() in sent for part in seen)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e6])
@pytest.mark.parametrize("part", ["positions", "root", "rotations"])
def test_only_a_body_that_is_one_is_sound(part: str, value: float) -> None:
    bodies, cast = pose(5), Cast([packet("/p1", 5), packet("/p2", 5)])
    assert cast.put(1, 2, bodies, View(SPACES["engine"]))
    getattr(bodies, part)[0, ..., -1] = value
    assert not cast.put(1, 2, bodies, View(SPACES["engine"]))
    assert cast.sound.tolist() == [False, True]


def test_rotations_that_have_no_room_are_looked_at_and_not_written() -> None:
    joints = 80
    bodies, cast = pose(joints), Cast([packet("/p1", joints), packet("/p2", joints)])
    assert cast.turned == cast.placed
    assert cast.unfit == 2
    assert cast.put(1, 2, bodies, View(SPACES["engine"]))
    assert bodies.rotations is not None
    bodies.rotations[0, -1, -1] = np.nan
    assert not cast.put(1, 2, bodies, View(SPACES["engine"]))
