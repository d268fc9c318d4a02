"""Where signs begin and end in streams made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
import sign_models
from counting import counted

from engine.gestures.onset import Onset, Phase, Thresholds, energies, thresholds
from engine.schema.errors import DataError
from engine.schema.frame import F32

FPS, MEAN, SCALE = sign_models.FPS, sign_models.MEAN, sign_models.SCALE
MOTION = np.array(sign_models.MOTION)
LIMITS = Thresholds(start_speed=1.0, stop_speed=0.5, still=0.15, shortest=0.2, jump=0.5)
QUIET = sign_models.resting(40)
SIGN = sign_models.sign("cloud")


def onset(limits: Thresholds = LIMITS, fps: float = FPS) -> Onset:
    return Onset(MOTION, SCALE, fps, limits)


def phases(samples: F32, listening: Onset | None = None) -> list[Phase]:
    listening = listening or onset()
    return [listening.sample(values) for values in samples]


def counted_phases(found: Sequence[Phase]) -> dict[str, int]:
    return {phase.name: found.count(phase) for phase in (Phase.BEGAN, Phase.ENDED, Phase.ANOTHER) if phase in found}


def joined(*parts: F32) -> F32:
    return np.concatenate(parts)


def test_a_sign_between_rests_begins_once_and_ends_once() -> None:
    found = phases(joined(QUIET, SIGN, QUIET))
    assert counted_phases(found) == {"BEGAN": 1, "ENDED": 1}
    began, ended = found.index(Phase.BEGAN), found.index(Phase.ENDED)
    assert 40 < began < 50
    assert 40 + len(SIGN) + 10 < ended < 40 + len(SIGN) + 20
    assert set(found[began + 1 : ended]) == {Phase.SIGNING}
    assert set(found[:began] + found[ended + 1 :]) == {Phase.IDLE}


def test_any_number_of_signs_is_found() -> None:
    words = sign_models.WORDS * 4
    assert counted_phases(phases(sign_models.stream(words))) == {"BEGAN": len(words), "ENDED": len(words)}


def test_a_pause_shorter_than_stillness_belongs_to_the_sign() -> None:
    half = len(SIGN) // 2
    held = np.tile(SIGN[half - 1], (10, 1))
    found = phases(joined(QUIET, SIGN[:half], held, SIGN[half:], QUIET))
    assert counted_phases(found) == {"BEGAN": 1, "ENDED": 1}


def test_a_movement_that_is_too_short_is_none() -> None:
    twitch = sign_models.sign("boat", seconds=0.1, size=0.3)
    found = phases(joined(QUIET, twitch, QUIET))
    assert counted_phases(found) == {"BEGAN": 1}
    assert found[-1] is Phase.IDLE


def test_a_tremor_begins_nothing() -> None:
    noise = np.random.default_rng(2).normal(0.0, 0.005, (3000, len(MEAN)))
    assert set(phases((MEAN + SCALE * noise).astype(np.float32))) == {Phase.IDLE}


def test_a_single_wrong_sample_is_no_sign() -> None:
    for at in (3, 30):
        samples = joined(QUIET, QUIET)
        samples[at, MOTION] += 5.0 * SCALE[MOTION]
        assert Phase.ENDED not in phases(samples)


def test_channels_that_do_not_count_do_nothing() -> None:
    samples = joined(QUIET, QUIET)
    samples[40:, 6] += 5.0
    assert set(phases(samples)) == {Phase.IDLE}


def test_a_jump_of_hands_that_lay_still_ends_one_sign_and_begins_another() -> None:
    limits = LIMITS._replace(still=0.3)
    away = SIGN + SCALE
    found = phases(joined(QUIET, SIGN, QUIET[:20], away, QUIET + SCALE), onset(limits))
    assert counted_phases(found) == {"BEGAN": 1, "ANOTHER": 1, "ENDED": 1}
    assert found.index(Phase.ANOTHER) == 40 + len(SIGN) + 20


def test_a_jump_within_a_movement_belongs_to_it() -> None:
    half = len(SIGN) // 2
    found = phases(joined(QUIET, SIGN[: half - 10], SIGN[half + 10 :] + SCALE, QUIET + SCALE))
    assert counted_phases(found) == {"BEGAN": 1, "ENDED": 1}


def test_a_jump_after_a_movement_that_was_too_short_begins_the_first_sign() -> None:
    twitch = sign_models.sign("boat", seconds=0.1, size=0.3)
    found = phases(joined(QUIET, twitch, QUIET[:22], SIGN + SCALE, QUIET + SCALE), onset(LIMITS._replace(still=0.3)))
    assert counted_phases(found) == {"BEGAN": 2, "ENDED": 1}


def test_hands_that_are_elsewhere_after_a_rest_have_not_moved() -> None:
    listening = onset()
    phases(QUIET, listening)
    assert listening.rest() is Phase.IDLE
    assert set(phases(QUIET + SCALE, listening)) == {Phase.IDLE}


def test_a_rest_ends_the_sign_that_goes_on() -> None:
    listening = onset()
    assert Phase.BEGAN in phases(joined(QUIET, SIGN[:40]), listening)
    assert listening.rest() is Phase.ENDED
    assert not listening.signing
    assert listening.rest() is Phase.IDLE


def test_a_rest_after_a_moment_of_movement_tells_nothing() -> None:
    listening = onset()
    assert phases(joined(QUIET, SIGN[:16]), listening)[-1] in (Phase.BEGAN, Phase.SIGNING)
    assert listening.rest() is Phase.IDLE


def test_restarted_it_is_as_if_it_was_just_made() -> None:
    listening, samples = onset(), joined(QUIET, SIGN, QUIET)
    phases(samples[:70], listening)
    listening.restart()
    assert (listening.energy, listening.known, listening.signing) == (0.0, 0, False)
    assert phases(samples, listening) == phases(samples)


@pytest.mark.parametrize("fps", [100.0, 60.0, 30.0])
def test_the_energy_is_a_speed_in_scales_per_second(fps: float) -> None:
    listening = onset(fps=fps)
    ramp = sign_models.resting(20)
    ramp[:, 11] += SCALE[11] * 3.0 * np.arange(20, dtype=np.float32) / fps
    seen = []
    for values in ramp:
        listening.sample(values)
        seen.append(listening.energy)
    assert seen[-1] == pytest.approx(3.0, rel=1e-4)
    np.testing.assert_allclose(seen, energies(ramp, fps, MOTION, SCALE), rtol=1e-9, atol=1e-12)


def test_a_sample_makes_no_memory() -> None:
    listening = onset()
    phases(joined(QUIET, SIGN), listening)
    with counted() as made:
        listening.sample(QUIET[0])
    assert made == []


def test_thresholds_are_found_in_recordings() -> None:
    draw = np.random.default_rng(4)
    streams = [
        joined(sign_models.sign(word, seconds=seconds, size=size), QUIET).astype(np.float32)
        + SCALE * draw.normal(0.0, 0.01, (round(seconds * FPS) + 40, 1)).astype(np.float32)
        for word in sign_models.WORDS
        for seconds, size in ((0.5, 0.8), (0.6, 1.0), (0.8, 1.2))
    ]
    limits = thresholds(streams, FPS, MOTION, SCALE)
    assert 0.3 < limits.stop_speed < limits.start_speed < 3.0
    assert 0.15 <= limits.still <= 0.4
    assert 0.08 <= limits.shortest <= 0.2
    assert limits.jump == 0.3
    listening = onset(limits)
    found = [phase for stream in streams for phase in (*phases(joined(QUIET, stream), listening), listening.rest())]
    assert found.count(Phase.ENDED) == len(streams)


def test_recordings_that_end_in_movement_still_give_thresholds() -> None:
    limits = thresholds([sign_models.sign(word)[:35] for word in sign_models.WORDS], FPS, MOTION, SCALE)
    assert 0.0 < limits.stop_speed < limits.start_speed < 5.0


def test_recordings_in_which_nothing_moves_are_refused() -> None:
    with pytest.raises(DataError, match="no hand moves"):
        thresholds([QUIET, QUIET], FPS, MOTION, SCALE)
