"""Frames of a model at another rate and another speed."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime.rig import BODY, START, Puppet, swinging

from engine.motion.core20 import CORE20
from engine.runtime.cadence import STEPS, Cadence
from engine.runtime.clock import VirtualClock
from engine.schema.errors import ConfigError
from engine.schema.frame import F32, Frame, Pose, Quality
from export import sources
from export.metrics.dance import jerk

RATES = [24.0, 25.0, 50.0, 60.0, 90.0, 120.0, 29.97, 59.94]


def run(cadence: Cadence, act: Puppet, frames: int) -> list[Frame]:
    return [lasting(cadence.frame(act.tick, number, 40 * number), act) for number in range(frames)]


def lasting(frame: Frame, act: Puppet) -> Frame:
    """A frame that the next one leaves alone: the model's own, or a copy."""
    own = any(frame.pose is each.pose for each in act.frames)
    return frame if own else frame.only(range(len(frame.performers)))


def puppet(*performers: int) -> Puppet:
    return Puppet(VirtualClock(START), performers=performers or (1,))


def recorded(clip: F32, fps: float) -> F32:
    """A clip (T, J, 3) at 30 fps, played at another rate as far as it goes."""
    frames = iter(clip)

    def tick() -> Frame:
        return Frame(
            0, 0, Pose(next(frames)[None].copy(), np.array([[0, 0, 0, 0, 0, 0, 1]], np.float32)), (Quality.GOOD,), (1,)
        )

    cadence = Cadence(CORE20, model_fps=30, fps=fps)
    count = int((len(clip) - 3) * fps / 30)
    return np.concatenate([cadence.frame(tick, number, 0).pose.positions.copy() for number in range(count)])


def test_at_the_models_own_rate_its_frames_pass_untouched_and_none_is_computed_ahead() -> None:
    act = puppet()
    cadence = Cadence(BODY, model_fps=30, fps=30)
    for number in range(50):
        frame = cadence.frame(act.tick, number, 7 * number)
        assert frame.pose is act.frames[number].pose
        assert (frame.sequence, frame.milliseconds) == (number, 7 * number)
        assert len(act.frames) == number + 1


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_lies_where_its_time_is_on_the_models_way(fps: float) -> None:
    frames = run(Cadence(BODY, model_fps=30, fps=fps), puppet(), 240)
    for number, frame in enumerate(frames[4:], 4):
        assert frame.pose.positions[0] == pytest.approx(_true(number * 30 / fps), abs=1e-3)


@pytest.mark.parametrize(
    ("fps", "every", "model"), [(60, 2, 1), (24, 4, 5), (25, 5, 6), (50, 5, 3), (90, 3, 1), (120, 4, 1)]
)
def test_at_common_times_it_is_the_models_own_frame(fps: float, every: int, model: int) -> None:
    act = puppet(1, 3)
    frames = run(Cadence(BODY, model_fps=30, fps=fps), act, 40 * every)
    for number in range(40):
        assert frames[number * every].pose is act.frames[number * model].pose


