from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny

from engine.guard import NUDGE_AFTER, PATIENCE, PRIME_AFTER, SPEED, WINDOW, Freeze, Guard, limits
from engine.schema.frame import F32, Pose
from export.data import cmu
from export.data.clip import Clip

FPS = 30.0
BOUNDS = limits(tiny.SKELETON, FPS)
NOBODY = np.zeros(2, np.bool_)


def bodies(*roots: tuple[float, float, float]) -> F32:
    return (np.array(roots, np.float32)[:, None] + tiny.OFFSETS).astype(np.float32)


def pose(positions: F32) -> Pose:
    root = np.zeros((len(positions), 7), np.float32)
    root[:, 0], root[:, 2], root[:, 6] = positions[:, 0, 0], positions[:, 0, 2], 1.0
    return Pose(positions, root)


HERE = bodies((0.0, 1.0, 0.0), (2.0, 1.0, 0.0))


def guard(shown: int = 1) -> Guard:
    made = Guard(2, 4, BOUNDS)
    for _ in range(shown):
        assert not made.check(pose(HERE.copy()), NOBODY).any()
    return made


def test_limits_follow_the_skeleton() -> None:
    assert BOUNDS.reach == pytest.approx(1.5 * 0.7)
    assert BOUNDS.high == pytest.approx(2.1)
    assert BOUNDS.step == pytest.approx(0.5)
    assert BOUNDS.patience == 9


def test_a_moving_body_passes() -> None:
    made = guard()
    moved = HERE + np.array([0.2, 0.05, -0.3], np.float32)
    moved[0, 3] += (0.3, -0.2, 0.1)
    assert not made.check(pose(moved), NOBODY).any()
    np.testing.assert_array_equal(made.pose.positions, moved)
    np.testing.assert_array_equal(made.pose.root, pose(moved).root)


def nan(body: F32) -> None:
    body[3, 1] = np.nan


def infinite(body: F32) -> None:
    body[:, 0] = np.inf


def far_joint(body: F32) -> None:
    body[1] += (0.9, 0.0, 0.0)


def far_root(body: F32) -> None:
    body += (0.6, 0.0, 0.0)


def fast_joint(body: F32) -> None:
    body[3] -= (0.0, 0.55, 0.0)


def sunk(body: F32) -> None:
    body -= (0.0, 1.6, 0.0)


def flying(body: F32) -> None:
    body += (0.0, 0.5, 0.0)


@pytest.mark.parametrize("spoil", [nan, infinite, far_joint, far_root, fast_joint, sunk, flying])
def test_the_last_good_frame_stands_in_for_a_broken_one(spoil: Callable[[F32], None]) -> None:
    made = guard()
    broken = HERE + np.float32(0.01)
    spoil(broken[1])
    given = pose(broken)
    assert made.check(given, NOBODY).tolist() == [False, True]
    np.testing.assert_array_equal(made.pose.positions[0], broken[0])
    np.testing.assert_array_equal(made.pose.positions[1], HERE[1])
    np.testing.assert_array_equal(made.pose.root[1], pose(HERE).root[1])


@pytest.mark.parametrize("spoil", [infinite, far_joint, sunk, flying])
def test_a_body_that_is_none_never_passes(spoil: Callable[[F32], None]) -> None:
    made = Guard(2, 4, BOUNDS)
    made.seat(1, HERE[1])
    broken = HERE.copy()
    spoil(broken[1])
    broken[1] += (0.0, 0.2 if spoil is flying else 0.0, 0.0)
    assert all(made.check(pose(broken), NOBODY)[1] for _ in range(40))
    np.testing.assert_array_equal(made.pose.positions[1], HERE[1])


def test_who_is_excused_may_be_anywhere_once() -> None:
    made = guard()
    away = HERE + np.array([2.0, 0.0, 0.0], np.float32)
    made.excuse(1)
    assert made.check(pose(away), NOBODY).tolist() == [True, False]
    np.testing.assert_array_equal(made.pose.positions, np.stack([HERE[0], away[1]]))
    assert made.check(pose(HERE.copy()), NOBODY).tolist() == [False, True]


