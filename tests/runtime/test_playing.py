"""One act gives way to another."""

from itertools import pairwise

import numpy as np
import pytest
from runtime.rig import BODY, START, Puppet, streamed, swinging

from engine.motion.ease import ease
from engine.runtime.clock import VirtualClock
from engine.runtime.playing import Playing
from engine.runtime.stream import Stream
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Quality
from engine.schema.show import Place

AWAY = 10.0


class Away(Puppet):
    """Sways ten metres further along x."""

    def tick(self) -> Frame:
        frame = super().tick()
        frame.pose.positions[..., 0] += AWAY
        frame.pose.root[:, 0] += AWAY
        return frame


def stream(*performers: int, act: type[Puppet] = Puppet, model: str = "stick") -> Stream:
    return streamed(act(VirtualClock(START), performers=performers or (1,), model=model))


def puppet(of: Stream) -> Puppet:
    assert isinstance(of.act, Puppet)
    return of.act


def opened(*performers: int) -> Playing:
    return Playing(stream(*performers), BODY, 30)


def run(playing: Playing, frames: int, *, hold: bool = False) -> list[Frame]:
    return [playing.frame(number, 40 * number, hold=hold) for number in range(frames)]


def x(frame: Frame, performer: int = 1) -> float:
    """How far along x the hips of a performer are from where they sway in the first act."""
    row = frame.performers.index(performer)
    return float(frame.pose.root[row, 0])


def test_a_lone_stream_passes_untouched() -> None:
    playing = opened(1, 3)
    frames = run(playing, 5)
    assert [frame.pose for frame in frames] == [frame.pose for frame in puppet(playing.stream).frames]
    assert (playing.model, playing.provider, playing.performers) == ("stick", "stick's strings", (1, 3))
    assert playing.settled
    assert np.array_equal(playing.roots[3], frames[-1].pose.root[1])


@pytest.mark.parametrize("curve", ["linear", "smooth", "in", "out"])
def test_a_change_goes_along_its_curve_and_ends_with_the_new_act_alone(curve: str) -> None:
    playing, new = opened(), stream(act=Away, model="away")
    old = playing.stream
    run(playing, 30)
    playing.change(new, 0.5, curve)  # type: ignore[arg-type]
    assert playing.model == "away"
    frames = run(playing, 20)
    for age, frame in enumerate(frames, 1):
        share = ease(curve, age / 15)  # type: ignore[arg-type]
        one, two = swinging(1, 29 + age)[0, 0], swinging(1, age - 1)[0, 0] + AWAY
        assert x(frame) == pytest.approx((1 - share) * one + share * two, abs=1e-4)
    assert [frame.pose for frame in frames[14:]] == [frame.pose for frame in puppet(new).frames[14:]]
    assert list(playing.out) == [old]
    assert (len(puppet(old).frames), playing.changes) == (44, 1)


def test_bones_keep_their_lengths_on_the_way() -> None:
    playing = opened()
    run(playing, 3)
    playing.change(stream(act=Away), 1.0)
    for frame in run(playing, 30):
        bone: F32 = frame.pose.positions[0, 1] - frame.pose.positions[0, 0]
        assert np.linalg.norm(bone) == pytest.approx(0.6, abs=1e-3)


def test_a_change_at_once_is_one() -> None:
    playing, new = opened(), stream(act=Away)
    (last,) = run(playing, 1)
    old = playing.stream
    playing.change(new, 0.0)
    assert list(playing.out) == [old]
    assert x(run(playing, 1)[0]) == pytest.approx(x(last) + AWAY)


def test_before_the_first_frame_nothing_is_faded() -> None:
    playing = opened()
    playing.change(stream(act=Away), 2.0)
    assert len(playing.out) == 1
    assert x(run(playing, 1)[0]) > AWAY


