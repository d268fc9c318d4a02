"""What a frame tells of where memories are."""

import numpy as np
import pytest

from engine.runtime.maps import BodiesMap, OwnMap
from engine.schema.frame import F32, Frame, Pose, Quality, Signal

BEFORE = Signal("before", np.zeros(1, np.float32))


def frame(*performers: int, dims: int = 2) -> Frame:
    """Performer n is at n / 8 on each axis."""
    count = len(performers)
    pose = Pose(np.zeros((count, 2, 3), np.float32), np.zeros((count, 7), np.float32))
    path = np.array(performers, np.float32)[:, None].repeat(dims, 1) / np.float32(8)
    return Frame(4, 5, pose, (Quality.GOOD,) * count, performers, path=path if dims else None, signals=(BEFORE,))


def told(found: Frame) -> list[tuple[str, int, list[float]]]:
    assert found.signals[0] is BEFORE
    return [(signal.name, signal.performer, signal.values.tolist()) for signal in found.signals[1:]]


@pytest.mark.parametrize("hold", [False, True])
def test_the_act_is_where_its_first_performer_is_and_each_of_several_is_told_of(hold: bool) -> None:  # noqa: FBT001
    of = BodiesMap("dance")
    assert told(of.frame(frame(2, 5), hold=hold)) == [
        ("dance/path", 0, [0.25, 0.25]),
        ("p2/path", 2, [0.25, 0.25]),
        ("p5/path", 5, [0.625, 0.625]),
    ]
    assert told(of.frame(frame(5, dims=3), hold=hold)) == [("dance/path", 0, [0.625] * 3)]


def test_nothing_is_told_of_nobody_and_without_a_map() -> None:
    of = BodiesMap("dance")
    for silent in (frame(), frame(1, 2, dims=0)):
        assert of.frame(silent, hold=False) is silent


def test_an_act_that_plays_by_itself_tells_as_long_as_it_has_a_map() -> None:
    now: list[F32 | None] = [np.array([0.25, -0.5], np.float32)]
    of = OwnMap("piano", lambda: now[0])
    assert told(of.frame(frame(1), hold=False)) == [("piano/path", 0, [0.25, -0.5])]
    now[0] = None
    silent = frame(1)
    assert of.frame(silent, hold=False) is silent
