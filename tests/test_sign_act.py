"""What an act that reads signs tells, and when."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
import pytest
import sign_models
from counting import counted

from engine import plugins
from engine.inference.vet import load
from engine.recognition import Recogniser
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Label
from engine.sign_act import SignAct, SignCounters

PLAIN = Controls()
QUIET = sign_models.resting(40)
SIGN = sign_models.sign("cloud")
C = sign_models.CLASSES


class Where:
    """An encoder whose path is the first two numbers of the first state."""

    numbers, dims = (0,), 2

    def place(self, chosen: Sequence[F32]) -> F32:
        return chosen[0].reshape(1, -1)[:, :2].copy()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign_models.signs_model(tmp_path_factory.mktemp("signs") / "signs.onnx")


Make = Callable[..., SignAct]


@pytest.fixture
def make(model: Path) -> Iterator[Make]:
    made: list[SignAct] = []

    def one(path: Where | None = None, **settings: float) -> SignAct:
        made.append(SignAct(recogniser(model, **settings), path=path))  # type: ignore[arg-type]
        return made[-1]

    yield one
    for each in made:
        each.close()


def recogniser(model: Path, **settings: float) -> Recogniser:
    loaded = load(model)
    spec = msgspec.structs.replace(loaded.spec, settings=loaded.spec.settings | settings)
    return plugins.recogniser("signs")(loaded._replace(spec=spec), "cpu")


def joined(*parts: F32) -> F32:
    return np.concatenate(parts)


def told(act: SignAct, samples: F32, controls: Controls = PLAIN) -> list[tuple[int, Label]]:
    """At which sample which label was told."""
    found = [(at, act.sample(values, controls)) for at, values in enumerate(samples)]
    return [(at, label) for at, label in found if label is not None]


def words(found: Sequence[tuple[int, Label]]) -> list[str]:
    return [label.word for _, label in found]


def test_each_sign_is_told_once(make: Make) -> None:
    act, given = make(), [*sign_models.WORDS, *sign_models.WORDS[::-1], "boat", "boat", "boat"]
    found = told(act, sign_models.stream(given))
    assert words(found) == given
    assert all(label.word == sign_models.WORDS[label.number] and 0.8 < label.certainty <= 1.0 for _, label in found)
    assert act.counters == SignCounters(samples=len(sign_models.stream(given)), signs=len(given))


def test_it_signs_from_a_beginning_to_an_end(make: Make) -> None:
    act, samples = make(), joined(QUIET, SIGN, QUIET)
    signing = []
    for values in samples:
        act.sample(values, PLAIN)
        signing.append(act.signing)
    first, last = signing.index(True), len(signing) - 1 - signing[::-1].index(True)
    assert 40 < first < 50
    assert 100 < last < 125
    assert all(signing[first : last + 1])


def test_streaming_equals_the_whole_sign_in_one_pass_sample_by_sample(make: Make) -> None:
    """The whole: ONNX Runtime's LSTM over the sequence that the act heard, from the lead on."""
    act, samples = make(), joined(QUIET, SIGN, QUIET)
    for values in QUIET:
        act.sample(values, PLAIN)
    seen = []
    for values in samples[40:]:
        act.sample(values, PLAIN)
        seen.append(act.probabilities.copy() if act.signing else None)
    first = next(at for at, each in enumerate(seen) if each is not None)
    streamed = np.array([each for each in seen if each is not None])
    lead = 5
    heard = samples[40 + first + 1 - lead : 40 + first + len(streamed)]
    session = onnxruntime.InferenceSession(sign_models.sequence_graph(len(heard)))
    zeros = np.zeros((1, 1, C), np.float32)
    whole = session.run(None, {"x": heard, "h0": zeros, "c0": zeros})[0]
    assert len(streamed) > 60
    np.testing.assert_allclose(streamed, whole[lead - 1 :], atol=1e-6)


def test_what_came_before_a_sign_is_not_heard_in_it(make: Make) -> None:
    one, two = make(), make()
    told(one, joined(QUIET, sign_models.sign("apple"), QUIET))
    told(two, joined(QUIET, sign_models.sign("echo"), QUIET))
    (first,), (second,) = told(one, joined(SIGN, QUIET)), told(two, joined(SIGN, QUIET))
    assert first == second


def test_within_a_sign_the_history_is_heard(make: Make) -> None:
    one, two = make(), make()
    half = len(SIGN) // 2
    for act, word in ((one, "cloud"), (two, "drum")):
        told(act, joined(QUIET, sign_models.sign(word)[:half]))
        act.sample(SIGN[half], PLAIN)
    assert not np.allclose(one.probabilities, two.probabilities)


def test_before_the_first_sign_all_are_as_likely_and_between_two_they_stay(make: Make) -> None:
    act = make()
    told(act, QUIET)
    np.testing.assert_allclose(act.probabilities, 1.0 / C)
    told(act, joined(SIGN, QUIET))
    kept = act.probabilities.copy()
    assert kept.argmax() == sign_models.WORDS.index("cloud")
    told(act, QUIET)
    np.testing.assert_array_equal(act.probabilities, kept)


def test_a_sign_that_is_not_certain_enough_is_not_told(make: Make) -> None:
    act, samples = make(), joined(QUIET, SIGN, QUIET)
    assert told(act, samples, Controls(certainty=1.0)) == []
    assert act.counters == SignCounters(samples=len(samples), unsure=1)
    assert words(told(act, samples)) == ["cloud"]


