from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny
from acts import CONTROLS, EVERYBODY, PERFORMERS, Stage, data, onnx_act, path, play, still, ticks

from engine.act import Act
from engine.contracts import Counters
from engine.guard import NUDGE_AFTER, PRIME_AFTER, WINDOW
from engine.inference.scripted import ScriptedModel
from engine.motion.places import LASTING
from engine.priming import Primes, warm
from engine.sampling.noise import pick
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Frame, Quality
from engine.schema.model import HeadKind
from engine.schema.show import Place
from engine.troupe import NUDGE

SPEC = tiny.scripted_spec()


def test_a_frame_stays_as_it_is_for_some_ticks_and_then_its_arrays_are_taken_again() -> None:
    stage = Stage()
    stage.play(41)
    frame = stage.act.tick()
    assert (frame.sequence, frame.milliseconds) == (41, 1367)
    assert frame.performers == EVERYBODY
    assert frame.quality == (Quality.GOOD,) * PERFORMERS
    assert frame.pose.positions.shape == (PERFORMERS, 4, 3)
    before = data([frame])
    stage.play(LASTING)
    assert data([frame]) == before
    assert stage.act.tick().pose.positions is frame.pose.positions


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_the_same_seed_gives_the_same_bytes(kind: HeadKind) -> None:
    runs = [data(Stage(seed=seed, broken=[(40, 1)], kind=kind).play(100)) for seed in (7, 7, 8)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_the_same_seed_gives_the_same_bytes_on_onnx_runtime(tmp_path: Path, kind: HeadKind) -> None:
    controls = Controls(temperature=0.5, top_p=0.9)
    acts = [onnx_act(tmp_path, kind, seed) for seed in (7, 7, 8)]
    runs = [data(play(act, 60, controls)) for act in acts]
    assert runs[0] == runs[1] != runs[2]


def test_a_lazy_and_a_full_head_play_the_same(tmp_path: Path) -> None:
    """Both choose by the same rule, so one network exported both ways plays the same up to rounding."""
    controls = Controls(temperature=0.7, pi_temperature=1.5, sigma=0.5, top_p=0.8)
    full, lazy = onnx_act(tmp_path, "mdn"), onnx_act(tmp_path, "mdn-lazy")
    for one, other in zip(play(full, 30, controls), play(lazy, 30, controls), strict=True):
        np.testing.assert_allclose(one.pose.positions, other.pose.positions, atol=1e-5)


def test_every_performer_starts_from_a_prime_that_the_seed_chose() -> None:
    stage = Stage(seed=11)
    chosen = [pick(11, 0, row, 4) for row in range(PERFORMERS)]
    np.testing.assert_array_equal(stage.model.state()[0], stage.primes.states[0][chosen])
    assert stage.family.blends == [(row, 0) for row in range(PERFORMERS)]
    assert stage.act.counters == Counters()


def test_an_injected_nan_is_gone_within_0_4_s() -> None:
    at, row = 30, 1
    stage = Stage(broken=[(at, row)])
    frames = stage.play(90)
    assert all(np.isfinite(frame.pose.positions).all() and np.isfinite(frame.pose.root).all() for frame in frames)
    assert frames[at].quality == (Quality.GOOD, Quality.GUARDED | Quality.PRIMED, Quality.GOOD)
    np.testing.assert_array_equal(frames[at].pose.positions[row], frames[at - 1].pose.positions[row])
    recovered = at + int(0.4 * tiny.FPS)
    assert all(frame.quality == (Quality.GOOD,) * PERFORMERS for frame in frames[recovered:])
    steps = [
        np.abs(np.diff([f.pose.positions[row, 0] for f in frames[n : n + 5]], axis=0)).max() for n in (10, recovered)
    ]
    assert steps[1] > 0.2 * steps[0]
    assert stage.family.blends[-1] == (row, 15)
    assert stage.act.counters == Counters(frames=90, guarded=1, nudged=0, primed=1)


def test_without_a_fresh_state_the_nan_would_have_stayed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(broken=[(30, 1)])
    monkeypatch.setattr(stage.model, "put", lambda *_: None)
    assert all(frame.quality[1] & Quality.GUARDED for frame in stage.play(60)[30:])


def test_the_other_performers_do_not_notice() -> None:
    with_nan = [frame.pose.positions[[0, 2]] for frame in Stage(broken=[(5, 1)]).play(40)]
    np.testing.assert_array_equal(with_nan, [frame.pose.positions[[0, 2]] for frame in Stage().play(40)])


def test_a_model_that_breaks_at_once_shows_its_prime() -> None:
    stage = Stage(broken=[(0, 0)])
    frame = stage.play(1)[0]
    chosen = pick(7, 0, 0, 4)
    np.testing.assert_array_equal(frame.pose.positions[0], stage.primes.clips[chosen, -1])
    assert stage.play(1)[0].quality[0] == Quality.GOOD


def test_a_row_that_is_always_broken_never_leaks() -> None:
    stage = Stage(broken=[(n, 2) for n in range(100)])
    frames = stage.play(100)
    assert all(np.isfinite(frame.pose.positions).all() for frame in frames)
    assert stage.act.counters.guarded == 100


def test_a_frozen_performer_gets_more_temperature_and_then_another_start() -> None:
    freezing = Stage(sigma=1e-3, memory=1.0, clips=still(), freeze_speed=0.05)
    calm = Stage(sigma=1e-3, memory=1.0, clips=still())
    frames = freezing.play(180)
    calm.play(180)
    nudged_from = round((WINDOW + NUDGE_AFTER) * tiny.FPS)
    primed_at = round((WINDOW + PRIME_AFTER) * tiny.FPS) - 1
    nudged = [bool(frame.quality[0] & Quality.NUDGED) for frame in frames]
    assert nudged == [nudged_from <= n <= primed_at for n in range(180)]
    for n in range(180):
        scale = NUDGE if nudged[n] else 1.0
        np.testing.assert_allclose(freezing.family.samples[n], calm.family.samples[n] * scale, rtol=1e-5)
    assert [n for n, frame in enumerate(frames) if frame.quality[0] & Quality.PRIMED] == [primed_at]
    assert freezing.act.counters == Counters(
        frames=180, guarded=0, nudged=PERFORMERS * (primed_at - nudged_from + 1), primed=PERFORMERS
    )
    assert calm.act.counters == Counters(frames=180)


def test_temperature_zero_takes_the_noise_away() -> None:
    cold = Controls(temperature=0.0)
    assert data(Stage(seed=7, sigma=0.5, clips=still()).play(20, cold)) == data(
        Stage(seed=8, sigma=0.1, clips=still()).play(20, cold)
    )


def test_a_batch_that_the_family_cannot_hold_is_refused() -> None:
    stage = Stage()
    with pytest.raises(ValueError, match="batch of 16 for 8"):
        Act(ScriptedModel(SPEC, 16), stage.family, seed=1, primes=stage.primes, freeze_speed=0.0)


def test_more_performers_than_the_batch_has_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="performer 4; expected 1 to 3"):
        Stage(performers=(1, 4))


