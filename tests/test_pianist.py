"""One model striking keys."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import path_models
import pianos
import pytest
from runtime.notes_rig import SPEC, Model, Touch, model_of, pianist, touch_of

import engine.models
from engine.inference.scripted import ScriptedModel
from engine.inference.vet import load
from engine.open_pianist import open_pianist, try_out
from engine.pianist import Pianist, own_controls
from engine.schema.controls import Controls
from engine.schema.errors import EngineError, ModelError
from engine.schema.frame import F32
from engine.schema.model import Head

MS = 1_000_000
Played = Sequence[tuple[int, int]]
"""Moments, ns, and keys."""


def keys(count: int, seed: int = 0) -> Played:
    draw = np.random.default_rng(seed)
    moments = np.cumsum(draw.integers(0, 300 * MS, count))
    return [(int(at), int(number)) for at, number in zip(moments, draw.integers(21, 109, count), strict=True)]


def play(player: Pianist, played: Played) -> list[int]:
    found = []
    for at, number in played:
        found.append(player.press(at, number, 64))
        player.release(at + MS, number)
        player.pedal(at + MS, number)
    return found


def steered(player: Pianist, **knobs: float) -> Pianist:
    player.controls = msgspec.structs.replace(player.controls, **knobs)
    return player


@pytest.fixture
def tiny_piano(tmp_path: Path) -> Path:
    return pianos.tiny(tmp_path / "tiny.onnx")


def test_the_same_seed_and_keys_give_the_same_velocities_to_the_bit(tiny_piano: Path) -> None:
    one, other, third = (open_pianist(load(tiny_piano), seed=seed) for seed in (3, 3, 4))
    first = play(one, keys(200))
    assert len(set(first)) > 10
    assert play(other, keys(200)) == first
    assert play(third, keys(200)) != first
    for player in (one, other, third):
        player.close()
        player.close()


def test_a_restart_forgets_everything_and_may_take_another_seed(tiny_piano: Path) -> None:
    player = open_pianist(load(tiny_piano), seed=3)
    first = play(player, keys(100))
    player.restart()
    assert play(player, keys(100)) == first
    player.restart(4)
    assert play(player, keys(100)) == play(open_pianist(load(tiny_piano), seed=4), keys(100)) != first
    assert player.counters == (300, 0)


def test_only_distances_in_time_count(tiny_piano: Path) -> None:
    one, later = (open_pianist(load(tiny_piano), seed=3) for _ in range(2))
    hour = 3600 * 1000 * MS + 1
    assert play(one, keys(100)) == play(later, [(at + hour, number) for at, number in keys(100)])


def test_what_was_played_before_matters_and_what_comes_later_does_not(tiny_piano: Path) -> None:
    one, other = (steered(open_pianist(load(tiny_piano), seed=3), temperature=0.0) for _ in range(2))
    changed = [(at, 109 - number + 20 if place == 30 else number) for place, (at, number) in enumerate(keys(60))]
    first, second = play(one, keys(60)), play(other, changed)
    assert first[:30] == second[:30]
    assert first[31:] != second[31:]


def test_nothing_of_the_rehearsal_is_left() -> None:
    player = pianist()
    assert touch_of(player).told == []
    assert player.counters == (0, 0)
    assert not any(tensor.any() for tensor in model_of(player).state())


def test_a_time_that_runs_back_counts_as_at_once() -> None:
    player = pianist()
    player.press(100, 60, 64)
    player.press(50, 61, 64)
    player.release(10, 60)
    assert [at for _, at, _ in touch_of(player).told] == [100, 100, 100]


def test_at_temperature_0_the_mean_is_struck_and_at_1_it_is_spread_around_it() -> None:
    player = pianist(flat=False)
    assert {steered(player, temperature=0.0).press(0, 60, 64) for _ in range(20)} == {60}
    drawn = [steered(player, temperature=1.0).press(0, 60, 64) for _ in range(2000)]
    assert abs(np.mean(drawn) - 60) < 0.5
    assert abs(np.std(drawn) - 5.0) < 0.25


def test_it_hears_its_player_unless_it_is_told_not_to() -> None:
    player = pianist()
    for listen, own in ((1, 20), (1, 100), (0, 20), (0, 100)):
        steered(player, listen=listen).press(0, 60, own)
    assert touch_of(player).heard == [20, 100, 64, 64]


@pytest.mark.parametrize(
    ("knobs", "own", "velocity"),
    [
        ({}, 1, 80),
        ({"own": 1.0}, 13, 13),
        ({"own": 0.25}, 40, 70),
        ({"softest": 90.0}, 1, 90),
        ({"loudest": 40.0}, 1, 40),
        ({"softest": 90.0, "loudest": 40.0}, 1, 40),
        ({"loudness": 127.0}, 1, 127),
        ({"loudness": 64.0 - 200.0}, 1, 1),
        ({"own": 1.0, "softest": 30.0}, 1, 30),
    ],
)
def test_it_is_within_its_bounds_and_the_upper_one_wins(knobs: dict[str, float], own: int, velocity: int) -> None:
    assert steered(pianist(), **knobs).press(0, 80, own) == velocity


def test_its_controls_are_at_first_those_of_the_model() -> None:
    soft = tuple(
        msgspec.structs.replace(control, default=33.0) if control.name == "loudness" else control
        for control in SPEC.controls
    )
    assert own_controls(msgspec.structs.replace(SPEC, controls=soft)) == Controls(loudness=33.0)
    assert pianist(flat=False).controls == Controls()


def test_what_is_no_number_is_replaced_by_the_last_sound_velocity_and_counted() -> None:
    player = pianist()
    assert player.press(0, 70, 64) == 70
    model_of(player).broken_from = model_of(player).steps
    assert [player.press(at, 90, 64) for at in range(3)] == [70, 70, 70]
    assert player.counters == (4, 3)
    model_of(player).broken_from = None
    assert player.press(9, 80, 64) == 80


def test_a_model_that_is_broken_from_the_start_strikes_as_loud_as_is_asked_for() -> None:
    player = steered(pianist(), loudness=33.0)
    model_of(player).broken_from = 0
    assert player.press(0, 70, 64) == 33


class Poisoned(Model):
    """A NaN that stays in the state, as in a network."""

    def poison(self) -> None:
        self._mean[:] = np.nan
        self._memory = np.float32(0.5)


def test_a_state_that_is_no_number_is_forgotten() -> None:
    model = Poisoned()
    player = Pianist(model, Touch(), seed=1)
    model.poison()
    player.press(0, 60, 64)
    assert np.isfinite(model.state()[0]).all()
    player.press(1, 60, 64)
    assert player.counters.broken == 1


def test_more_than_one_number_or_pianist_is_refused() -> None:
    wide = msgspec.structs.replace(SPEC, head=Head(kind="mdn", components=2, dims=2))
    wide = msgspec.structs.replace(wide, features=2, state=(msgspec.structs.replace(SPEC.state[0], shape=(-1, 2)),))
    with pytest.raises(ModelError, match="one number"):
        Pianist(ScriptedModel(wide, 1), Touch(), seed=1)
    with pytest.raises(ModelError, match="one pianist"):
        Pianist(ScriptedModel(SPEC, 2), Touch(), seed=1)


def test_a_model_is_tried_out_and_one_of_another_family_is_refused_in_one_line(tiny_piano: Path) -> None:
    try_out(tiny_piano)
    with pytest.raises(EngineError, match=r"'dance'.*strikes keys"):
        try_out(Path(engine.models.__path__[0]) / "dance.onnx")


ON_MAP = path_models.arrays(pianos.HIDDEN, (5, 3), numbers=(2,))
"""Looks at what the last layer gives."""


def found(player: Pianist) -> F32:
    path = player.find()
    assert path is not None
    return path


def test_after_each_stroke_the_memory_is_elsewhere_on_its_map(tmp_path: Path) -> None:
    model = load(pianos.tiny(tmp_path / "mapped.onnx", arrays=ON_MAP))
    player = open_pianist(model, seed=3, view="plain")
    fresh, seen = found(player), []
    for at, number in keys(20):
        player.press(at, number, 64)
        seen.append(found(player))
        expected = path_models.points(ON_MAP, model.spec.state, player._model.state())
        np.testing.assert_allclose(seen[-1], expected[0], atol=1e-5)
        player.release(at + 1, number)
        assert found(player) is seen[-1]  # an array that whoever has it can keep
    assert np.ptp(seen, axis=0).min() > 1e-3
    player.restart()
    np.testing.assert_array_equal(found(player), fresh)


def test_a_pianist_plays_the_same_with_a_map_and_without_and_without_is_nowhere(tmp_path: Path) -> None:
    model = load(pianos.tiny(tmp_path / "mapped.onnx", arrays=ON_MAP))
    mapped, off = open_pianist(model, seed=3, view="log"), open_pianist(model, seed=3)
    assert play(mapped, keys(50)) == play(off, keys(50))
    assert found(mapped).shape == (3,)
    assert off.find() is None
