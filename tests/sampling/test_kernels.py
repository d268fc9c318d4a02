import numpy as np
import pytest
from scipy import special, stats

from engine.sampling.kernels import BROKEN, choose, negative_log_density
from engine.schema.frame import F32


def choices(logits: F32, u: F32, temperature: float = 1.0, top_p: float = 1.0) -> list[int]:
    """The component for each of `u` (P,) from the same logits (K,)."""
    rows, count = len(u), len(logits)
    component = np.zeros(rows, np.int64)
    choose(
        np.tile(logits, (rows, 1)),
        np.full(rows, temperature, np.float32),
        np.full(rows, top_p, np.float32),
        u,
        np.zeros((rows, count)),
        np.zeros((rows, count), np.int64),
        component,
    )
    return component.tolist()


LOGITS = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))
GRID = ((np.arange(1000) + 0.5) / 1000).astype(np.float32)


@pytest.mark.parametrize(
    ("temperature", "top_p", "expected"),
    [
        (1.0, 1.0, [100, 400, 200, 300]),
        (1.0, 0.6, [0, 571, 0, 429]),
        (1.0, 0.75, [0, 444, 222, 333]),
        (1.0, 0.05, [0, 1000, 0, 0]),
        (0.5, 1.0, [33, 533, 133, 300]),
        (0.01, 1.0, [0, 1000, 0, 0]),
    ],
)
def test_components_come_as_often_as_they_should(temperature: float, top_p: float, expected: list[int]) -> None:
    counts = np.bincount(choices(LOGITS, GRID, temperature, top_p), minlength=4)
    np.testing.assert_allclose(counts, expected, atol=1)


def test_the_likeliest_lies_at_zero_and_equal_ones_keep_their_order() -> None:
    assert choices(LOGITS, np.array([0.0, 0.39, 0.41, 0.69, 0.71, 0.89, 0.91], np.float32)) == [1, 1, 3, 3, 2, 2, 0]
    assert choices(np.zeros(4, np.float32), np.array([0.0, 0.25, 0.5, 0.75, 1 - 2**-24], np.float32)) == [0, 1, 2, 3, 3]


def test_large_logits_do_not_overflow() -> None:
    assert choices(np.array([1e4, 1e4 - 50], np.float32), np.array([0.99], np.float32)) == [0]
    assert choices(np.array([-np.inf, 0.0], np.float32), np.array([0.99], np.float32)) == [1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_no_numbers_choose_nothing(bad: float) -> None:
    assert choices(np.array([0.0, bad, 0.0], np.float32), np.array([0.1, 0.9], np.float32)) == [BROKEN, BROKEN]
    assert choices(np.full(3, -np.inf, np.float32), np.array([0.1], np.float32)) == [BROKEN]


def test_each_row_has_its_own_knobs() -> None:
    component = np.zeros(2, np.int64)
    knobs = np.array([1.0, 0.01], np.float32)
    last = np.full(2, 0.95, np.float32)
    choose(
        np.tile(LOGITS, (2, 1)),
        knobs,
        np.ones(2, np.float32),
        last,
        np.zeros((2, 4)),
        np.zeros((2, 4), np.int64),
        component,
    )
    assert component.tolist() == [0, 1]


def mixture(rows: int = 50) -> tuple[F32, F32, F32, F32]:
    draw = np.random.default_rng(2)
    shapes = [(rows, 4), (rows, 4, 6), (rows, 4, 6), (rows, 6)]
    logits, mu, sigma, target = (draw.normal(size=shape).astype(np.float32) for shape in shapes)
    return logits, mu, np.exp(sigma).astype(np.float32), target


def test_the_density_is_that_of_scipy() -> None:
    logits, mu, sigma, target = mixture()
    found = np.zeros(len(logits))
    negative_log_density(logits, mu, sigma, target, found)
    each = stats.norm.logpdf(target[:, None].astype(np.float64), mu.astype(np.float64), sigma.astype(np.float64))
    weights = special.log_softmax(logits.astype(np.float64), axis=1)
    np.testing.assert_allclose(found, -special.logsumexp(weights + each.sum(-1), axis=1), atol=1e-6, rtol=1e-9)


def test_a_density_far_out_is_still_a_number() -> None:
    found = np.zeros(1)
    far = np.full((1, 6), 1e4, np.float32)
    negative_log_density(np.zeros((1, 4), np.float32), mixture(1)[1], mixture(1)[2], far, found)
    assert np.isfinite(found).all()
    assert found[0] > 1e6


def test_a_sharp_density_is_negative_in_nats() -> None:
    found = np.zeros(1)
    zeros = np.zeros((1, 1, 2), np.float32)
    negative_log_density(np.zeros((1, 1), np.float32), zeros, zeros + np.float32(0.1), zeros[:, 0], found)
    np.testing.assert_allclose(found[0], -2 * stats.norm.logpdf(0, scale=np.float32(0.1)), atol=1e-6)
    assert found[0] < 0
