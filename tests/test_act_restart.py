"""An act that begins anew is a new act."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from acts import Dancer, Stage, onnx_act, still, ticks

from engine.act import Act
from engine.guard import NUDGE_AFTER, PRIME_AFTER, WINDOW
from engine.schema.controls import Controls
from engine.schema.frame import Frame, Quality
from engine.schema.show import Place

BATCH = 4


def told(frames: Sequence[Frame]) -> list[tuple[object, ...]]:
    """All of the frames, to the last bit."""
    return [
        (frame.sequence, frame.milliseconds, frame.quality, frame.performers,
         frame.pose.positions.tobytes(), frame.pose.root.tobytes())
        for frame in frames
    ]  # fmt: skip


def night(act: Act, frames: int = 60) -> list[tuple[object, ...]]:
    """The same show every night: who comes when, and what is done to whom."""
    act.join(2, seed=5, place=Place(x=1.0, heading=30.0), controls=Controls(temperature=0.9, latent=(0.1, -0.05)))
    act.join(1)
    found = ticks(act, frames // 2)
    act.join(4, seed=2**40 + 1, controls=Controls(condition=1, pull=0.1))
    act.start(1)
    act.reseed(2, 99)
    found += ticks(act, frames // 2)
    return told(found)


def wear(act: Act) -> None:
    """Play another show: with everybody, steered, started, moved and made to stand somewhere else."""
    for number in (4, 3, 1, 2):
        act.join(number, seed=number + 40, place=Place(x=number, z=-1.0, heading=77.0))
    act.steer(1, Controls(temperature=1.7, pull=0.4, radius=0.5, footlock=0.2, latent=(0.3,)))
    for _ in range(40):
        act.tick()
    act.leave(3)
    act.start(4)
    act.stand(2, np.array([3, 0, 3, 0, 1, 0, 0], np.float32))
    act.move(1, Place(z=4.0))
    for _ in range(25):
        act.tick()
    act.start(2)


@pytest.fixture(params=["scripted", "network", "dancer"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Act]:
    makers: dict[str, Callable[[], Act]] = {
        "scripted": lambda: Stage(batch=BATCH, performers=()).act,
        "network": lambda: onnx_act(tmp_path, "mdn-lazy", batch=BATCH, performers=()),
        "dancer": lambda: Dancer(batch=BATCH, performers=()).act,
    }
    return makers[request.param]


def test_the_same_show_follows_as_in_a_new_act(make: Callable[[], Act]) -> None:
    worn, fresh = make(), make()
    expected = night(fresh)
    wear(worn)
    for _ in range(2):
        worn.restart()
        assert worn.performers == ()
        assert night(worn) == expected


def test_another_show_would_have_been_noticed(make: Callable[[], Act]) -> None:
    """Without a new beginning the noise is that of later frames."""
    worn, fresh = make(), make()
    worn.tick()
    assert [frame[4] for frame in night(worn)] != [frame[4] for frame in night(fresh)]


def test_what_a_guard_a_nudge_and_a_freeze_left_is_gone() -> None:
    """Broken rows, some to the very end; bodies that froze until they were nudged and started again."""
    long = round((WINDOW + max(NUDGE_AFTER, PRIME_AFTER)) * 30) + 30
    broken = [(step, row) for step in range(long - 20, long) for row in (0, 3)]
    frozen = {"sigma": 1e-3, "memory": 1.0, "clips": still(), "freeze_speed": 0.05}
    worn = Stage(batch=BATCH, performers=(1, 2, 3, 4), broken=broken, **frozen)  # type: ignore[arg-type]
    fresh = Stage(batch=BATCH, performers=(), **frozen)  # type: ignore[arg-type]
    seen = {quality for frame in worn.play(long) for quality in frame.quality}
    assert {Quality.NUDGED, Quality.GUARDED | Quality.PRIMED} <= seen
    worn.act.restart()
    assert night(worn.act, 2 * long) == night(fresh.act, 2 * long)


def test_a_row_that_broke_in_its_first_frame_shows_nothing_of_before() -> None:
    worn, fresh = Stage(batch=1, performers=(1,), broken=[(30, 0)]), Stage(batch=1, performers=(), broken=[(0, 0)])
    worn.play(30)
    worn.act.restart()
    for stage in (worn, fresh):
        stage.act.join(1)
    found, expected = worn.play(30), fresh.play(30)
    assert expected[0].quality == (Quality.GUARDED | Quality.PRIMED,)
    assert told(found) == told(expected)


def test_frames_are_numbered_anew_and_counters_go_on() -> None:
    stage = Stage(broken=[(4, 1)])
    stage.play(10)
    stage.act.restart()
    frame = stage.play(1)[0]
    assert (frame.sequence, frame.milliseconds, frame.performers) == (0, 0, ())
    stage.act.join(1)
    assert [(one.sequence, one.milliseconds) for one in stage.play(2)] == [(1, 33), (2, 67)]
    assert stage.act.counters._asdict() == {"frames": 13, "guarded": 1, "nudged": 0, "primed": 1}


def test_sizes_that_were_reserved_stay() -> None:
    worn, fresh = Stage(batch=1, performers=()), Stage(batch=1, performers=())
    for stage in (worn, fresh):
        stage.act.reserve(4)
    wear(worn.act)
    worn.act.restart()
    assert night(worn.act) == night(fresh.act)


def test_another_seed_is_another_s_noise_from_the_next_frame_on() -> None:
    """As if it had been there from the start: noise is that of the frame."""
    stage, other, plain = (Stage(memory=1.0, clips=still(), seed=seed) for seed in (7, 8, 7))
    for each in (stage, other, plain):
        each.play(10)
    stage.act.reseed(2, 8)
    assert [stage.act.seed(number) for number in (1, 2)] == [7, 8]
    for each in (stage, other, plain):
        each.play(1)
    found, wanted, before = (each.family.samples[-1] for each in (stage, other, plain))
    np.testing.assert_array_equal(found[1], wanted[1])
    np.testing.assert_array_equal(found[[0, 2]], before[[0, 2]])
    assert (found[1] != before[1]).all()


def test_who_does_not_play_has_no_seed_and_no_start() -> None:
    act = Stage(performers=(1,)).act
    root = np.zeros(7, np.float32)
    refused: list[Callable[[], object]] = [
        lambda: act.seed(2), lambda: act.reseed(2, 1), lambda: act.start(2), lambda: act.stand(2, root),
    ]  # fmt: skip
    for call in refused:
        with pytest.raises(ValueError, match="performer 2 does not play"):
            call()
