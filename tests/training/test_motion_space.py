"""The linear space of poses, measured on the training part alone."""

import numpy as np
import pytest
from motion import bodies

from engine.motion.core20 import CORE20
from engine.motion.heading import canonical, world
from export import motion_space
from export.data.clip import Clip


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return [bodies.dance(200, seed) for seed in range(3)]


def test_the_basis_is_orthonormal_and_says_most_first(clips: list[Clip]) -> None:
    space = motion_space.fit(clips, 20)
    np.testing.assert_allclose(space.basis.T @ space.basis, np.eye(20), atol=1e-5)
    z = np.concatenate([space.poses(clip.positions) for clip in clips])
    assert (np.diff(z.std(0)) <= 1e-9).all()
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-6)


def test_all_components_give_the_poses_back(clips: list[Clip]) -> None:
    space = motion_space.fit(clips, 60)
    for clip in clips:
        local, root = canonical(clip.positions.astype(np.float64), CORE20)
        again = (space.poses(clip.positions) @ space.basis.T + space.mean).reshape(local.shape)
        np.testing.assert_allclose(world(again, root), clip.positions, atol=1e-4)


def test_what_never_moves_has_no_component(clips: list[Clip]) -> None:
    space = motion_space.fit(clips, 60)
    assert space.dims == 50  # the hips and the shoulders only move with the pelvis and the chest
    assert np.concatenate([space.poses(clip.positions) for clip in clips]).std(0).min() > motion_space.LEAST
    np.testing.assert_allclose(space.basis[[0, 2]], 0, atol=1e-5)


def test_poses_do_not_know_where_they_are(clips: list[Clip]) -> None:
    space = motion_space.fit(clips, 20)
    positions = clips[0].positions
    moved = world(positions.astype(np.float64), np.tile((3.0, -2.0, 1.0), (len(positions), 1)))
    np.testing.assert_allclose(space.poses(moved.astype(np.float32)), space.poses(positions), atol=1e-5)


def test_the_same_clips_give_the_same_space(clips: list[Clip]) -> None:
    one, other = motion_space.fit(clips, 20), motion_space.fit(clips, 20)
    np.testing.assert_array_equal(one.basis, other.basis)
    assert (one.basis[np.abs(one.basis).argmax(0), range(20)] > 0).all()  # a sign is chosen, not left to chance


def test_frames_that_failed_are_not_measured(clips: list[Clip]) -> None:
    broken = clips[0].positions.copy()
    broken[50:60] += np.random.default_rng(0).normal(0, 1, (10, 20, 3)).astype(np.float32)
    valid = np.ones(len(broken), np.bool_)
    valid[50:60] = False
    marked = Clip(name="marked", positions=broken, fps=30, skeleton=CORE20, valid=valid)
    whole = Clip(name="whole", positions=clips[0].positions[valid], fps=30, skeleton=CORE20)
    np.testing.assert_array_equal(motion_space.fit([marked], 20).basis, motion_space.fit([whole], 20).basis)


def test_a_track_is_inputs_and_targets_of_the_same_frames(clips: list[Clip]) -> None:
    space = motion_space.fit(clips, 20)
    track = space.track(clips[0].positions)
    z = space.poses(clips[0].positions)
    np.testing.assert_array_equal(track.z, z[1:])
    np.testing.assert_allclose(track.dz, z[1:] - z[:-1], atol=1e-12)
    assert track.inputs.shape == (len(z) - 1, 43)
    np.testing.assert_array_equal(track.inputs[:, :20], track.z)
    np.testing.assert_array_equal(track.targets, track.inputs[:, 20:])
