"""Points of a map at the rate of the wire, and while one act gives way to another."""

import numpy as np
import pytest
from runtime.mapped import STEP, Mapped, point
from runtime.rig import BODY, streamed, swinging

from engine.motion.ease import ease
from engine.runtime.cadence import Cadence
from engine.runtime.playing import Playing
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame
from engine.schema.show import Place


def path(frame: Frame) -> F32:
    assert frame.path is not None
    assert len(frame.path) == len(frame.performers)
    return frame.path.copy()


@pytest.mark.parametrize(("fps", "speed"), [(60, 1.0), (24, 1.0), (30, 0.37), (50, 4.0)])
@pytest.mark.parametrize("dims", [2, 3])
def test_points_are_in_step_with_the_bodies(fps: float, speed: float, dims: int) -> None:
    act, cadence = Mapped(1, 3, dims=dims), Cadence(BODY, model_fps=30, fps=fps, speed=speed)
    for number in range(40):
        count = number * 30 * speed / fps
        found = path(cadence.frame(act.tick, number, 0))
        np.testing.assert_allclose(found, [point(1, count, dims), point(3, count, dims)], atol=1e-6)


def test_a_whole_place_is_the_models_own() -> None:
    act, cadence = Mapped(1, 3), Cadence(BODY, model_fps=30, fps=60)
    for number in range(20):
        frame = cadence.frame(act.tick, number, 0)
        assert (frame.path is act.frames[number // 2].path) == (number % 2 == 0)


def test_without_a_map_there_are_none_at_any_rate() -> None:
    act, cadence = Mapped(1, dims=0), Cadence(BODY, model_fps=30, fps=60)
    assert all(cadence.frame(act.tick, number, 0).path is None for number in range(6))


def test_who_comes_or_goes_between_two_frames_has_its_own_row() -> None:
    act, cadence = Mapped(1, 3), Cadence(BODY, model_fps=30, fps=60)
    changes = {4: (1, 2, 3), 10: (2, 3), 14: (), 18: (3,)}
    for number in range(30):
        act.performers = changes.get(number, act.performers)
        frame = cadence.frame(act.tick, number, 0)
        for performer, row in zip(frame.performers, path(frame), strict=True):
            np.testing.assert_allclose(row, point(performer, number / 2), atol=1e-6)


def playing(*performers: int, dims: int = 2) -> Playing:
    return Playing(streamed(Mapped(*performers, dims=dims)), BODY, 30)


def run(played: Playing, frames: int, *, hold: bool = False) -> list[Frame]:
    found = [played.frame(number, 0, hold=hold) for number in range(frames)]
    return [frame.only(range(len(frame.performers))) for frame in found[-1:]] if frames == 1 else found


@pytest.mark.parametrize(("old", "new"), [(2, 2), (2, 3), (3, 2), (0, 2)])
def test_in_a_crossfade_points_are_those_of_what_takes_over(old: int, new: int) -> None:
    played = playing(1, 2, dims=old)
    run(played, 5)
    played.change(streamed(Mapped(1, 2, dims=new)), 1.0)
    for count in range(35):
        (frame,) = run(played, 1)
        np.testing.assert_allclose(path(frame), [point(1, count, new), point(2, count, new)], atol=1e-6)
        share = ease("smooth", min((count + 1) / 30, 1.0))
        bodies = (1 - share) * swinging(1, count + 5) + share * swinging(1, count)
        np.testing.assert_allclose(frame.pose.root[0, 2], bodies[0, 2], atol=1e-2)


def test_what_takes_over_without_a_map_has_none_from_its_first_frame_on() -> None:
    played = playing(1)
    run(played, 5)
    played.change(streamed(Mapped(1, dims=0)), 1.0)
    assert all(frame.path is None for frame in run(played, 40))


@pytest.mark.parametrize(("old", "theirs"), [(2, True), (3, False), (0, False)])
def test_who_is_in_the_old_one_alone_is_on_its_map_or_in_the_middle(old: int, theirs: bool) -> None:  # noqa: FBT001
    played = playing(1, 2, dims=old)
    run(played, 5)
    played.change(streamed(Mapped(1, dims=2)), 1.0)
    (frame,) = run(played, 1)
    assert frame.performers == (1, 2)
    expected = np.stack([point(1, 0), point(2, 5) if theirs else np.zeros(2, np.float32)])
    np.testing.assert_allclose(path(frame), expected, atol=1e-6)


def test_a_show_that_holds_stays_where_it_is_on_the_map_and_who_leaves_is_gone() -> None:
    played = playing(1, 2)
    (last,) = run(played, 1)
    for frame in run(played, 4, hold=True):
        np.testing.assert_array_equal(path(frame), path(last))
    played.leave(1)
    (frame,) = run(played, 1, hold=True)
    np.testing.assert_array_equal(path(frame), path(last)[1:])
    played.join(1, seed=1, place=Place(), controls=Controls())
    (frame,) = run(played, 1)
    np.testing.assert_allclose(path(frame)[:, 0], [STEP, STEP], atol=1e-6)
