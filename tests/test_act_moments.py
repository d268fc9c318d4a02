"""Performers that start from a moment, and that stand where another body stood."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny
from acts import PERFORMERS, Dancer, Stage, data, onnx_act, path, ticks

from engine.act import BLEND
from engine.contracts import Counters
from engine.inference.onnx_model import OnnxModel
from engine.inference.scripted import ScriptedModel
from engine.priming import SHORTEST, Primes, warm
from engine.sampling.noise import pick
from engine.schema.controls import Controls
from engine.schema.frame import Quality
from engine.schema.show import Place

FRAMES = round(BLEND * tiny.FPS)


def test_the_end_of_a_clip_is_remembered_as_it_was_seen() -> None:
    stage = Stage()
    assert stage.act.clips == 4
    for frame in (None, 11, 99):
        moment = stage.act.recall(2, frame)
        np.testing.assert_array_equal(moment.clip, stage.primes.clips[2])
        np.testing.assert_array_equal(moment.states[0][moment.row], stage.primes.states[0][2])


@pytest.mark.parametrize(("clip", "frame", "end"), [(1, 6, 6), (1, 2, 2), (1, 0, 2), (1, -5, 2), (-1, 6, 6), (9, 6, 6)])
def test_a_moment_is_what_a_model_remembers_that_saw_the_clip_up_to_there(
    tmp_path: Path, clip: int, frame: int, end: int
) -> None:
    act = onnx_act(tmp_path, "mdn-lazy")
    loaded = tiny.lstm(tmp_path)
    clips = tiny.clips()
    chosen = min(max(clip, 0), len(clips) - 1)
    family = tiny.TinyFamily(loaded.spec, 1)
    expected = warm(lambda batch: OnnxModel(loaded, batch), family, clips[[chosen], : end + 1])
    act.recall(3, 8)  # nothing is left of what was asked before
    moment = act.recall(clip, frame)
    np.testing.assert_array_equal(moment.clip, clips[chosen, : end + 1])
    assert len(moment.clip) >= SHORTEST
    for found, state in zip(moment.states, expected.states, strict=True):
        np.testing.assert_array_equal(found[:, moment.row], state[:, 0])


def test_moments_are_recalled_by_others_while_it_plays(tmp_path: Path) -> None:
    act, quiet = onnx_act(tmp_path, "mdn-lazy"), onnx_act(tmp_path, "mdn-lazy")
    asked = [(clip, frame) for frame in range(2, 12) for clip in range(4)]
    with ThreadPoolExecutor(3) as pool:
        found = [pool.submit(act.recall, *each) for each in asked]
        frames = ticks(act, 200)
    assert data(frames) == data(ticks(quiet, 200))
    for each, moment in zip(asked, found, strict=True):
        for one, other in zip(moment.result().states, quiet.recall(*each).states, strict=True):
            np.testing.assert_array_equal(one[:, moment.result().row], other[:, quiet.recall(*each).row])


def test_the_model_that_recalls_is_closed_with_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    closed: list[int] = []
    monkeypatch.setattr(ScriptedModel, "close", lambda model: closed.append(model.batch))
    stage.act.recall(0, 5)
    stage.act.recall(1, 5)
    stage.act.close()
    assert sorted(closed) == [1, PERFORMERS]


def test_a_performer_plays_on_from_a_moment() -> None:
    stage, plain = Stage(), Stage()
    stage.play(10), plain.play(10)
    moment = stage.act.recall(3, 7)
    stage.act.start(2, moment)
    np.testing.assert_array_equal(stage.model.state()[0][1], moment.states[0][moment.row])
    assert stage.family.blends[-1] == (1, FRAMES)
    x = np.zeros((PERFORMERS, tiny.FEATURES), np.float32)
    stage.family.encode(x, [None] * PERFORMERS)
    np.testing.assert_array_equal(x[1], stage.family.features(moment.clip)[-1])
    found, expected = stage.play(20), plain.play(20)
    assert [frame.quality[1] for frame in found[:3]] == [Quality.PRIMED, Quality.GOOD, Quality.GOOD]
    assert stage.act.counters == Counters(frames=30, primed=1)
    for number in (1, 3):
        np.testing.assert_array_equal(path(found, number), path(expected, number))


def test_without_a_moment_the_seed_and_the_frame_choose_one() -> None:
    stage = Stage()
    stage.play(10)
    stage.act.start(3)
    chosen = pick(7, 10, 2, 4)
    np.testing.assert_array_equal(stage.model.state()[0][2], stage.primes.states[0][chosen])


def test_a_start_is_told_beside_what_else_happens() -> None:
    stage = Stage(broken=[(10, 1)])
    stage.play(10)
    stage.act.start(2)
    assert stage.play(1)[0].quality[1] == Quality.GUARDED | Quality.PRIMED
    stage.act.start(2)
    stage.act.leave(2)
    stage.act.join(2)
    assert stage.play(1)[0].quality[1] == Quality.GOOD  # who comes anew was not started


def test_who_joins_may_start_from_a_moment() -> None:
    stage = Stage(performers=(1,))
    moment = stage.act.recall(1, 4)
    stage.act.join(3, moment=moment)
    np.testing.assert_array_equal(stage.model.state()[0][2], moment.states[0][0])
    frame = stage.play(1)[0]
    assert frame.quality == (Quality.GOOD, Quality.GOOD)
    assert stage.act.counters == Counters(frames=1)


def test_a_dancer_goes_over_to_a_moment_without_a_leap() -> None:
    dancer = Dancer()
    frames = ticks(dancer.act, 30)
    moment = dancer.act.recall(5, 33)
    dancer.act.start(1, moment)
    np.testing.assert_allclose(dancer.fed_back()[0], dancer.family.features(moment.clip)[-1], atol=1e-6)
    frames += ticks(dancer.act, 30)
    assert [frame.quality[0] for frame in frames[29:32]] == [Quality.GOOD, Quality.PRIMED, Quality.GOOD]
    speeds = np.linalg.norm(np.diff(path(frames, 1), axis=0), axis=-1) * 30
    assert speeds[29:].max() < 12
    assert np.linalg.norm(np.diff(path(frames, 1)[29:31, 0], axis=0)) < 0.1


@pytest.mark.parametrize("played", [0, 45])
def test_a_dancer_goes_on_from_where_another_stands(played: int) -> None:
    """Whatever its own place is, be it new or on its way, and no guard takes it for a leap."""
    other, dancer = Dancer(), Dancer(performers=())
    for number, place in ((1, Place(x=2.0, z=-1.0, heading=90.0)), (2, Place(x=-0.5, heading=-200.0))):
        dancer.act.join(number, place=place)
    for _ in range(played):
        dancer.act.tick()
    other.act.move(1, Place(x=1.0, z=0.5, heading=-60.0))
    roots = ticks(other.act, 40)[-1].pose.root
    for row in range(2):
        dancer.act.stand(row + 1, roots[row])
    frame = dancer.act.tick()
    assert frame.quality == (Quality.GOOD, Quality.GOOD)
    np.testing.assert_allclose(frame.pose.root[:, :3], roots[:, :3], atol=0.15)
    assert (np.abs((frame.pose.root[:, 3:] * roots[:, 3:]).sum(1)) > np.cos(0.2)).all()  # one of them is spinning
    np.testing.assert_allclose(frame.pose.positions[:, 0, [0, 2]], roots[:, [0, 2]], atol=0.15)


def test_a_dancer_who_stands_elsewhere_keeps_the_stage_around_its_place() -> None:
    dancer = Dancer(performers=())
    place = Place(x=2.0, z=-1.0, heading=90.0)
    dancer.act.join(1, place=place, controls=Controls(radius=1.5))
    dancer.act.stand(1, np.array([2.0, 0, 2.5, 0, 0, 0, 1], np.float32))
    frames = ticks(dancer.act, 900)
    away = [np.hypot(frame.pose.root[0, 0] - place.x, frame.pose.root[0, 2] - place.z) for frame in frames]
    assert away[0] == pytest.approx(3.5, abs=0.15)
    assert min(away) < 1.5


def test_points_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a family may leave a body where it is; the guard is then no worse off."""
    stage, plain = Stage(), Stage()
    monkeypatch.setattr(stage.family, "stand", lambda *_: None)
    stage.play(10), plain.play(10)
    stage.act.stand(2, np.array([3, 0, 3, 0, 0, 0, 1], np.float32))
    assert data(stage.play(10)) == data(plain.play(10))


def test_a_moment_of_primes_is_a_row_of_them() -> None:
    clips = tiny.clips()
    primes = Primes(clips, (np.arange(12, dtype=np.float32).reshape(4, 3),))
    moment = primes.moment(2)
    np.testing.assert_array_equal(moment.clip, clips[2])
    np.testing.assert_array_equal(moment.states[0][moment.row], (6, 7, 8))