def test_who_is_in_one_act_alone_is_shown_as_there() -> None:
    playing, new = opened(1, 2), stream(2, 3, act=Away)
    run(playing, 10)
    playing.change(new, 1.0)
    frames = run(playing, 29)
    for age, frame in enumerate(frames):
        assert frame.performers == (1, 2, 3)
        assert len(frame.quality) == 3
        assert np.array_equal(frame.pose.positions[0], swinging(1, 10 + age))
        assert x(frame, 3) == pytest.approx(swinging(3, age)[0, 0] + AWAY)
        assert x(frame, 3) - x(frame, 2) > 0
    assert playing.performers == (2, 3)
    assert not playing.settled
    assert run(playing, 1)[0].performers == (2, 3)
    assert playing.settled


def test_a_change_in_the_middle_of_another_fades_from_the_picture_as_it_stands() -> None:
    playing, second, third = opened(), stream(act=Away), stream(act=Away)
    first = playing.stream
    run(playing, 3)
    playing.change(second, 1.0, "linear")
    still = run(playing, 15)[-1]
    playing.change(third, 1.0, "linear")
    assert list(playing.out) == [first, second]
    frames = run(playing, 30)
    assert len(puppet(first).frames) == 18
    assert len(puppet(second).frames) == 15
    steps = np.abs(np.diff([x(frame) for frame in (still, *frames)]))
    assert steps.max() < AWAY / 30 + 0.1
    assert x(frames[-1]) == pytest.approx(swinging(1, 29)[0, 0] + AWAY)
    assert list(playing.out) == [first, second]


def test_quality_is_that_of_the_new_act() -> None:
    playing, new = opened(), stream(act=Away)
    puppet(playing.stream).again = {1: 4}
    puppet(new).again = {1: 2}
    run(playing, 3)
    playing.change(new, 1.0)
    assert [frame.quality for frame in run(playing, 4)] == [(flag,) for flag in (0, 0, Quality.PRIMED, 0)]


def test_a_hold_shows_the_last_picture_and_steps_nobody() -> None:
    playing = opened(1, 2)
    puppet(playing.stream).again = {1: 2}
    last = run(playing, 3)[-1]
    frames = run(playing, 5, hold=True)
    assert [(frame.sequence, frame.milliseconds) for frame in frames] == [(number, 40 * number) for number in range(5)]
    assert all(frame.pose is last.pose for frame in frames)
    assert all(frame.quality == (Quality.HELD, Quality.HELD) for frame in frames)
    assert len(puppet(playing.stream).frames) == 3
    assert run(playing, 1)[0].quality == (Quality.GOOD, Quality.GOOD)


def test_the_first_frame_cannot_be_held() -> None:
    playing = opened()
    assert run(playing, 2, hold=True)[1].quality == (Quality.HELD,)
    assert len(puppet(playing.stream).frames) == 1


def test_who_leaves_is_gone_from_a_picture_that_is_held_or_fades() -> None:
    playing = opened(1, 2)
    run(playing, 2)
    playing.leave(1)
    (held,) = run(playing, 1, hold=True)
    assert held.performers == (2,)
    assert x(held, 2) == pytest.approx(swinging(2, 1)[0, 0])
    playing.change(stream(2), 1.0)
    playing.leave(2)
    assert run(playing, 1)[0].performers == ()


def test_a_change_while_the_show_holds_fades_from_what_is_held() -> None:
    playing = opened()
    run(playing, 2)
    (held,) = run(playing, 1, hold=True)
    playing.change(stream(act=Away), 1.0, "linear")
    assert run(playing, 5, hold=True)[-1].pose is held.pose
    frames = run(playing, 30)
    assert x(frames[0]) == pytest.approx(x(held) + AWAY / 30, abs=0.05)
    assert all(x(before) < x(after) for before, after in pairwise(frames[:25]))


def test_those_who_play_are_told_in_both_acts() -> None:
    playing, new = opened(1, 2), stream(1, 2)
    old = playing.stream
    run(playing, 2)
    playing.change(new, 1.0)
    controls = Controls(temperature=0.3)
    playing.steer(1, controls)
    playing.move(2, Place(3.0))
    playing.reseed(1, 9)
    playing.start(2)
    playing.join(4, seed=7, place=Place(), controls=controls)
    playing.leave(1)
    both: list[tuple[object, ...]] = [("steer", 1, controls), ("move", 2, Place(3.0))]
    assert puppet(old).told == both
    assert puppet(new).told == [*both, ("reseed", 1, 9), ("start", 2, None)]
    assert puppet(old).performers == puppet(new).performers == (2, 4)
    with pytest.raises(ValueError, match="performer 5 does not play"):
        playing.move(5, Place())