def test_who_is_excused_must_be_a_body_all_the_same() -> None:
    made = guard()
    made.excuse(1)
    broken = HERE.copy()
    nan(broken[1])
    assert made.check(pose(broken), NOBODY).tolist() == [False, True]
    np.testing.assert_array_equal(made.pose.positions[1], HERE[1])


def test_who_is_seated_has_no_rotations_of_somebody_before() -> None:
    made = Guard(2, 4, BOUNDS)
    turned = np.full((2, 4, 4), 0.5, np.float32)
    made.check(pose(HERE.copy())._replace(rotations=turned), NOBODY)
    made.seat(1, HERE[1])
    made.check(pose(HERE.copy())._replace(rotations=turned), np.array([False, True]))
    assert made.pose.rotations is not None
    np.testing.assert_array_equal(made.pose.rotations[0], turned[0])
    np.testing.assert_array_equal(made.pose.rotations[1], np.tile((0, 0, 0, 1), (4, 1)))


def test_what_is_known_to_be_broken_is_replaced() -> None:
    made = guard()
    assert made.check(pose(HERE + np.float32(0.01)), np.array([True, False])).tolist() == [True, False]
    np.testing.assert_array_equal(made.pose.positions[0], HERE[0])


def test_a_broken_root_or_rotation_is_noticed() -> None:
    made = guard()
    given = pose(HERE.copy())
    given.root[0, 6] = np.nan
    assert made.check(given, NOBODY).tolist() == [True, False]
    turns = np.zeros((2, 4, 4), np.float32)
    assert not made.check(pose(HERE)._replace(rotations=turns.copy()), NOBODY).any()
    turns[1, 2, 0] = np.inf
    assert made.check(pose(HERE)._replace(rotations=turns), NOBODY).tolist() == [False, True]
    assert made.pose.rotations is not None
    assert np.isfinite(made.pose.rotations).all()


def test_a_jump_is_held_back_and_then_let_through() -> None:
    made = guard()
    jumped = HERE + np.array([50.0, 0.0, 0.0], np.float32)
    held = 0
    while made.check(pose(jumped), NOBODY).all():
        held += 1
    assert held == round(PATIENCE * FPS)
    assert not made.check(pose(HERE + np.array([50.3, 0.0, 0.0], np.float32)), NOBODY).any()


def test_time_that_passed_counts_for_the_speed() -> None:
    made = guard()
    step = SPEED / FPS
    broken = HERE * np.float32(np.nan)
    assert made.check(pose(broken), NOBODY).all()
    assert not made.check(pose(HERE + np.array([1.9 * step, 0.0, 0.0], np.float32)), NOBODY).any()


def test_a_seated_body_stands_in_from_the_start() -> None:
    made = Guard(2, 4, BOUNDS)
    made.seat(0, HERE[1])
    assert made.check(pose(HERE * np.float32(np.nan)), NOBODY).all()
    np.testing.assert_array_equal(made.pose.positions[0], HERE[1])
    np.testing.assert_allclose(made.pose.root[0], [2, 0, 0, 0, 0, 0, 1])
    assert not made.check(pose(HERE + np.array([9.0, 0.0, 0.0], np.float32)), NOBODY).any()


def test_a_smaller_batch_leaves_the_other_performers_alone() -> None:
    made = guard()
    moved = HERE + np.float32(0.01)
    assert made.check(pose(moved[:1]), NOBODY[:1]).tolist() == [False]
    np.testing.assert_array_equal(made.pose.positions, moved[:1])
    assert made.check(pose(HERE * np.float32(np.nan)), NOBODY).tolist() == [True, True]
    np.testing.assert_array_equal(made.pose.positions, [moved[0], HERE[1]])


