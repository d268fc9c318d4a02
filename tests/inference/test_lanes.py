"""The vector code against plain arithmetic."""

from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.inference.lanes import BLOCK, PANEL, PART, exponential, multiply
from engine.inference.packing import aligned
from engine.kernel import kernel
from engine.schema.frame import F32

DEPTH, PANELS = 37, 3
"""A depth that no vector divides."""

PRECISIONS = (np.float32, np.float16)


@kernel
def curve(x: F32, out: F32) -> None:
    for index in range(len(x)):
        out[index] = exponential(x[index])


def exponentials(x: F32) -> F32:
    out = np.empty_like(x)
    curve(x, out)
    return out


def random(*shape: int) -> F32:
    return np.random.default_rng(sum(shape)).normal(0, 1, shape).astype(np.float32)


def panels(precision: type[np.floating[Any]]) -> NDArray[Any]:
    flat = aligned(DEPTH * PANELS * PANEL, precision)
    flat[:] = random(flat.size)
    return flat.view(np.uint16) if precision is np.float16 else flat


def product(weights: NDArray[Any], bias: F32, x: F32) -> F32:
    out = np.full((len(x), PANELS * PANEL + 5), np.nan, np.float32)
    multiply(weights, 0, DEPTH, PANELS, bias, 2, x, out)
    assert np.isnan(out[:, PANELS * PANEL :]).all()
    return out[:, : PANELS * PANEL]


def flat(weights: NDArray[Any]) -> F32:
    """(K, N) of panels."""
    known = weights.view(np.float16) if weights.dtype == np.uint16 else weights
    return known.astype(np.float32).reshape(PANELS, DEPTH, PANEL).transpose(1, 0, 2).reshape(DEPTH, -1)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("batch", [1, 3, 4, 5, 9])
def test_a_product_is_that_of_numpy(batch: int, precision: type[np.floating[Any]]) -> None:
    weights, bias, x = panels(precision), random(PANELS * PANEL + 2), random(batch, DEPTH + 3)
    expected = x[:, :DEPTH].astype(np.float64) @ flat(weights) + bias[2:]
    np.testing.assert_allclose(product(weights, bias, x), expected, rtol=0, atol=2e-5)


def test_every_sum_runs_over_the_inputs_in_their_order_with_one_rounding_each() -> None:
    """In float64 a product of float32 is exact, so one rounding to float32 is what a fused multiply-add does."""
    weights, bias, x = panels(np.float32), random(PANELS * PANEL + 2), random(2, DEPTH)
    # Few bits, so that no sum in float64 is rounded before it is rounded to float32.
    weights[:], x = np.round(weights * 64) / 64, (np.round(x * 64) / 64).astype(np.float32)
    total = np.broadcast_to(bias[2:], (2, PANELS * PANEL)).copy()
    for step in range(DEPTH):
        exact = x[:, step : step + 1].astype(np.float64) * flat(weights)[step] + total
        total = exact.astype(np.float32)
    np.testing.assert_array_equal(product(weights, bias, x), total)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_row_has_the_same_bits_in_every_batch(precision: type[np.floating[Any]]) -> None:
    weights, bias, x = panels(precision), random(PANELS * PANEL + 2), random(11, DEPTH)
    whole = product(weights, bias, x)
    for first, last in ((0, 1), (1, 1 + BLOCK), (2, 9), (10, 11)):
        np.testing.assert_array_equal(product(weights, bias, x[first:last]), whole[first:last])


def test_half_precision_is_exact_once_the_weights_are_rounded() -> None:
    weights, bias, x = panels(np.float16), random(PANELS * PANEL + 2), random(6, DEPTH)
    widened = aligned(weights.size, np.float32)
    widened[:] = weights.view(np.float16)
    np.testing.assert_array_equal(product(weights, bias, x), product(widened, bias, x))


def test_a_panel_is_made_of_whole_parts() -> None:
    assert PANEL % PART == 0


def test_the_exponential_is_within_two_units_in_the_last_place() -> None:
    x = np.linspace(-86.9, 87.9, 400_001).astype(np.float32)
    expected = np.exp(x.astype(np.float64))
    assert np.abs(exponentials(x) / expected - 1).max() < 2 * 2.0**-24


def test_the_exponential_is_held_at_its_ends_and_passes_what_is_no_number() -> None:
    found = exponentials(np.array([-np.inf, -1000, 0, 1000, np.inf, np.nan], np.float32))
    assert found[0] == found[1] > 0
    assert found[2] == 1
    assert np.isfinite(found[3:5]).all()
    assert found[3] == found[4] > 1e38
    assert np.isnan(found[5])


def test_arrays_with_gaps_are_refused() -> None:
    weights, bias, x = panels(np.float32), random(PANELS * PANEL + 2), random(2, 2 * DEPTH)[:, ::2]
    with pytest.raises(numba.TypingError):
        multiply(weights, 0, DEPTH, PANELS, bias, 2, x, np.zeros((2, PANELS * PANEL), np.float32))


def test_inputs_of_another_kind_are_refused() -> None:
    """They would be read as float32, whatever they are."""
    weights, bias, x = panels(np.float32), random(PANELS * PANEL + 2), np.zeros((1, DEPTH))
    with pytest.raises(numba.TypingError):
        product(weights, bias, x)  # type: ignore[arg-type]
