"""Where the memories of performers are on their map, frame by frame."""

import numpy as np
import path_models
import pytest
import tiny
from acts import CONTROLS, EVERYBODY, Stage, data, ticks

from engine.act import Act
from engine.motion.places import LASTING
from engine.schema.frame import F32, Quality

ARRAYS = path_models.arrays(tiny.DIMS, (6, 3))
STATE = tiny.scripted_spec().state


def found(act: Act) -> F32:
    (frame,) = ticks(act, 1)
    assert frame.path is not None
    return frame.path


def expected(stage: Stage, *performers: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = path_models.points(ARRAYS, STATE, stage.model.state())
    return points[[number - 1 for number in performers]]


def test_a_frame_tells_where_the_memory_is_after_its_step() -> None:
    stage, seen = Stage(arrays=ARRAYS), []
    for _ in range(20):
        seen.append(found(stage.act))
        np.testing.assert_allclose(seen[-1], expected(stage, *EVERYBODY), atol=1e-5)
    assert np.ptp(np.array(seen), axis=0).min() > 1e-3


def test_the_dance_is_the_same_with_it_and_without_and_without_there_is_none() -> None:
    with_it, without = Stage(arrays=ARRAYS).play(30), Stage().play(30)
    assert data(with_it) == data(without)
    assert [frame._replace(path=None)[4:] for frame in with_it] == [frame[4:] for frame in without]
    assert all(frame.path is None for frame in without)


def test_who_comes_and_goes_has_a_row_of_its_own() -> None:
    stage = Stage(arrays=ARRAYS, batch=4, performers=(1, 3))
    np.testing.assert_allclose(found(stage.act), expected(stage, 1, 3), atol=1e-5)
    stage.act.join(2, controls=CONTROLS)
    np.testing.assert_allclose(found(stage.act), expected(stage, 1, 2, 3), atol=1e-5)
    for number in EVERYBODY:
        stage.act.leave(number)
    assert found(stage.act).shape == (0, 3)


def test_they_go_on_in_a_larger_batch() -> None:
    small, large = Stage(arrays=ARRAYS, batch=2, performers=(1, 2)), Stage(arrays=ARRAYS, batch=8, performers=(1, 2))
    for stage in (small, large):
        ticks(stage.act, 5)
        stage.act.reserve(8)
        stage.act.join(8)
    frames = [ticks(stage.act, 5) for stage in (small, large)]
    for one, other in zip(*frames, strict=True):
        assert one.path is not None
        assert other.path is not None
        assert one.path.shape == (3, 3)
        np.testing.assert_array_equal(one.path, other.path)


def test_a_broken_performer_starts_again_on_the_map_and_nothing_else_than_numbers_leaves() -> None:
    stage = Stage(arrays=ARRAYS, broken=[(5, 0)])
    frames = stage.play(12)
    assert frames[5].quality[0] & Quality.PRIMED
    for frame in frames:
        assert frame.path is not None
        assert (np.abs(frame.path) <= 1.0).all()


def test_a_performer_that_starts_again_is_where_its_moment_was() -> None:
    stage = Stage(arrays=ARRAYS)
    ticks(stage.act, 5)
    moment = stage.act.recall(1)
    stage.act.start(2, moment)
    np.testing.assert_array_equal(stage.model.state()[0][1], moment.states[0][moment.row])
    np.testing.assert_allclose(found(stage.act), expected(stage, *EVERYBODY), atol=1e-5)


def test_frames_last() -> None:
    stage = Stage(arrays=ARRAYS)
    frames = [stage.act.tick() for _ in range(LASTING + 1)]
    again = Stage(arrays=ARRAYS).play(LASTING + 1)
    for one, other in zip(frames, again, strict=True):
        assert one.path is not None
        np.testing.assert_array_equal(one.path, other.path)


@pytest.mark.parametrize("ways", [2, 3])
def test_what_is_begun_anew_is_the_same_again(ways: int) -> None:
    arrays = path_models.arrays(tiny.DIMS, (ways,))
    stage = Stage(arrays=arrays)
    first = [frame.path for frame in stage.play(10)]
    stage.act.restart()
    for number in EVERYBODY:
        stage.act.join(number)
    np.testing.assert_array_equal(np.array([frame.path for frame in ticks(stage.act, 10)]), np.array(first))
    assert np.array(first).shape == (10, 3, ways)
