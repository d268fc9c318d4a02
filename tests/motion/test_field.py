"""A sample is led along what followed the nearest recorded moments."""

import numpy as np
import pytest

from engine.motion.field import CHANGE_WEIGHT, NEIGHBOURS, lead
from engine.schema.frame import F32

DIMS = 3


def bank(count: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).normal(0, 1, (count, 3 * DIMS + 3)).astype(np.float32)


def led(moments: F32, strength: float, *, kind: int = -1, kinds: list[int] | None = None) -> tuple[F32, F32, F32, F32]:
    """z, dz, a sample and what became of it."""
    draw = np.random.default_rng(1)
    z, dz, sample = (draw.normal(0, 1, size).astype(np.float32) for size in (DIMS, DIMS, DIMS + 3))
    out = sample.copy()
    labels = np.array(kinds or [0] * len(moments), np.int64)
    lead(z, dz, moments, labels, kind, strength, out)
    return z, dz, sample, out


def nearest(moments: F32, z: F32, dz: F32) -> tuple[F32, F32]:
    """The nearest moments, found by sorting all, and their weights."""
    away = np.square(moments[:, :DIMS] - z).sum(1)
    away = away + CHANGE_WEIGHT**2 * np.square(moments[:, DIMS : 2 * DIMS] - dz).sum(1)
    chosen = np.argsort(away)[:NEIGHBOURS]
    weights = 1 / (np.sqrt(away[chosen]) + 1e-3)
    return moments[chosen], weights / weights.sum()


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_a_share_of_the_way_is_gone_to_what_followed(strength: float) -> None:
    moments = bank(50)
    z, dz, sample, out = led(moments, strength)
    chosen, weights = nearest(moments, z, dz)
    to = (weights[:, None] * (chosen[:, :DIMS] + chosen[:, 2 * DIMS : 3 * DIMS] - z)).sum(0)
    way = (weights[:, None] * chosen[:, 3 * DIMS :]).sum(0)
    expected = (1 - strength) * sample + strength * np.concatenate([to, way])
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_only_the_wanted_genre_leads() -> None:
    moments, kinds = bank(60), [0, 1, 2] * 20
    for kind in range(3):
        *_, out = led(moments, 0.5, kind=kind, kinds=kinds)
        *_, alone = led(np.ascontiguousarray(moments[kind::3]), 0.5)
        np.testing.assert_allclose(out, alone, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, NEIGHBOURS - 1])
def test_too_few_moments_do_not_lead(count: int) -> None:
    *_, sample, out = led(bank(count), 1.0)
    np.testing.assert_array_equal(out, sample)
    *_, sample, out = led(bank(20), 1.0, kind=7)
    np.testing.assert_array_equal(out, sample)


def test_a_pose_that_is_no_number_is_not_led() -> None:
    sample = np.ones(DIMS + 3, np.float32)
    broken = np.full(DIMS, np.nan, np.float32)
    lead(broken, broken, bank(20), np.zeros(20, np.int64), -1, 0.5, sample)
    np.testing.assert_array_equal(sample, 1)


def test_a_recorded_moment_goes_on_as_it_was_recorded() -> None:
    moments = np.tile(bank(1), (NEIGHBOURS, 1))
    sample = np.zeros(DIMS + 3, np.float32)
    lead(moments[0, :DIMS].copy(), moments[0, DIMS : 2 * DIMS].copy(), moments, np.zeros(4, np.int64), -1, 1.0, sample)
    np.testing.assert_allclose(sample, moments[0, 2 * DIMS :], atol=1e-5)
