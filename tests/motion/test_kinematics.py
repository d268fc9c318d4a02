"""Rotations and the positions that they make, against SciPy and against bodies posed joint by joint."""

import numpy as np
from motion import bodies
from scipy.spatial.transform import Rotation

from engine.motion import kinematics
from engine.motion.core20 import CORE20, NAMES
from engine.motion.rig import Rig, make_rig


def rig() -> Rig:
    made = make_rig(CORE20)
    assert made is not None
    return made


def turns(seed: int, *shape: int) -> Rotation:
    draw = np.random.default_rng(seed).normal(0, 1, (*shape, 3))
    return Rotation.from_rotvec(draw.reshape(-1, 3))


def test_products_and_vectors_turn_as_in_scipy() -> None:
    one, other, vectors = turns(0, 50), turns(1, 50), np.random.default_rng(2).normal(0, 1, (50, 3))
    product = kinematics.product(one.as_quat(), other.as_quat())
    assert (Rotation.from_quat(product) * (one * other).inv()).magnitude().max() < 1e-9
    np.testing.assert_allclose(kinematics.rotate(one.as_quat(), vectors), one.apply(vectors), atol=1e-12)
    back = kinematics.rotate(kinematics.conjugate(one.as_quat()), one.apply(vectors))
    np.testing.assert_allclose(back, vectors, atol=1e-12)


def test_without_rotations_the_body_is_at_rest() -> None:
    bones = np.tile([0.0, 0.0, 0.0, 1.0], (25, 1))
    rest = bodies.posed(np.zeros((1, len(NAMES), 3)))[0]
    np.testing.assert_allclose(kinematics.forward(rig(), bones, rest[0]), rest, atol=1e-12)


def test_a_joint_turns_the_bones_that_leave_it() -> None:
    """Helpers that do not turn make the tree that other figures have."""
    vectors = np.random.default_rng(3).normal(0, 0.7, (4, len(NAMES), 3))
    local = np.tile([0.0, 0.0, 0.0, 1.0], (4, 25, 1))
    local[:, rig().bones] = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_quat().reshape(4, -1, 4)
    expected = bodies.posed(vectors)
    found = kinematics.forward(rig(), kinematics.world(rig(), local), expected[:, 0])
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_world_and_local_are_each_others_inverse() -> None:
    bones = turns(4, 3, 25).as_quat().reshape(3, 25, 4)
    np.testing.assert_allclose(kinematics.world(rig(), kinematics.local(rig(), bones)), bones, atol=1e-12)
