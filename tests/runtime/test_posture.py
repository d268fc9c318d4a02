"""Between the dance and standing calmly."""

import numpy as np
import pytest
from runtime.rig import BODY, START, Puppet

from engine.motion.neutral import Stand
from engine.runtime.clock import VirtualClock
from engine.runtime.posture import Posture
from engine.schema.frame import F32, Frame


def danced() -> Frame:
    act = Puppet(VirtualClock(START), performers=(1, 2, 5))
    return [act.tick() for _ in range(20)][-1]


def shares(**given: float) -> F32:
    found = np.ones(64, np.float32)
    for name, share in given.items():
        found[int(name[1:]) - 1] = share
    return found


def test_all_of_the_movement_is_the_frame_itself() -> None:
    frame = danced()
    assert Posture(BODY).apply(frame, shares(p3=0.0)) is frame


def test_none_of_it_is_the_neutral_pose_where_the_body_is() -> None:
    frame = danced()
    shown = Posture(BODY).apply(frame, shares(p2=0.0))
    assert np.array_equal(shown.pose.positions[1], Stand(BODY).pose(frame.pose.root).positions[1])
    assert np.array_equal(shown.pose.root, frame.pose.root)
    assert np.array_equal(shown.pose.positions[[0, 2]], frame.pose.positions[[0, 2]])


def test_between_them_bones_keep_their_lengths_and_the_frame_its_arrays() -> None:
    frame, before = danced(), danced()
    shown = Posture(BODY).apply(frame, shares(p1=0.5, p5=0.2))
    for row in (0, 2):
        bone: F32 = shown.pose.positions[row, 1] - shown.pose.positions[row, 0]
        assert np.linalg.norm(bone) == pytest.approx(0.6, abs=1e-4)
        assert not np.allclose(shown.pose.positions[row], frame.pose.positions[row])
    assert np.array_equal(frame.pose.positions, before.pose.positions)


def test_nobody_is_nobody() -> None:
    empty = danced().only([])
    assert Posture(BODY).apply(empty, shares(p1=0.0)) is empty
