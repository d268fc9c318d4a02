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
    assert Finish(BODY).apply(frame, EVERYTHING.shares) is frame


def test_rotations_are_those_of_what_is_shown() -> None:
    frame, solver = Puppet(VirtualClock(START)).tick(), Turning()
    shown = Finish(BODY, solver).apply(frame, np.zeros(64, np.float32))
    assert solver.given == [shown.pose.positions]
    assert shown.pose.body is not None
    assert np.allclose(shown.pose.positions[0, :, 1], neutral(BODY)[:, 1], atol=1e-6)
