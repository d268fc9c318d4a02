import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gestures.pace import Pace
from engine.schema.frame import F32


def line(count: int) -> F32:
    """Samples on a straight line: the number of each, and its double."""
    return np.arange(count, dtype=np.float32)[:, None] * np.array([1, 2], np.float32)


def paced(pace: Pace, samples: F32) -> F32:
    made = [made.copy() for sample in samples for made in pace.push(sample)]
    return np.array(made, np.float32).reshape(-1, samples.shape[1])


def test_at_the_same_rate_samples_are_the_same() -> None:
    samples = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    assert (paced(Pace(100, 100, 3), samples) == samples).all()


@pytest.mark.parametrize(
    ("rate", "fps"), [(50, 100), (60, 100), (61, 100), (100, 60), (1000, 100), (59.94, 100), (1, 30)]
)
def test_samples_of_another_rate_lie_on_the_way_between_those_that_came(rate: float, fps: float) -> None:
    made = paced(Pace(rate, fps, 2), line(101))
    assert len(made) == int(100 * fps / rate + 1e-9) + 1
    expected = np.arange(len(made)) * rate / fps
    assert np.allclose(made[:, 0], expected, atol=1e-4)
    assert np.allclose(made[:, 1], 2 * expected, atol=2e-4)


@settings(max_examples=15, deadline=None)
@given(st.floats(20, 1000), st.sampled_from([30.0, 60.0, 100.0]))
def test_nothing_drifts(rate: float, fps: float) -> None:
    pace, sample = Pace(rate, fps, 1), np.zeros(1, np.float32)
    count = sum(1 for _ in range(300) for _ in pace.push(sample))
    assert abs(count - (299 * fps / rate + 1)) < 1


def test_after_a_restart_nothing_is_put_between_what_was_and_what_comes() -> None:
    pace = Pace(50, 100, 1)
    paced(pace, np.zeros((3, 1), np.float32))
    pace.restart()
    assert paced(pace, np.full((2, 1), 8, np.float32)).tolist() == [[8], [8], [8]]