def test_who_is_seated_again_faces_as_at_first() -> None:
    made = guard()
    turned = pose(HERE.copy())
    turned.root[:, 3:] = (0.0, 1.0, 0.0, 0.0)
    made.check(turned, NOBODY)
    made.seat(1, HERE[0])
    made.check(pose(HERE * np.float32(np.nan)), NOBODY)
    np.testing.assert_array_equal(made.pose.root[:, 3:], [[0, 1, 0, 0], [0, 0, 0, 1]])


def test_only_those_who_are_shown_are_measured() -> None:
    freeze = Freeze(2, 4, FPS, 0.1)
    for _ in range(200):
        freeze.watch(HERE[:1])
    assert freeze.stuck.tolist() == freeze.nudged.tolist() == [True, False]


def watch(freeze: Freeze, frames: int, speeds: tuple[float, float], start: float = 0.0) -> list[tuple[bool, bool]]:
    """Show both performers moving on at a speed, m/s; what is said of the first after each frame."""
    said = []
    for frame in range(1, frames + 1):
        way = start + np.array(speeds) * frame / FPS
        freeze.watch(bodies((way[0], 1.0, 0.0), (way[1], 1.0, 0.0)))
        said.append((bool(freeze.nudged[0]), bool(freeze.stuck[0])))
    return said


def test_a_frozen_performer_is_nudged_and_then_stuck() -> None:
    freeze = Freeze(2, 4, FPS, 0.1)
    said = watch(freeze, 180, (0.05, 0.5))
    measured = round(WINDOW * FPS)
    assert said.index((True, False)) == measured + round(NUDGE_AFTER * FPS) - 1
    assert said.index((True, True)) == measured + round(PRIME_AFTER * FPS) - 1
    assert freeze.nudged.tolist() == freeze.stuck.tolist() == [True, False]


def test_motion_ends_the_nudge() -> None:
    freeze = Freeze(2, 4, FPS, 0.1)
    assert watch(freeze, 90, (0.0, 0.0))[-1] == (True, False)
    said = watch(freeze, 10, (1.0, 1.0))
    assert (False, False) in said
    assert said[-1] == (False, False)


def test_the_speed_is_that_of_the_joints_in_the_world() -> None:
    freeze = Freeze(2, 4, FPS, 0.1)
    assert watch(freeze, 120, (0.11, 0.09))[-1] == (False, False)
    assert freeze.nudged[1]


def test_a_performer_that_was_moved_is_measured_anew() -> None:
    freeze = Freeze(2, 4, FPS, 0.1)
    watch(freeze, 160, (0.0, 0.0))
    assert freeze.stuck.all()
    freeze.forget(0)
    assert freeze.stuck.tolist() == freeze.nudged.tolist() == [False, True]
    said = watch(freeze, 160, (0.0, 0.0), start=3.0)
    assert said.index((True, False)) == round((WINDOW + NUDGE_AFTER) * FPS) - 1


def replaced(clip: Clip) -> list[int]:
    """Frames of a recording that the guard does not let through."""
    made = Guard(1, len(clip.skeleton.names), limits(clip.skeleton, clip.fps))
    nobody = np.zeros(1, np.bool_)
    return [t for t, body in enumerate(clip.positions) if made.check(pose(body[None]), nobody)[0]]


def test_recorded_dance_passes_but_for_failed_captures(data_dir: Path) -> None:
    clips = cmu.read(data_dir / cmu.FILE)
    hits = [bool(clip.valid[t]) for clip in clips for t in replaced(clip)]
    assert not any(hits)
    assert 0 < len(hits) < 20


def test_recorded_dance_is_seldom_called_frozen(data_dir: Path) -> None:
    clips = cmu.read(data_dir / cmu.FILE)
    speeds = [np.linalg.norm(np.diff(clip.positions, axis=0), axis=-1).mean(-1) * clip.fps for clip in clips]
    floor = 0.15 * float(np.median(np.concatenate(speeds)))
    nudged = frames = 0
    for clip in clips:
        freeze = Freeze(1, len(clip.skeleton.names), clip.fps, floor)
        for body in clip.positions:
            freeze.watch(body[None])
            nudged += int(freeze.nudged[0])
            frames += 1
    assert 0 < nudged < 0.01 * frames
