"""Points that are predicted where they are."""

import numpy as np
from families import examples
from motion import bodies

from engine.families.points import create
from engine.motion.core20 import CORE20
from engine.motion.heading import heading
from engine.schema.controls import Controls

NEUTRAL = [Controls()]


def test_a_sample_is_the_body_and_is_fed_back() -> None:
    family = create(examples.points().loaded, 2)
    draw = np.random.default_rng(0)
    x = np.empty((2, 60), np.float32)
    for _ in range(5):
        sample = draw.normal(0, 1, (2, 60)).astype(np.float32)
        pose = family.decode(sample, NEUTRAL * 2)
        np.testing.assert_array_equal(pose.positions, sample.reshape(2, 20, 3))
        family.encode(x, NEUTRAL * 2)
        np.testing.assert_array_equal(x, sample)


def test_an_echo_is_constant() -> None:
    family = create(examples.points().loaded, 1)
    family.place(0, examples.points().clip, 0)
    x = np.empty((1, 60), np.float32)
    for _ in range(1000):
        family.encode(x, NEUTRAL)
        family.decode(x, NEUTRAL)
    np.testing.assert_array_equal(x[0], examples.points().clip[-1].ravel())


def test_the_root_follows_the_body() -> None:
    family = create(examples.points().loaded, 1)
    for body in bodies.dance(30, 5).positions:
        root = family.decode(body.reshape(1, -1), NEUTRAL).root[0]
        np.testing.assert_array_equal(root[[0, 2]], body[CORE20.root, [0, 2]])
        np.testing.assert_allclose(2 * np.arctan2(root[4], root[6]), heading(body, CORE20), atol=1e-6)
        np.testing.assert_array_equal(root[[1, 3, 5]], 0)


def test_features_are_the_positions_from_the_second_frame_on() -> None:
    example = examples.points()
    found = create(example.loaded, 1).features(example.clip)
    np.testing.assert_array_equal(found, example.clip[1:].reshape(-1, 60))
