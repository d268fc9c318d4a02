"""One performer's native datagrams as the kernel writes them."""

import numpy as np
import pytest

from engine.motion.spaces import SPACES, View
from engine.outputs._packet import Packet
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
    packet = Packet("/p", 5, view)
    assert packet.put(1, 2, bodies, 1)
    assert bodies.rotations is not None
    root = np.concatenate([view.points(bodies.root[1, :3]), view.quaternions(bodies.root[1, 3:])])
    seen = [view.points(bodies.positions[1]), root, view.quaternions(bodies.rotations[1])]
    [placed], [turned] = packet.placed, packet.turned
    sent = bytes(placed) + bytes(turned)
    assert all(part.astype(">f4").tobytes() in sent for part in seen)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e6])
@pytest.mark.parametrize("part", ["positions", "root", "rotations"])
def test_only_a_body_that_is_one_is_sound(part: str, value: float) -> None:
    bodies, packet = pose(5), Packet("/p", 5, View(SPACES["engine"]))
    getattr(bodies, part)[0, ..., -1] = value
    assert [packet.put(1, 2, bodies, row) for row in (0, 1)] == [False, True]


def test_rotations_that_have_no_room_are_looked_at_and_not_written() -> None:
    joints = 80
    bodies, packet = pose(joints), Packet("/p", joints, View(SPACES["engine"]))
    assert packet.turned == []
    assert packet.put(1, 2, bodies, 0)
    assert bodies.rotations is not None
    bodies.rotations[0, -1, -1] = np.nan
    assert not packet.put(1, 2, bodies, 0)
