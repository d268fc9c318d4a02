"""What every family that reads signs must do; run over whatever of engine/families is for signs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import sign_models
from counting import counted

from engine import plugins
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.recognition import Recogniser
from engine.schema.frame import F32

NAMES = [name for name in plugins.families() if plugins.part(name) == "signs"]

EXAMPLES: dict[str, Callable[[Path], Path]] = {"signs": sign_models.signs_model}
"""What makes a model file of a family, by the name of its module; a new one adds a line and is held to the contract."""

pytestmark = pytest.mark.parametrize("name", NAMES)

Make = Callable[..., Recogniser]


@pytest.fixture
def make(name: str, tmp_path: Path) -> Iterator[Make]:
    if name not in EXAMPLES:
        pytest.fail(f"the family '{name}' has no example; add one to EXAMPLES in {__file__}")
    made: list[Recogniser] = []

    def one(change: Callable[[Loaded], Loaded] = lambda loaded: loaded) -> Recogniser:
        made.append(plugins.recogniser(name)(change(load(EXAMPLES[name](tmp_path / f"{name}.onnx"))), "cpu"))
        return made[-1]

    yield one
    for each in made:
        each.close()


def moving(recogniser: Recogniser, count: int = 40, seed: int = 1) -> F32:
    """Samples (count, F) of channels that wander around their means."""
    ways = np.random.default_rng(seed).normal(0.0, 0.2, (count, recogniser.spec.features)).cumsum(axis=0)
    found: F32 = (recogniser.mean + recogniser.scale * ways).astype(np.float32)
    return found


def heard(recogniser: Recogniser, samples: F32) -> F32:
    """The probabilities (T, C) after each sample."""
    found = []
    for values in samples:
        assert recogniser.sample(values)
        found.append(recogniser.probabilities.copy())
    return np.array(found)


def uniform(recogniser: Recogniser) -> bool:
    return np.allclose(recogniser.probabilities, 1.0 / len(recogniser.spec.labels), atol=1e-6)


def test_there_is_a_probability_for_each_label(make: Make) -> None:
    recogniser = make()
    assert uniform(recogniser)
    found = heard(recogniser, moving(recogniser))
    assert found.dtype == np.float32
    assert found.shape == (40, len(recogniser.spec.labels))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-5)
    assert (found >= 0.0).all()


def test_it_says_which_channels_there_are(make: Make) -> None:
    recogniser = make()
    assert len(recogniser.spec.channels) == recogniser.spec.features
    assert recogniser.mean.shape == recogniser.scale.shape == (recogniser.spec.features,)
    assert (recogniser.scale > 0.0).all()
    assert set(recogniser.motion) <= set(range(recogniser.spec.features))


def test_the_same_samples_are_heard_alike(make: Make) -> None:
    one, two = make(), make()
    samples = moving(one)
    np.testing.assert_array_equal(heard(one, samples), heard(two, samples))


def test_the_same_sample_after_another_history_is_heard_otherwise(make: Make) -> None:
    one, two = make(), make()
    last = moving(one, 1)
    heard(one, moving(one, seed=2))
    heard(two, moving(two, seed=3))
    assert not np.allclose(heard(one, last), heard(two, last))


def test_what_comes_later_changes_nothing_before(make: Make) -> None:
    one, two = make(), make()
    samples, others = moving(one), moving(one)
    others[20:] += 1.0
    first, second = heard(one, samples), heard(two, others)
    np.testing.assert_array_equal(first[:20], second[:20])
    assert not np.allclose(first[20:], second[20:])


def test_begun_anew_it_is_as_if_it_was_just_made(make: Make) -> None:
    one, two = make(), make()
    samples = moving(one)
    heard(one, moving(one, seed=4))
    one.restart()
    assert uniform(one)
    assert not any(tensor.any() for tensor in one.state())
    np.testing.assert_array_equal(heard(one, samples), heard(two, samples))


def test_the_state_is_given_as_copies_in_the_order_of_the_description(make: Make) -> None:
    recogniser = make()
    heard(recogniser, moving(recogniser))
    state = recogniser.state()
    assert [tensor.shape for tensor in state] == [tuple(map(abs, each.shape)) for each in recogniser.spec.state]
    assert all(tensor.any() for tensor in state)
    for tensor in state:
        tensor[:] = 7.0
    assert not any((tensor == 7.0).all() for tensor in recogniser.state())


def test_some_of_the_state_can_be_seen_as_it_is(make: Make) -> None:
    recogniser = make()
    for values in moving(recogniser, 4):
        recogniser.sample(values)
        state, last = recogniser.state(), len(recogniser.spec.state) - 1
        for numbers in ((0,), (last, 0)):
            seen = recogniser.hidden(numbers)
            assert len(seen) == len(numbers)
            for number, tensor in zip(numbers, seen, strict=True):
                np.testing.assert_array_equal(tensor, state[number])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_changes_nothing(make: Make, wrong: float) -> None:
    recogniser = make()
    samples = moving(recogniser)
    heard(recogniser, samples)
    before, said = recogniser.state(), recogniser.probabilities.copy()
    for channel in (0, recogniser.spec.features - 1):
        broken = samples[0].copy()
        broken[channel] = wrong
        assert not recogniser.sample(broken)
    np.testing.assert_array_equal(recogniser.probabilities, said)
    assert all(np.array_equal(one, two) for one, two in zip(before, recogniser.state(), strict=True))


@pytest.mark.parametrize("change", [-1, 1])
def test_a_sample_of_another_size_is_refused(make: Make, change: int) -> None:
    recogniser = make()
    with pytest.raises(ValueError, match="a sample"):
        recogniser.sample(np.zeros(recogniser.spec.features + change, np.float32))


def poisoned(loaded: Loaded) -> Loaded:
    """The model with NaN for all of its numbers."""
    model = onnx.load_from_string(loaded.graph)
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor).copy()
        if array.dtype.kind == "f":
            array[...] = np.nan
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
    return Loaded(model.SerializeToString(), loaded.spec, loaded.arrays)


def test_a_model_that_gives_no_numbers_begins_anew(make: Make) -> None:
    recogniser = make(poisoned)
    for values in moving(recogniser, 5):
        assert not recogniser.sample(values)
        assert uniform(recogniser)
        assert not any(tensor.any() for tensor in recogniser.state())


def test_a_sample_makes_no_memory(make: Make) -> None:
    recogniser = make()
    samples = moving(recogniser, 3)
    recogniser.sample(samples[0])
    with counted() as made:
        recogniser.sample(samples[1])
        recogniser.restart()
        recogniser.sample(samples[2])
    assert all(size <= 4 for size in made)  # zeros that fill what is there


def test_closed_twice_it_stays_closed(make: Make) -> None:
    recogniser = make()
    recogniser.close()
    recogniser.close()
    with pytest.raises(ValueError, match="closed"):
        recogniser.sample(recogniser.mean)


def test_the_provider_is_told(make: Make) -> None:
    assert "CPU" in make().provider
