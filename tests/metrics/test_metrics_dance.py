"""Measures of movement, on motion whose answer is known."""

from pathlib import Path

import numpy as np
import pytest

from engine.schema.skeleton import Contact, Skeleton
from export.data import cmu, splits
from export.data.transform import split_valid
from export.metrics import dance
from export.metrics.dance import Floats

FPS = 30.0

STICK = Skeleton(
    names=("root", "mid", "tip"),
    parents=(-1, 0, 1),
    offsets=((0.0, 1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0)),
    facing=((1, 2),),
    contacts=(Contact(joint=0, height=0.02),),
)


def rotating(frames: int = 90) -> Floats:
    angle = np.linspace(0, 3, frames)
    direction = np.stack([np.sin(angle), np.cos(angle), np.zeros(frames)], -1)
    return np.stack([0 * direction, direction, 2 * direction], 1)


def gliding(frames: int, velocity: tuple[float, float, float], height: float = 0.0) -> Floats:
    path = np.arange(frames)[:, None, None] / FPS * np.array(velocity)
    return np.asarray(path + np.array([[0, height, 0], [0, 1, 0], [0, 2, 0]]), np.float64)


def test_a_rotating_stick_keeps_its_bones() -> None:
    assert dance.bones(rotating(), STICK.edges).peak < 1e-12


def test_a_bone_that_stretches_in_one_frame_of_ten_is_found_in_mean_worst_and_peak() -> None:
    motion = gliding(10, (0, 0, 0))
    motion[4, 2, 1] = 2.5
    mean, worst, peak = dance.bones(motion, STICK.edges)
    assert mean == pytest.approx(0.5 / 20)
    assert worst == pytest.approx(0.5 / 10)
    assert peak == pytest.approx(0.5)


def test_bodies_of_other_size_in_other_takes_are_no_error() -> None:
    assert dance.bones([rotating(), 2 * rotating()], STICK.edges).peak < 1e-12


def test_all_joints_are_rigid_but_only_stiff_markers_are() -> None:
    motion = rotating(90)
    motion[:, 2] *= 1 + 0.2 * np.sin(np.arange(90))[:, None]
    loose = Skeleton(**{name: getattr(STICK, name) for name in ("names", "parents", "offsets", "facing")}, rigid=False)
    assert dance.rigid_edges(STICK, motion) == STICK.edges
    assert dance.rigid_edges(loose, motion) == ((0, 1),)


def test_constant_velocity_has_no_jerk_and_its_speed_is_measured() -> None:
    motion = gliding(60, (0.3, 0.4, 0.0))
    assert dance.jerk(motion, FPS) == pytest.approx(0, abs=1e-6)
    assert dance.speed(motion, FPS) == pytest.approx(0.5)
    assert dance.root_speed(motion, FPS, STICK) == pytest.approx(0.3)


def test_jerk_of_a_cubic_is_its_third_derivative_at_any_frame_rate() -> None:
    for fps in (24.0, 120.0):
        t = np.arange(50) / fps
        motion = np.zeros((50, 3, 3))
        motion[..., 0] = (t**3)[:, None]
        assert dance.jerk(motion, fps) == pytest.approx(6, rel=1e-6)


def test_takes_are_not_joined() -> None:
    far = gliding(60, (0.3, 0.4, 0.0)) + 100
    near = gliding(60, (0.3, 0.4, 0.0))
    assert dance.speed([near, far], FPS) == pytest.approx(0.5)
    assert dance.jerk([near, far], FPS) == pytest.approx(0, abs=1e-6)


def test_a_statue_is_frozen_and_the_reference_hardly_is() -> None:
    moving = np.random.default_rng(1).normal(size=(300, 3, 3)).cumsum(0)
    below = dance.frozen_below(moving, FPS)
    assert dance.freeze(np.repeat(moving[:1], 90, 0), FPS, below) == 1
    assert dance.freeze(moving, FPS, below) == 0


def test_freeze_is_the_share_of_windows_not_of_frames() -> None:
    speeds = np.repeat([0.0, 1.0], 100)
    motion = np.cumsum(speeds / FPS)[:, None, None] * np.ones((1, 3, 3)) / np.sqrt(3)
    windows = dance.window_speeds(motion, FPS)
    assert len(windows) == 199 - 30 + 1
    # a window is frozen while fewer than 15 of its 30 steps move; 99 steps stand still
    assert dance.freeze(motion, FPS, 0.5 - 1e-9) == pytest.approx((99 - 30 + 1 + 14) / 170)


def test_too_short_for_a_measure_is_nan_not_zero() -> None:
    short = gliding(3, (1, 0, 0))
    assert np.isnan(dance.jerk(short, FPS))
    assert np.isnan(dance.freeze(short, FPS, 1.0))
    assert np.isnan(dance.bones([], STICK.edges).mean)


def test_a_foot_skates_only_while_it_is_low() -> None:
    low, high = gliding(30, (0.6, 0, 0.8), height=0.04), gliding(30, (5, 0, 0), height=0.05)
    assert dance.skate([low, high], FPS, STICK) == pytest.approx(1.0)
    assert np.isnan(dance.skate(high, FPS, STICK))


def test_a_foot_that_falls_straight_down_does_not_skate() -> None:
    assert dance.skate(gliding(30, (0, -1, 0)), FPS, STICK) == pytest.approx(0)


def test_real_dances_measure_as_dances_do(data_dir: Path) -> None:
    parts = splits.split(cmu.read(data_dir / cmu.FILE))
    train, test = ([run.positions for clip in part for run in split_valid(clip)] for part in (parts.train, parts.test))
    skeleton = parts.test[0].skeleton
    below = dance.frozen_below(train, FPS)
    assert 0.08 < below < 0.12
    assert dance.bones(test, skeleton.edges).mean < 0.003
    assert 150 < dance.jerk(test, FPS) < 250
    assert 0.5 < dance.speed(test, FPS) < 0.9
    assert 0.35 < dance.root_speed(test, FPS, skeleton) < 0.65
    assert dance.freeze(test, FPS, below) < 0.12
    assert 0.15 < dance.skate(test, FPS, skeleton) < 0.4
