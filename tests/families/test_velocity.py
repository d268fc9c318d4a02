import time
from pathlib import Path

import msgspec
import numpy as np
import pianos
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts import HeadOutput, Loaded
from engine.families import _touch, velocity
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.note import Note, Pedal, Timed

SECOND = 10**9


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(pianos.tiny(tmp_path_factory.mktemp("piano") / "tiny.onnx"))


def head(mu: list[float], logits: list[float] | None = None) -> HeadOutput:
    means = np.array(mu, np.float32)[None, :, None]
    weights = np.zeros(len(mu), np.float32) if logits is None else np.array(logits, np.float32)
    return HeadOutput(means, np.ones_like(means), logits=weights[None])


def random_events(count: int, seed: int) -> list[Timed]:
    draw = np.random.default_rng(seed)
    events, at = [], 0
    down: set[int] = set()
    for _ in range(count):
        at += int(draw.choice([0, 0, 5_000_000, 120_000_000, 900_000_000]))
        kind = draw.random()
        if kind < 0.1:
            events.append(Timed(at, Pedal(int(draw.integers(128)))))
        elif kind < 0.5 and down:
            number = int(draw.choice(sorted(down)))
            down.discard(number)
            events.append(Timed(at, Note(number, 0)))
        else:
            number = int(draw.integers(21, 109))
            down.add(number)
            events.append(Timed(at, Note(number, int(draw.integers(1, 128)))))
    return events


def struck(events: list[Timed]) -> np.ndarray:
    """Velocities (N,) of the keys that go down."""
    return np.array(
        [timed.event.velocity for timed in events if isinstance(timed.event, Note) and timed.event.velocity]
    )


def streamed(loaded: Loaded, events: list[Timed]) -> np.ndarray:
    touch, rows = velocity.create(loaded, 1), []
    for at, event, *_ in events:
        if isinstance(event, Pedal):
            touch.pedal(at, event.value)
        elif event.velocity:
            x = np.zeros((1, _touch.FEATURES), np.float32)
            touch.press(at, event.number, event.velocity, x)
            rows.append(x[0])
        else:
            touch.release(at, event.number)
    return np.array(rows)


def test_note_by_note_gives_what_a_whole_recording_gives(loaded: Loaded) -> None:
    events = random_events(1500, 1)
    whole = _touch.features(_touch.coded(events), struck(events))
    assert len(whole) > 500
    np.testing.assert_array_equal(streamed(loaded, events), whole)


def test_what_comes_later_never_changes_what_was_told(loaded: Loaded) -> None:
    events = random_events(400, 2)
    first = streamed(loaded, events[:200])
    np.testing.assert_array_equal(streamed(loaded, events)[: len(first)], first)


HEARD = slice(56, 64)
"""The inputs that tell how hard keys were struck before."""


@pytest.mark.parametrize("velocity", [1, 64, 127])
def test_a_score_that_never_varies_tells_nothing_of_velocities(velocity: int) -> None:
    coded = _touch.coded(random_events(400, 3))
    flat = _touch.features(coded)
    np.testing.assert_array_equal(_touch.features(coded, np.full(len(flat), velocity)), flat)
    assert not flat[:, HEARD].any()


def test_a_key_is_not_told_its_own_velocity() -> None:
    events = random_events(400, 3)
    own = struck(events)
    louder = own.copy()
    louder[100] = 127 - louder[100]
    first, second = (_touch.features(_touch.coded(events), each) for each in (own, louder))
    np.testing.assert_array_equal(first[:101], second[:101])
    assert (first[101] != second[101]).any()


def test_what_is_heard_is_what_was_struck() -> None:
    """Three keys of a chord, then one near its top: last, second last, the chord's mean, the nearest key's."""

    def loud(velocity: float) -> float:
        return (velocity - 64) / 24

    events = [Timed(at, Note(number, 64)) for at, number in ((0, 60), (SECOND, 48), (SECOND, 64), (2 * SECOND, 65))]
    x = _touch.features(_touch.coded(events), np.array([20, 40, 100, 64]))
    assert not x[:2, HEARD].any()  # one velocity alone may be that of a flat score
    np.testing.assert_allclose(x[2, [56, 57, 58]], [1, loud(40), loud(20)], rtol=1e-6)
    np.testing.assert_allclose(x[3, [57, 58, 61, 62]], [loud(100), loud(40), loud(70), loud(100)], rtol=1e-6)
    assert loud(40) < x[3, 63] < loud(100)


