"""Many who play side by side: who comes and goes, and whose numbers are whose."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from acts import CONTROLS, EVERYBODY, Stage, onnx_act, path, still, ticks

from engine.act import Act
from engine.contracts import Counters
from engine.guard import NUDGE_AFTER, WINDOW
from engine.sampling.noise import pick
from engine.schema.controls import Controls
from engine.schema.frame import F32, Frame, Quality
from engine.schema.model import HeadKind
from engine.schema.show import Place
from engine.troupe import NUDGE


def coming_and_going(act: Act) -> list[Frame]:
    """1 and 2 all the time; 3 from frame 20 to 60 and again from 80; 8 from 40 to 70."""
    frames: list[Frame] = []
    for count in range(100):
        if count == 10:
            act.reserve(8)
        if count in (20, 80):
            act.join(3)
        if count == 40:
            act.join(8)
        if count in (60, 70):
            act.leave({60: 3, 70: 8}[count])
        frames += ticks(act, 1)
    return frames


def test_who_comes_and_goes_does_not_disturb_the_others() -> None:
    alone = Stage(batch=2, performers=(1, 2)).play(100)
    stage = Stage(batch=2, performers=(1, 2))
    frames = coming_and_going(stage.act)
    assert [frame.sequence for frame in frames] == list(range(100))
    assert [frame.performers for frame in frames[15:90:10]] == [
        *((1, 2), (1, 2, 3), (1, 2, 3), (1, 2, 3, 8), (1, 2, 3, 8), (1, 2, 8), (1, 2), (1, 2, 3))
    ]
    for frame in frames:
        count = len(frame.performers)
        assert frame.pose.positions.shape == (count, 4, 3)
        assert frame.pose.root.shape == (count, 7)
        assert frame.quality == (Quality.GOOD,) * count
    for number in (1, 2):
        np.testing.assert_array_equal(path(frames, number), path(alone, number))
    assert stage.act.counters == Counters(frames=100)


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_a_network_s_performers_go_on_when_its_batch_grows(tmp_path: Path, kind: HeadKind) -> None:
    """Sums of other batches are rounded otherwise, and a closed loop makes a little more of it."""
    frames = coming_and_going(onnx_act(tmp_path, kind))
    for batch in (2, 8):
        act = onnx_act(tmp_path, kind, batch=batch)
        expected = ticks(act, 100)
        for number in (1, 2):
            np.testing.assert_allclose(path(frames, number), path(expected, number), atol=1e-4)


def test_a_number_and_a_seed_stand_for_a_dance() -> None:
    """Whoever else plays, and in whatever batch."""
    many, few = Stage(performers=()), Stage(batch=8, performers=())
    for number in EVERYBODY:
        many.act.join(number, seed=100 + number)
    few.act.join(2, seed=102)
    found, expected = many.play(50), few.play(50)
    np.testing.assert_array_equal(path(found, 2), path(expected, 2))


def test_seeds_of_their_own_make_other_dances() -> None:
    stage, plain = Stage(performers=(1, 2)), Stage()
    stage.act.join(3, seed=8)
    found, expected = stage.play(30), plain.play(30)
    np.testing.assert_array_equal(path(found, 1), path(expected, 1))
    assert not np.array_equal(path(found, 3), path(expected, 3))
    own = Stage(performers=(1, 2))
    own.act.join(3, seed=7)
    np.testing.assert_array_equal(path(own.play(30), 3), path(expected, 3))  # the act's seed, said aloud


def test_a_performer_s_seed_chooses_where_it_starts() -> None:
    stage = Stage(performers=())
    seeds = (3, 4, 5)
    for number, seed in zip(EVERYBODY, seeds, strict=True):
        stage.act.join(number, seed=seed)
    chosen = [pick(seed, 0, row, 4) for row, seed in enumerate(seeds)]
    np.testing.assert_array_equal(stage.model.state()[0], stage.primes.states[0][chosen])


def test_performers_play_with_controls_of_their_own() -> None:
    stage, other = (Stage(seed=seed, sigma=0.5, clips=still()) for seed in (7, 8))
    for act in (stage.act, other.act):
        act.steer(1, Controls(temperature=0.0))
        assert act.controls(1) == Controls(temperature=0.0)
        assert act.controls(2) == CONTROLS
    found, expected = (ticks(one.act, 20) for one in (stage, other))
    np.testing.assert_array_equal(path(found, 1), path(expected, 1))  # no noise, so no seed
    assert not np.array_equal(path(found, 2), path(expected, 2))
    assert stage.family.controls[-1] == (Controls(temperature=0.0), CONTROLS, CONTROLS)


def test_a_nudge_multiplies_the_performer_s_own_temperature() -> None:
    def samples(freeze_speed: float) -> F32:
        stage = Stage(sigma=1e-3, memory=1.0, clips=still(), freeze_speed=freeze_speed)
        for number, temperature in zip(EVERYBODY, (0.5, 1.0, 1.5), strict=True):
            stage.act.steer(number, Controls(temperature=temperature))
        for _ in range(round((WINDOW + NUDGE_AFTER) * tiny.FPS) + 1):
            stage.act.tick()
        return stage.family.samples[-1]

    np.testing.assert_allclose(samples(0.05), NUDGE * samples(0.0), rtol=1e-5)


def test_an_empty_row_is_not_played() -> None:
    stage = Stage(batch=8, performers=(1, 5), broken=[(5, 2)])
    frames = stage.play(20)
    assert stage.family.controls[-1] == (CONTROLS, None, None, None, CONTROLS, None, None, None)
    assert stage.act.counters == Counters(frames=20)  # a broken row is nobody's
    stage.act.join(3)
    assert stage.play(10)[-1].quality == (Quality.GOOD,) * 3
    assert np.isfinite(path(frames, 5)).all()


def test_a_broken_performer_disturbs_nobody_beside_holes_and_newcomers() -> None:
    runs: list[list[Frame]] = []
    for broken in ([(n, 4) for n in range(10, 80)], []):
        stage = Stage(batch=2, performers=(1,), broken=broken)
        stage.act.reserve(8)
        frames = stage.play(5)
        stage.act.join(5)
        frames += stage.play(20)
        stage.act.join(3)
        frames += stage.play(20)
        stage.act.leave(5)
        runs.append(frames + stage.play(20))
    assert any(frame.quality[-1] & Quality.GUARDED for frame in runs[0][5:45])
    for number in (1, 3):
        np.testing.assert_array_equal(path(runs[0], number), path(runs[1], number))


def test_who_joins_again_starts_afresh() -> None:
    """As somebody who joins for the first time in the same frame, even if that frame is broken."""
    stage, fresh = Stage(broken=[(29, 2), (35, 2)]), Stage(broken=[(35, 2)], performers=(1, 2))
    stage.act.move(3, Place(x=3.0))
    stage.play(30)
    stage.act.leave(3)
    stage.play(5)
    fresh.play(35)
    for act in (stage.act, fresh.act):
        act.join(3)
    np.testing.assert_array_equal(path(stage.play(30), 3), path(fresh.play(30), 3))


def test_everybody_may_go_and_come_back() -> None:
    stage = Stage(performers=(1,))
    stage.play(3)
    steps = len(stage.family.samples)
    stage.act.leave(1)
    frames = stage.play(4)
    assert len(stage.family.samples) == steps  # no step is made for nobody
    assert [frame.sequence for frame in frames] == [3, 4, 5, 6]
    assert all(frame.performers == frame.quality == () for frame in frames)
    assert frames[0].pose.positions.shape == (0, 4, 3)
    assert frames[0].pose.root.shape == (0, 7)
    stage.act.join(2)
    assert stage.play(1)[0].performers == (2,)


def test_nobody_at_all_may_play() -> None:
    frame = Stage(performers=()).play(1)[0]
    assert frame.pose.positions.shape == (0, 4, 3)
    assert frame.performers == ()


def test_a_place_moves_a_body_and_nothing_else() -> None:
    stage, plain = Stage(performers=(1,)), Stage(performers=(1,))
    stage.act.join(2, place=Place(x=2.0, z=-1.0, heading=90.0))
    plain.act.join(2)
    for place in (Place(x=2.0, z=-1.0, heading=90.0), Place(x=-4.0)):
        stage.act.move(2, place)
        found, expected = stage.play(10)[-1].pose, plain.play(10)[-1].pose
        np.testing.assert_array_equal(found.positions[0], expected.positions[0])
        body = expected.positions[1]
        turned = np.stack([body[:, 2], body[:, 1], -body[:, 0]], -1) if place.heading else body
        np.testing.assert_allclose(found.positions[1], turned + np.array((place.x, 0, place.z)), atol=1e-6)
        np.testing.assert_allclose(found.root[1, [0, 2]], found.positions[1, 0, [0, 2]], atol=1e-6)
    assert stage.act.counters == Counters(frames=20)  # being moved is no leap that a guard would stop


def test_numbers_that_cannot_join_or_leave_are_refused() -> None:
    act = Stage(batch=2, performers=(1,)).act
    for number, reason in ((1, "plays already"), (3, "expected 1 to 2"), (0, "expected 1"), (-1, "expected 1")):
        with pytest.raises(ValueError, match=f"performer {number}.*{reason}"):
            act.join(number)
    for refused in (act.leave, act.controls):
        with pytest.raises(ValueError, match="performer 2 does not play"):
            refused(2)
    with pytest.raises(ValueError, match="performer 2 does not play"):
        act.move(2, Place())
    with pytest.raises(ValueError, match="performer 2 does not play"):
        act.steer(2, CONTROLS)
    with pytest.raises(ValueError, match="performer 9; expected 1 to 8"):
        act.reserve(9)
    act.reserve(3)
    act.join(4)  # a batch of four was made
    assert act.performers == (1, 4)
