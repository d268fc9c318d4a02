import numpy as np
import pytest

from export.metrics import velocity


def pieces(seed: int = 1) -> list[velocity.F64]:
    draw = np.random.default_rng(seed)
    return [draw.normal(mean, 12.0, 4000) for mean in (50.0, 70.0)]


def test_the_truth_has_no_errors() -> None:
    found = velocity.errors(pieces(), pieces())
    assert (found.mae, found.rmse, found.mae_level, found.r, found.std) == pytest.approx((0.0, 0.0, 0.0, 1.0, 1.0))


def test_a_piece_that_is_louder_costs_nothing_once_its_level_is_taken() -> None:
    found = velocity.errors(pieces(), [piece + 9.0 for piece in pieces()])
    assert found.mae == pytest.approx(9.0)
    assert found.mae_level == pytest.approx(0.0, abs=1e-9)
    assert found.r == pytest.approx(1.0)


def test_flat_predictions_have_no_correlation_and_no_spread() -> None:
    found = velocity.errors(pieces(), [np.full(4000, 60.0)] * 2)
    assert found.r is None
    assert found.least_std == 0.0


def test_the_correlation_is_the_mean_over_pieces_whatever_their_lengths() -> None:
    wave = np.sin(np.arange(1000.0))
    found = velocity.errors([wave, wave[:10]], [wave, -wave[:10]])
    assert found.r == pytest.approx(0.0, abs=1e-12)


def test_samples_of_the_same_distribution_are_spread_alike() -> None:
    found = velocity.spread(pieces(1), pieces(2))
    assert found.ratio == pytest.approx(1.0, abs=0.03)
    assert found.kl < 0.01
    assert found.kl_level < 0.01


def test_samples_that_are_too_narrow_or_too_loud_are_told_apart() -> None:
    narrow = [piece.mean() + 0.5 * (piece - piece.mean()) for piece in pieces()]
    loud = [piece + 20.0 for piece in pieces()]
    assert velocity.spread(pieces(), narrow).ratio_level == pytest.approx(0.5)
    assert velocity.spread(pieces(), narrow).kl_level > 0.1
    assert velocity.spread(pieces(), loud).kl > 0.3
    assert velocity.spread(pieces(), loud).kl_level == pytest.approx(0.0, abs=1e-9)
