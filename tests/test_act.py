from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny
from acts import CONTROLS, EVERYBODY, PERFORMERS, Stage, data, onnx_act, play, still, ticks

from engine.act import Act
from engine.contracts import Counters
from engine.guard import NUDGE_AFTER, PRIME_AFTER, WINDOW
from engine.inference.scripted import ScriptedModel
from engine.motion.places import LASTING
from engine.priming import Primes, warm
from engine.sampling.noise import pick
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import Quality
from engine.schema.model import HeadKind
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
