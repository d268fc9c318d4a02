"""Windows of signs: what is asked for, what is padded, what is changed."""

import numpy as np
import pytest

from export import sign_streams
from export.recipe import SignRecipe
from export.sign_streams import Example

STILL = SignRecipe(lead=0, late=0, still=0, warp=0, jitter=0, shift=0)
SIGN = Example(np.linspace(0, 1, 40, dtype=np.float32)[:, None] * np.ones(3, np.float32), 2)
SCALE = np.ones(3, np.float32)


def test_weights_rise_with_the_square_of_time() -> None:
    weights = sign_streams.asked(4, 2, 3)
    assert weights == pytest.approx([0, 0, 1 / 16, 1 / 4, 9 / 16, 1, 1, 1, 1])


def test_the_first_network_is_asked_at_the_end_of_a_filled_up_sign() -> None:
    x, y = sign_streams.padded(SIGN, 90)
    assert not x[:50].any()
    assert np.array_equal(x[50:], SIGN.values)
    assert np.flatnonzero(y[:, 1]).tolist() == [89]


def test_of_a_longer_sign_it_sees_the_end() -> None:
    assert np.array_equal(sign_streams.padded(SIGN, 30)[0], SIGN.values[-30:])


def test_without_changes_a_sign_stays() -> None:
    x, y = sign_streams.changed(SIGN, SCALE, STILL, 100.0, np.random.default_rng(1))
    assert np.allclose(x, SIGN.values, atol=1e-6)
    assert (y[:, 0] == 2).all()


def test_hands_lie_still_before_and_behind_it() -> None:
    recipe, rng = SignRecipe(lead=0.2, late=0, still=0.3, warp=0, jitter=0, shift=0), np.random.default_rng(2)
    found = [sign_streams.changed(SIGN, SCALE, recipe, 100.0, rng) for _ in range(40)]
    leads = [int((y[:, 1] == 0).sum()) for _, y in found]
    stills = [len(x) - 40 - lead for (x, _), lead in zip(found, leads, strict=True)]
    assert max(leads) > 10
    assert max(stills) > 15
    assert min(stills) == 0
    for (x, _), lead, still in zip(found, leads, stills, strict=True):
        assert (x[:lead] == SIGN.values[0]).all()
        assert (x[len(x) - still :] == SIGN.values[-1]).all()


def test_the_same_seed_changes_in_the_same_way() -> None:
    once, again = (sign_streams.changed(SIGN, SCALE, SignRecipe(), 100.0, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(once[0], again[0])


def test_nothing_is_asked_behind_the_end_of_the_shorter_one() -> None:
    x, y = sign_streams.beside([sign_streams.whole(SIGN), sign_streams.whole(Example(SIGN.values[:10], 1))])
    assert x.shape == (40, 2, 3)
    assert not y[10:, 1, 1].any()
    assert (x[10:, 1] == SIGN.values[9]).all()


def test_every_sign_is_shown_before_any_is_shown_again() -> None:
    found = [index for batch in sign_streams.batches(10, 5, 4, np.random.default_rng(1)) for index in batch]
    assert sorted(found[:10]) == sorted(found[10:]) == list(range(10))