def test_early_tells_once_before_the_end(make: Make) -> None:
    samples = joined(QUIET, SIGN, QUIET)
    (late,) = told(make(), samples)
    act = make()
    (early,) = told(act, samples, Controls(early=0.8))
    assert early[1].word == late[1].word
    assert early[1].certainty > 0.8
    assert early[0] < late[0] - 20
    assert act.counters.signs == 1
    assert words(told(act, samples, Controls(early=0.8))) == ["cloud"]


def test_early_waits_until_a_sign_stays_likely(make: Make) -> None:
    quick, slow = (told(make(), joined(QUIET, SIGN, QUIET), Controls(early=early)) for early in (0.5, 0.95))
    assert quick[0][0] < slow[0][0]
    act, likely = make(), []
    for values in joined(QUIET, SIGN, QUIET):
        label = act.sample(values, Controls(early=0.8))
        likely.append(act.probabilities.max() > 0.8)
        if label is not None:
            break
    assert sum(likely) == 10  # samples: 0.1 s
    assert all(likely[-10:])


def test_what_is_never_likely_enough_to_be_told_early_is_told_at_the_end(make: Make) -> None:
    samples = joined(QUIET, SIGN, QUIET)
    assert told(make(), samples, Controls(early=0.9999)) == told(make(), samples)


def test_signs_joined_without_a_rest_are_told_apart_by_their_jump(make: Make) -> None:
    act, away = make(still=0.3), np.zeros_like(sign_models.SCALE)
    away[sign_models.MOTION[-1]] = 1.0  # no word is made with it
    found = told(act, joined(QUIET, SIGN, QUIET[:20], sign_models.sign("drum") + away, QUIET[:35] + away))
    assert words(found) == ["cloud", "drum"]
    assert found[0][0] == 40 + 60 + 20


def test_a_rest_ends_a_sign(make: Make) -> None:
    act = make()
    assert told(act, joined(QUIET, SIGN)) == []
    label = act.rest(PLAIN)
    assert label is not None
    assert label.word == "cloud"
    assert not act.signing
    assert act.rest(PLAIN) is None
    assert words(told(act, joined(sign_models.sign("boat"), QUIET))) == ["boat"]


def test_a_rest_without_a_sign_does_nothing(make: Make) -> None:
    act = make()
    assert act.rest(PLAIN) is None
    told(act, QUIET)
    assert act.rest(PLAIN) is None
    assert act.counters == SignCounters(samples=40)


def test_a_sign_that_was_told_early_is_not_told_again_by_a_rest(make: Make) -> None:
    act = make()
    assert len(told(act, joined(QUIET, SIGN), Controls(early=0.8))) == 1
    assert act.rest(Controls(early=0.8)) is None


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_counted_and_change_nothing(make: Make, wrong: float) -> None:
    plain, disturbed = make(), make()
    samples = joined(QUIET, SIGN, QUIET)
    expected = told(plain, samples)
    found = []
    for values in samples:
        broken = values.copy()
        broken[7] = wrong
        assert disturbed.sample(broken, PLAIN) is None
        found += [label for label in [disturbed.sample(values, PLAIN)] if label is not None]
    assert found == [label for _, label in expected]
    np.testing.assert_array_equal(plain.probabilities, disturbed.probabilities)
    assert disturbed.counters == SignCounters(samples=2 * len(samples), signs=1, unsound=len(samples))


@pytest.mark.parametrize("size", [0, 1, 21, 23])
def test_a_sample_of_another_size_is_refused(make: Make, size: int) -> None:
    act = make()
    with pytest.raises(ValueError, match="a sample"):
        act.sample(np.zeros(size, np.float32), PLAIN)


def test_restarted_it_is_as_if_it_was_just_made(make: Make) -> None:
    act, samples = make(Where()), joined(QUIET, SIGN, QUIET)
    told(act, samples[:80])
    act.restart()
    assert not act.signing
    np.testing.assert_allclose(act.probabilities, 1.0 / C)
    assert act.path is not None
    np.testing.assert_array_equal(act.path, 0.0)
    assert told(act, samples) == told(make(), samples)
    assert act.counters.samples == 80 + len(samples)


def test_the_path_follows_the_memory_in_a_sign_and_stays_between_two(make: Make) -> None:
    act = make(Where())
    path = []
    for values in joined(QUIET, sign_models.sign("boat"), QUIET):
        act.sample(values, PLAIN)
        assert act.path is not None
        path.append(act.path.copy())
    moved = np.abs(np.diff(path, axis=0)).max(axis=1) > 0
    assert not moved[:40].any()
    assert moved[50:100].all()
    assert not moved[125:].any()
    assert path[-1][1] > 0.5 > abs(path[-1][0])


def test_without_an_encoder_there_is_no_path(make: Make) -> None:
    act = make()
    told(act, joined(QUIET, SIGN))
    assert act.path is None


def test_samples_make_no_memory_that_grows(make: Make) -> None:
    act, samples = make(), sign_models.stream(["apple", "boat"])
    told(act, samples)
    with counted() as made:
        told(act, samples)
    assert all(size <= 8 for size in made)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"start_speed": -1.0}, "settings.start_speed"),
        ({"stop_speed": 2.0}, "settings.stop_speed"),
        ({"still": 11.0}, "settings.still"),
        ({"shortest": float("inf")}, "settings.shortest"),
        ({"jump": "far"}, "settings.jump"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Make, settings: dict[str, float], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        make(**settings)


def test_closed_twice_it_stays_closed(make: Make) -> None:
    act = make()
    act.close()
    act.close()
    assert "CPU" in act.provider