def test_a_model_without_a_body_is_refused() -> None:
    spec = tiny.other(SPEC, skeleton=None)
    family = tiny.TinyFamily(spec, 1)
    primes = Primes(tiny.clips(), (np.zeros((4, tiny.DIMS), np.float32),))
    with pytest.raises(ModelError, match="skeleton"):
        Act(ScriptedModel(spec, 1), family, seed=1, primes=primes, freeze_speed=0.0)


def test_a_warmed_start_goes_on_where_the_clip_ends() -> None:
    """The clip's last step is what the family feeds back, so the model must not have seen it yet."""
    clips = tiny.clips(count=2, length=6)
    family = tiny.TinyFamily(SPEC, 2)
    primes = warm(lambda batch: ScriptedModel(SPEC, batch), family, clips)
    model, ones = ScriptedModel(SPEC, 2), np.ones(2, np.float32)
    steps = np.stack([family.features(clip) for clip in clips], axis=1)
    for x in steps:
        expected = model.step(x, ones * 0, ones, ones).mu
    other, x = ScriptedModel(SPEC, 2), np.zeros((2, tiny.FEATURES), np.float32)
    for row in range(2):
        other.put(row, primes.states, row)
        family.place(row, clips[row], 0)
    family.encode(x, [CONTROLS] * 2)
    np.testing.assert_allclose(other.step(x, ones * 0, ones, ones).mu, expected)


@pytest.mark.parametrize("shape", [(2, 6, 4), (0, 6, 4, 3), (2, 2, 4, 3), (2, 6, 4, 2)])
def test_clips_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="primes: an array"):
        warm(lambda batch: ScriptedModel(SPEC, batch), tiny.TinyFamily(SPEC, 1), np.zeros(shape, np.float32))


def test_clips_with_holes_are_refused() -> None:
    clips = tiny.clips()
    clips[1, 2] = np.nan
    with pytest.raises(ModelError, match="NaN or inf"):
        warm(lambda batch: ScriptedModel(SPEC, batch), tiny.TinyFamily(SPEC, 1), clips)


def test_the_model_that_saw_the_clips_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(ScriptedModel, "close", lambda model: closed.append(model.batch))
    warm(lambda batch: ScriptedModel(SPEC, batch), tiny.TinyFamily(SPEC, 1), tiny.clips(count=5))
    assert closed == [5]


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


def test_an_act_is_reserved_by_others_while_it_plays(tmp_path: Path) -> None:
    act, quiet = onnx_act(tmp_path, "mdn-lazy"), onnx_act(tmp_path, "mdn-lazy")
    with ThreadPoolExecutor(3) as pool:
        reserved = [pool.submit(act.reserve, number) for number in (3, 8, 5)]
        frames = ticks(act, 100)
        for each in reserved:
            each.result()
    assert data(frames) == data(ticks(quiet, 100))
    act.join(8)
    assert act.tick().performers == (1, 2, 8)


def test_a_model_is_closed_in_all_its_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(batch=1, performers=(1,))
    for number in (2, 2, 7):
        stage.act.reserve(number)
    closed: list[int] = []
    monkeypatch.setattr(ScriptedModel, "close", lambda model: closed.append(model.batch))
    stage.act.close()
    assert closed == [1, 2, 8]


def test_a_batch_is_no_larger_than_it_must_be() -> None:
    stage = Stage(batch=1, performers=(1,))
    stage.act.reserve(2)
    stage.act.reserve(8)
    sizes = []
    for change, number in (("join", 2), ("join", 5), ("leave", 2), ("leave", 5), ("join", 8), ("leave", 1)):
        getattr(stage.act, change)(number)
        stage.act.tick()
        sizes.append(len(stage.family.samples[-1]))
    assert sizes == [2, 8, 8, 1, 8, 8]