def test_a_velocity_that_goes_on_and_on_is_believed_no_more() -> None:
    events = [Timed(step * SECOND, Note(60 + step % 2, 64)) for step in range(80)]
    known = _touch.features(_touch.coded(events), np.array([30] + [90] * 79))[:, 56]
    np.testing.assert_array_equal(known, [0, 0] + [1] * 32 + [0] * 46)


def test_a_restart_forgets_everything(loaded: Loaded) -> None:
    touch = velocity.create(loaded, 1)
    first, second = np.zeros((2, 1, _touch.FEATURES), np.float32)
    touch.press(0, 60, 64, first)
    touch.pedal(1, 127)
    touch.release(5, 60)
    touch.press(7, 64, 64, second)
    touch.restart()
    touch.press(SECOND, 60, 64, second)
    np.testing.assert_array_equal(first, second)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 127), st.integers(0, 20 * SECOND)), max_size=60))
def test_whatever_is_played_the_numbers_stay_small(events: list[tuple[int, int, int]]) -> None:
    memory, at = _touch.fresh(), 0
    for kind, what, wait in events:
        at += wait
        x = np.full(_touch.FEATURES, np.nan, np.float32)
        if kind == 0:
            _touch.release(memory, at, _touch.key_of(what))
        elif kind == 1:
            _touch.tread(memory, at, what)
        else:
            _touch.press(memory, at, _touch.key_of(what), 64, x)
            assert np.isfinite(x).all()
            assert np.abs(x).max() <= 32.0


def test_keys_that_no_piano_has_count_as_the_nearest() -> None:
    assert [_touch.key_of(number) for number in (0, 20, 21, 60, 108, 127)] == [0, 0, 0, 39, 87, 87]


def test_the_temperature_goes_from_the_mean_to_the_sample(loaded: Loaded) -> None:
    touch, output = velocity.create(loaded, 1), head([50.0, 70.0])
    for temperature, expected in ((0.0, 60.0), (0.5, 65.0), (1.0, 70.0), (2.0, 80.0)):
        assert touch.decode(output, 70.0, Controls(temperature=temperature)) == pytest.approx(expected, abs=1e-4)


def test_loudness_moves_and_contrast_scales_around_the_trainings_mean(loaded: Loaded) -> None:
    touch, output = velocity.create(loaded, 1), head([70.0])
    assert touch.decode(output, 70.0, Controls()) == pytest.approx(70.0)
    assert touch.decode(output, 70.0, Controls(loudness=74.0)) == pytest.approx(80.0)
    assert touch.decode(output, 70.0, Controls(contrast=2.0)) == pytest.approx(pianos.MEAN + 2.0 * (70.0 - pianos.MEAN))
    assert touch.decode(output, 70.0, Controls(contrast=0.0)) == pytest.approx(pianos.MEAN)


def test_the_expectation_weighs_the_components() -> None:
    assert velocity.expectation(head([40.0, 80.0], [np.log(3.0), 0.0])) == pytest.approx(50.0, abs=1e-4)


def test_a_broken_model_gives_nan_without_a_warning() -> None:
    assert np.isnan(velocity.expectation(head([40.0, 80.0], [np.nan, 0.0])))


@pytest.mark.parametrize("changes", [{"settings": {}}, {"settings": {"mean": 0.0}}, {"features": 7}])
def test_a_model_of_something_else_is_refused(loaded: Loaded, changes: dict[str, object]) -> None:
    other = loaded._replace(spec=msgspec.structs.replace(loaded.spec, **changes))
    with pytest.raises(ModelError):
        velocity.create(other, 1)


def test_a_note_costs_little(loaded: Loaded) -> None:
    touch, x = velocity.create(loaded, 1), np.zeros((1, _touch.FEATURES), np.float32)
    begin = time.process_time()
    for note in range(2000):
        touch.press(note * 10**7, 40 + note % 40, 64, x)
        touch.release(note * 10**7 + 5, 40 + note % 40)
    assert (time.process_time() - begin) / 2000 < 200e-6  # 20 us are asked for; ten times that on a busy machine


def test_the_tiny_models_file_is_read(tmp_path: Path) -> None:
    assert load(pianos.tiny(tmp_path / "a.onnx")).spec.family == "velocity"
