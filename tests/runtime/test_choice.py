"""Frames with some of their performers."""

import numpy as np
import pytest

from engine.runtime.choice import Choice
from engine.schema.frame import Body, Frame, Notes, Pose, Quality


def frame(*performers: int) -> Frame:
    rng, count = np.random.default_rng(sum(performers)), len(performers)
    shapes = ((count, 3, 3), (count, 7), (count, 3, 4), (count, 2, 3), (count, 5, 4))
    positions, root, rotations, joints, bones = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    quality = tuple(Quality(number % 4) for number in performers)
    return Frame(7, 233, Pose(positions, root, rotations, Body(joints, bones)), quality, performers, Notes((1,), 2))


@pytest.mark.parametrize("wanted", [(1,), (2, 3), (1, 5), (5, 9), (9,), (3, 1, 5)])
def test_of_the_performers_those_who_are_wanted_are_there_with_all_that_is_theirs(wanted: tuple[int, ...]) -> None:
    choice, played = Choice(wanted), frame(1, 2, 3, 5)
    for _ in range(2):
        found = choice.of(played)
        expected = played.only([row for row, number in enumerate(played.performers) if number in wanted])
        assert (found.sequence, found.milliseconds, found.quality, found.performers, found.notes) == (
            7, 233, expected.quality, expected.performers, played.notes,
        )  # fmt: skip
        assert found.pose.body is not None
        assert expected.pose.body is not None
        for mine, theirs in zip(
            (*found.pose[:3], *found.pose.body), (*expected.pose[:3], *expected.pose.body), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
        played = frame(1, 2, 3, 5)._replace(pose=frame(2, 3, 4, 6).pose)


def test_all_of_them_are_the_frame_itself() -> None:
    played = frame(1, 2)
    assert Choice(()).of(played) is played
    assert Choice((1, 2, 9)).of(played) is played


def test_those_who_come_and_go_are_followed() -> None:
    choice = Choice((2, 4))
    for performers in ((1, 2), (1, 2, 4), (2, 3, 4), (1, 3), (2, 4)):
        found = choice.of(frame(*performers))
        assert found.performers == tuple(number for number in performers if number in (2, 4))
        assert len(found.pose.positions) == len(found.quality) == len(found.performers)