def test_nothing_drifts_in_eight_hours() -> None:
    """A place in time is a whole number of small parts, so a million frames are as exact as one."""
    cadence, frames = Cadence(BODY, model_fps=30, fps=59.94), 60 * 3600 * 8
    total = Fraction(0)
    for _ in range(1000):
        moved, cadence._part = divmod(cadence._part + frames // 1000 * cadence._speed * cadence._rate, cadence._whole)
        total += moved
    place = total + Fraction(cadence._part, cadence._whole)
    assert place == Fraction(frames // 1000 * 1000) * 30 / Fraction("59.94")


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([30.0, *RATES]), st.lists(st.floats(0.25, 4.0), min_size=1, max_size=8))
def test_speeds_may_change_at_any_frame(fps: float, speeds: list[float]) -> None:
    act = puppet()
    cadence = Cadence(BODY, model_fps=30, fps=fps, speed=speeds[0])
    place, number = Fraction(0), 0
    for speed in speeds:
        cadence.pace(speed)
        for _ in range(6):
            place += 0 if number == 0 else Fraction(round(speed * STEPS), STEPS) * 30 / Fraction(str(fps))
            frame = cadence.frame(act.tick, number, 0)
            number += 1
            assert frame.pose.positions[0] == pytest.approx(_true(float(place)), abs=4e-3)
            assert len(act.frames) <= int(place) + 3
    assert place.denominator <= cadence._whole


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_speed_stretches_time_and_meets_the_models_frames(speed: float) -> None:
    act = puppet()
    frames = run(Cadence(BODY, model_fps=30, fps=30, speed=speed), act, 61)
    for number, frame in enumerate(frames):
        if (number * speed).is_integer():
            assert frame.pose is act.frames[int(number * speed)].pose
    assert len(act.frames) >= 60 * speed


@pytest.mark.parametrize("speed", [0.2, 4.1, float("nan")])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(ConfigError, match="speed"):
        Cadence(BODY, model_fps=30, fps=30, speed=speed)


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_who_comes_and_goes_takes_no_frame_from_the_others(fps: float) -> None:
    alone = run(Cadence(BODY, model_fps=30, fps=fps), puppet(2), 120)
    act, cadence, frames = puppet(2), Cadence(BODY, model_fps=30, fps=fps), []
    for number in range(120):
        if number in (20, 70):
            act.performers = (1, 2, 5)
        if number in (50, 90):
            act.performers = (2,)
        frames.append(lasting(cadence.frame(act.tick, number, 40 * number), act))
    for frame, expected in zip(frames, alone, strict=True):
        row = frame.performers.index(2)
        assert np.array_equal(frame.pose.positions[row], expected.pose.positions[0])
        assert np.array_equal(frame.pose.root[row], expected.pose.root[0])
        assert len(frame.quality) == len(frame.performers) == len(frame.pose.positions)
    changes = [after.performers for before, after in pairwise(frames) if before.performers != after.performers]
    assert changes == [(1, 2, 5), (2,)] * 2


@pytest.mark.parametrize(("fps", "speed"), [(30.0, 1.0), (60.0, 1.0), (24.0, 1.0), (24.0, 4.0), (120.0, 0.25)])
def test_a_fresh_start_is_told_exactly_once(fps: float, speed: float) -> None:
    act = puppet(1, 2)
    act.again = {2: 17}
    frames = run(Cadence(BODY, model_fps=30, fps=fps, speed=speed), act, 400)
    told = [number for number, frame in enumerate(frames) if Quality.PRIMED in frame.quality[1]]
    first = next(number for number in range(400) if number * speed * 30 / fps >= 17)
    assert told == [first]
    assert not any(Quality.PRIMED in frame.quality[0] for frame in frames)


def test_a_frame_lasts_until_the_next_one_between_frames_and_the_models_own_are_left_alone() -> None:
    act = puppet(1, 2)
    cadence = Cadence(BODY, model_fps=30, fps=50)
    frames = [cadence.frame(act.tick, number, 40 * number) for number in range(3)]
    own = [(frame, frame.pose.positions.copy()) for frame in act.frames]
    assert np.shares_memory(frames[1].pose.positions, frames[2].pose.positions)
    run(cadence, act, 30)
    assert all(np.array_equal(frame.pose.positions, copy) for frame, copy in own)


def test_what_is_kept_does_not_grow() -> None:
    act, cadence = puppet(), Cadence(BODY, model_fps=30, fps=24, speed=4)
    run(cadence, act, 200)
    assert len(cadence._curve._frames) == len(cadence._curve._knots) == 4


@pytest.mark.parametrize("fps", [24.0, 60.0, 90.0, 120.0])
def test_a_recorded_dance_jerks_no_more_than_it_did(data_dir: Path, fps: float) -> None:
    """Third differences over a thirtieth of a second, at every frame of the wire: at most 10 % more than the recording.

    Over shorter steps any curve through the same frames jerks more: what 30 fps hides between its frames is then seen.
    """
    assert data_dir.is_dir()
    clips = [clip.positions for clip in sources.load("cmu").test][:4]
    for clip in clips:
        played = recorded(clip, fps)
        steps = max(1, round(fps / 30))
        jerks = [jerk([played[phase::steps]], fps / steps) for phase in range(steps)]
        assert max(jerks) <= 1.1 * jerk([clip], 30)


def test_at_sixty_frames_a_recorded_dance_jerks_hardly_more_than_it_must(data_dir: Path) -> None:
    """Least squares over all frames between gives 1.6 times the jerk of 30 fps, whatever it knows of the future."""
    assert data_dir.is_dir()
    clip = sources.load("cmu").test[0].positions[:600]
    assert jerk([recorded(clip, 60)], 60) <= 1.12 * jerk([_smoothest(clip)], 60)


def _smoothest(clip: F32) -> F32:
    """Frames at 60 fps with the least squared third differences that pass through those of a clip."""
    count = 2 * len(clip) - 1
    differences = np.diff(np.eye(count), n=3, axis=0)
    frames = np.zeros((count, clip[0].size))
    frames[::2] = clip.reshape(len(clip), -1)
    frames[1::2] = np.linalg.lstsq(differences[:, 1::2], -differences @ frames, rcond=None)[0]
    return frames.reshape(count, *clip.shape[1:]).astype(np.float32)


def _true(place: float) -> F32:
    return swinging(1, place)