def test_who_has_no_room_in_the_old_act_comes_on_in_the_new_one() -> None:
    class Full(Puppet):
        def join(self, number: int, **_: object) -> None:
            raise ValueError(f"no room for {number}")

    playing = Playing(stream(act=Full), BODY, 30)
    run(playing, 1)
    playing.change(stream(), 1.0)
    playing.join(2, seed=None, place=Place(), controls=Controls())
    assert run(playing, 1)[0].performers == (1, 2)


def test_room_is_made_and_moments_are_recalled_in_the_act_that_takes_over() -> None:
    playing, new = opened(), stream()
    run(playing, 1)
    playing.change(new, 1.0)
    playing.reserve(3)
    playing.recall(2, 5)
    assert [number for number, _ in puppet(new).reserved] == [3]
    assert puppet(new).told == [("recall", 2, 5)]


def test_the_speed_goes_along() -> None:
    playing, new, last = opened(), stream(), stream()
    run(playing, 1)
    playing.pace(2.0)
    playing.change(new, 1.0)
    run(playing, 3)
    assert len(puppet(new).frames) == 5
    playing.pace(4.0)
    playing.change(last, 0.0)
    assert last.cadence.speed == 4.0


def test_counters_are_those_of_this_show_alone() -> None:
    playing, new = opened(), stream()
    for _ in range(50):
        puppet(new).tick()
    run(playing, 10)
    playing.change(new, 0.5)
    run(playing, 20)
    assert playing.counters.frames == 10 + 14 + 20
    assert playing.counters.guarded == 1
    playing.out.clear()
    assert playing.counters.frames == 44


def test_closing_closes_everything() -> None:
    playing, new = opened(), stream()
    old = playing.stream
    run(playing, 1)
    playing.change(new, 0.0)
    playing.close()
    assert puppet(old).closed == puppet(new).closed == 1


def test_a_stream_that_begins_anew_plays_the_same_again() -> None:
    again = streamed(Puppet(VirtualClock(START)), fps=50)
    first = [again.frame(number, 0).pose.positions.copy() for number in range(40)]
    again.restart()
    assert puppet(again).performers == ()
    puppet(again).performers = (1,)
    second = [again.frame(number, 0).pose.positions.copy() for number in range(40)]
    assert np.array_equal(first, second)


def smoothed(playing: Playing, frames: int, smooth: float) -> F32:
    """(T, 2, 3) what is shown of the first performer."""
    every = (playing.frame(number, 40 * number, hold=False, smooth=smooth) for number in range(frames))
    return np.array([frame.pose.positions[0].copy() for frame in every])


def test_what_is_smoothed_begins_with_its_stream_whatever_was_before() -> None:
    """After the fade nothing is left of the earlier stream, to the last bit, and on the way nothing jumps."""
    ways = []
    for frames, smooth in ((10, 0.5), (47, 5.0)):
        playing = opened()
        before = smoothed(playing, frames, smooth)
        playing.change(stream(), 1.0)
        ways.append(smoothed(playing, 60, 0.5))
        whole = np.concatenate((before[-1:], ways[-1]))
        assert np.linalg.norm(np.diff(whole, axis=0), axis=-1).max() < 0.1
    assert np.array_equal(ways[0][30:], ways[1][30:])
    assert not np.array_equal(ways[0][:29], ways[1][:29])


def test_a_still_is_not_painted_over_by_the_filter_of_the_stream_that_follows() -> None:
    playing = opened()
    smoothed(playing, 10, 0.5)
    last = playing.frame(10, 400, hold=True)
    still = last.pose.positions.copy()
    playing.change(stream(act=Away), 100.0)
    for _ in range(3):
        shown = playing.frame(11, 440, hold=False, smooth=0.5)
    assert np.allclose(shown.pose.positions, still, atol=0.01)
