import numpy as np
import pytest
import tiny

from engine.inference.scripted import ScriptedModel
from engine.schema.model import HeadKind

ONES = np.ones(2, np.float32)
X = np.array([[0.5, -1.0, 2.0], [1.0, 1.0, 1.0]], np.float32)


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_an_echo_fed_back_is_constant(kind: HeadKind) -> None:
    model = ScriptedModel(tiny.scripted_spec(kind), 2, memory=0.0)
    x = X
    for _ in range(10):
        mu = model.step(x, ONES * 0, ONES, ONES).mu
        x = mu.reshape(2, -1, tiny.DIMS)[:, 0].copy()
        np.testing.assert_array_equal(x, X)


def test_memory_is_a_running_mean() -> None:
    model = ScriptedModel(tiny.scripted_spec(), 2, memory=0.5)
    model.step(X, ONES * 0, ONES, ONES)
    np.testing.assert_allclose(model.step(X, ONES * 0, ONES, ONES).mu, 0.75 * X)


def test_a_broken_row_stays_broken_until_its_state_is_replaced() -> None:
    model = ScriptedModel(tiny.scripted_spec(), 2, broken={(1, 0)})
    seen = [np.isfinite(model.step(X, ONES * 0, ONES, ONES).mu).all(axis=1).tolist() for _ in range(3)]
    assert seen == [[True, True], [False, True], [False, True]]
    model.put(0, (), 0)
    assert np.isfinite(model.step(X, ONES * 0, ONES, ONES).mu).all()


def test_a_description_that_it_cannot_play() -> None:
    with pytest.raises(ValueError, match="one state"):
        ScriptedModel(tiny.lstm_spec(), 1)


def test_resized_models_count_their_steps_together() -> None:
    model = ScriptedModel(tiny.scripted_spec(), 2, broken={(1, 3)})
    larger = model.resized(4)
    model.step(X, ONES * 0, ONES, ONES)
    larger.restore(model.state())
    four = np.concatenate([ONES, ONES])
    mu = larger.step(np.concatenate([X, X]), four * 0, four, four).mu
    assert np.isfinite(mu).all(axis=1).tolist() == [True, True, True, False]
