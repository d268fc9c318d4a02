"""From what the acts give to what is sent."""

from collections.abc import Sequence

import numpy as np
from runtime.rig import BODY, EVERYTHING, START, Puppet

from engine.motion.neutral import neutral
from engine.runtime.clock import VirtualClock
from engine.runtime.finish import Finish
from engine.schema.frame import F32, Body


class Turning:
    """A solver that notes what it is given."""

    def __init__(self) -> None:
        self.given: list[F32] = []

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        self.given.append(positions)
        turns = np.zeros((len(performers), 2, 4), np.float32)
        return turns, Body(positions, turns)


def test_nothing_wanted_is_nothing_done() -> None:
    frame = Puppet(VirtualClock(START)).tick()
    assert Finish(BODY, 30).apply(frame, EVERYTHING) is frame


def test_rotations_are_those_of_what_is_shown() -> None:
    frame, solver = Puppet(VirtualClock(START)).tick(), Turning()
    shown = Finish(BODY, 30, solver).apply(frame, EVERYTHING._replace(shares=np.zeros(64, np.float32)))
    assert solver.given == [shown.pose.positions]
    assert shown.pose.body is not None
    assert np.allclose(shown.pose.positions[0, :, 1], neutral(BODY)[:, 1], atol=1e-6)


def test_a_neutral_pose_stands_where_the_smoothed_body_is() -> None:
    act, finish = Puppet(VirtualClock(START)), Finish(BODY, 30)
    wishes = EVERYTHING._replace(smooth=0.5, shares=np.zeros(64, np.float32))
    for _ in range(20):
        frame = act.tick()
        shown = finish.apply(frame, wishes)
    away = shown.pose.root[0, :3] - frame.pose.root[0, :3]
    assert 0.01 < np.linalg.norm(away) < 1.0
    assert np.allclose(shown.pose.positions[0, 0, [0, 2]], shown.pose.root[0, [0, 2]], atol=1e-6)
