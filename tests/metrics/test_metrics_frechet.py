"""The kinetic Fréchet distance."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from export.metrics import frechet
from export.metrics.dance import Floats

FPS = 30.0


def swinging(frames: int, hertz: float, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * hertz * np.arange(frames) / FPS
    size = 1 + 0.2 * rng.normal(size=(frames, 4, 3)).cumsum(0) / np.sqrt(np.arange(1, frames + 1))[:, None, None]
    return np.asarray(np.sin(phase)[:, None, None] * size, np.float64)


def test_identical_motion_has_no_distance() -> None:
    real = frechet.features(swinging(3000, 1.0), FPS)
    assert frechet.KineticSpace.of(real).distance(real) == pytest.approx(0, abs=1e-6)


def test_faster_motion_is_farther_than_the_same_dance_again() -> None:
    space = frechet.KineticSpace.of(frechet.features(swinging(3000, 1.0), FPS))
    again = space.distance(frechet.features(swinging(3000, 1.0, seed=9), FPS))
    faster = space.distance(frechet.features(swinging(3000, 1.5, seed=9), FPS))
    statue = space.distance(frechet.features(np.zeros((3000, 4, 3)), FPS))
    assert again < faster / 3
    assert again < statue / 3


def test_the_distance_of_gaussians_is_that_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(400, 5)) @ rng.normal(size=(5, 5)), rng.normal(size=(300, 5)) + 1
    first, second = np.cov(a.T), np.cov(b.T)
    root = np.asarray(sqrtm(first @ second)).real
    expected = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(first + second - 2 * root)
    assert frechet.gaussian_distance(a, b) == pytest.approx(expected, rel=1e-8)


def test_energies_and_acceleration_of_a_body_in_free_fall_are_those_of_physics() -> None:
    t = np.arange(60) / FPS
    fall = np.zeros((60, 1, 3))
    fall[:, 0, 0], fall[:, 0, 1] = 3 * t, -0.5 * 9.81 * t**2
    horizontal, vertical, acceleration = frechet.features(fall, FPS)[0]
    steps = np.diff(fall[:, 0, 1]) * FPS
    assert horizontal == pytest.approx(4.5)
    assert vertical == pytest.approx(0.5 * np.square(steps).mean())
    assert acceleration == pytest.approx(9.81)


def test_windows_are_two_seconds_every_second_and_never_span_takes() -> None:
    assert len(frechet.features([np.zeros((120, 4, 3)), np.zeros((59, 4, 3))], FPS)) == 3
    assert np.isnan(frechet.KineticSpace.of(np.eye(12)).distance(np.zeros((1, 12))))
