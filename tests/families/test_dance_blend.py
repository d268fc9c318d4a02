"""Another pose for a body that dances: how it gets there."""

import numpy as np
from families.dancing import DIMS, FREE, dancer, decode, example, sample, shown
from motion import bodies

from engine.families.dance import create
from engine.motion.core20 import NAMES
from engine.schema.controls import Controls


def test_another_pose_is_blended_in() -> None:
    family = dancer()
    before = shown(family, 5)
    family.place(0, bodies.dance(60, 7).positions, 15)
    path = np.concatenate([before[-1:], shown(family, 20)])
    gap = np.linalg.norm(path[-1] - path[0], axis=-1).max()
    assert gap > 0.2
    assert np.linalg.norm(np.diff(path, axis=0), axis=-1).max() < 2.2 * gap / 15  # a smoothstep is 1.5 as steep
    assert bodies.worst_bone(path) < 1e-4
    np.testing.assert_allclose(path[-5], path[-1], atol=5e-3)
    straight = dancer()
    straight.place(0, bodies.dance(60, 7).positions, 0)
    np.testing.assert_allclose(path[-1], shown(straight, 20)[-1], atol=5e-3)


def test_a_blend_may_be_interrupted_by_another() -> None:
    family = dancer()
    before = shown(family, 5)
    family.place(0, bodies.dance(60, 7).positions, 15)
    path = [before[-1:], shown(family, 4)]
    family.place(0, bodies.dance(60, 8).positions, 15)
    path.append(shown(family, 3))
    family.place(0, bodies.dance(60, 9).positions, 15)
    path.append(shown(family, 20))
    steps = np.linalg.norm(np.diff(np.concatenate(path), axis=0), axis=-1)
    assert steps.max() < 0.15  # a hand's reach is 1.4 m


def test_a_blend_of_no_frames_is_a_cut() -> None:
    family = dancer()
    shown(family, 3)
    family.place(0, bodies.dance(60, 7).positions, 0)
    other = create(example().loaded, 1)
    other.place(0, bodies.dance(60, 7).positions, 0)
    np.testing.assert_array_equal(shown(family, 3), shown(other, 3))


def test_a_standing_foot_is_not_dropped_by_a_blend() -> None:
    toe = NAMES.index("l_toe")
    family = create(example().loaded, 1)
    clip = np.tile(bodies.standing(), (3, 1, 1))
    family.place(0, clip, 0)
    still = np.zeros((1, DIMS + 3), np.float32)
    slide = still.copy()
    slide[0, DIMS + 1] = 0.003
    held = Controls(pull=0.0, radius=100.0)
    path = [decode(family, slide, held).positions[0, toe].copy() for _ in range(30)]
    assert np.abs(path[-1] - path[2]).max() < 2e-3
    family.place(0, clip, 10)
    path += [decode(family, still, held).positions[0, toe].copy() for _ in range(20)]
    assert np.linalg.norm(np.diff(path, axis=0), axis=-1).max() < 0.03


def test_a_blend_starts_afresh_where_a_body_was_no_number() -> None:
    family = dancer()
    root = decode(family, sample((0.1, 0, 0)), FREE).root.copy()
    decode(family, np.full((1, DIMS + 3), np.nan, np.float32), FREE)
    family.place(0, example().clip, 15)
    pose = decode(family, sample(), FREE)
    assert bodies.worst_bone(pose.positions) < 1e-4
    np.testing.assert_array_equal(pose.root, root)  # it stands where it stood
