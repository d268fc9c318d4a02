"""Nearness to recorded poses, and how many of them are visited."""

import numpy as np
import pytest

from engine.motion.heading import world
from engine.schema.skeleton import Skeleton
from export.metrics import poses
from export.metrics.dance import Floats
from export.metrics.poses import Nearest, Poses

BODY = Skeleton(
    names=("hips", "left", "right", "head"),
    parents=(-1, 0, 0, 0),
    offsets=((0.0, 1.0, 0.0), (0.2, 0.0, 0.0), (-0.2, 0.0, 0.0), (0.0, 0.5, 0.0)),
    facing=((1, 2),),
)


def bodies(frames: int, seed: int = 0) -> Floats:
    """Random poses that already face +Z above the origin."""
    rng = np.random.default_rng(seed)
    local = np.zeros((frames, 4, 3)) + np.array(BODY.offsets)
    local[:, 1:3, 1] += rng.normal(size=(frames, 1))
    local[:, 3] += rng.normal(size=(frames, 3))
    return np.asarray(local, np.float64)


def elsewhere(local: Floats, seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(world(local, rng.uniform(-3, 3, (len(local), 3))), np.float64)


def test_a_recorded_pose_is_found_wherever_it_stands_and_faces() -> None:
    recorded = bodies(400)
    order = np.random.default_rng(2).permutation(400)
    distance, frame = Poses.of(recorded, BODY).nearest(elsewhere(recorded[order]))
    assert np.array_equal(frame, order)
    assert distance.max() < 1e-4


def test_the_distance_is_the_rms_over_the_joints() -> None:
    recorded = bodies(1)
    asked = recorded.copy()
    asked[:, 3] += [0.3, 0, 0.4]
    distance, _ = Poses.of(recorded, BODY).nearest(asked)
    assert distance == pytest.approx(0.5 / np.sqrt(4), abs=1e-6)


def test_the_nearest_is_that_of_brute_force_over_several_blocks() -> None:
    recorded, asked = bodies(500), bodies(2 * poses.BLOCK + 7, seed=5)
    distance, frame = Poses.of(recorded, BODY).nearest(asked)
    brute = np.sqrt(np.square(asked[:, None] - recorded[None]).sum(-1).mean(-1))
    assert np.allclose(distance, brute.min(-1), atol=1e-6)
    assert np.array_equal(frame, brute.argmin(-1))


def test_coverage_counts_bins_of_ten_frames_that_do_not_reach_over_a_take() -> None:
    recorded = [bodies(25, seed=1), bodies(10, seed=2)]
    known = Poses.of(recorded, BODY)
    assert known.bins.tolist() == [0] * 10 + [1] * 10 + [2] * 5 + [3] * 10
    assert known.coverage([known.nearest(recorded[0][:11])]) == pytest.approx(2 / 4)
    assert known.coverage([known.nearest(recorded[0]), known.nearest(recorded[1])]) == 1


def test_standing_in_one_pose_visits_one_bin() -> None:
    recorded = bodies(100)
    known = Poses.of(recorded, BODY)
    assert known.coverage([known.nearest(np.repeat(recorded[:1], 50, 0))]) == pytest.approx(1 / 10)


def test_drift_is_one_when_steady_and_rises_with_the_distance() -> None:
    assert poses.drift(np.full(60, 0.05)) == pytest.approx(1)
    assert poses.drift(np.concatenate([np.full(50, 1.0), np.full(10, 4.0)])) == pytest.approx(4 / 1.5)
    assert poses.drift(np.zeros(60)) == 1


def test_genre_share_counts_the_genre_of_the_take_that_is_nearest() -> None:
    known = Poses.of([bodies(10, seed=1), bodies(10, seed=2)], BODY)
    found = Nearest(np.zeros(4), np.array([0, 9, 10, 3]))
    assert poses.genre_share(found, ("salsa", "modern"), known, "salsa") == pytest.approx(0.75)
    assert poses.genre_share(found, ("salsa", "modern"), known, "modern") == pytest.approx(0.25)


def test_a_mirrored_pose_is_at_home_in_the_bin_of_its_original() -> None:
    recorded = bodies(40)
    recorded[:, 1, 1] += 0.5
    mirrored = recorded[:, [0, 2, 1, 3]] * np.array([-1, 1, 1])
    known = Poses.of(recorded, BODY, [mirrored])
    distance, frame = known.nearest(mirrored[17:18])
    assert distance[0] < 1e-4
    assert (known.bins[frame[0]], known.labels[frame[0]]) == (1, 0)
    assert known.coverage([known.nearest(recorded)]) == 1
    assert Poses.of(recorded, BODY).nearest(mirrored[17:18]).distance[0] > 0.01
