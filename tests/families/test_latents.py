from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import picture_models as models
import pytest

from engine.contracts import HeadOutput, Loaded
from engine.families import latents
from engine.families.latents import Latents
from engine.inference.bound_graph import BoundGraph
from engine.inference.vet import load
from engine.schema.controls import LATENT_SPAN, Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8

SIZE, DIMS = (12, 20), 8
CALM = Controls(temperature=0.0)
WAVES = models.waves(DIMS, SIZE)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(models.latents_model(tmp_path_factory.mktemp("model") / "model.onnx", DIMS, SIZE))


def changed(loaded: Loaded, settings: dict[str, Any] | None = None, **arrays: Any) -> Loaded:
    """With other arrays, None leaves one out, and other settings."""
    spec = msgspec.structs.replace(loaded.spec, settings=loaded.spec.settings | (settings or {}))
    found = dict(loaded.arrays) | arrays
    return Loaded(loaded.graph, spec, {name: array for name, array in found.items() if array is not None})


def made(loaded: Loaded, seed: int = 1) -> Latents:
    return latents.create(loaded, "cpu", seed)


def unleashed(family: Latents) -> Latents:
    """One that may stray, so that nothing but the knob leads it."""
    family._near, family._far = 98.0, 99.0
    return family


def shown(family: Latents, phase: float = 1.0, controls: Controls = CALM, given: U8 | None = None) -> F32:
    latent = family.image(phase, controls, given).latent
    assert latent is not None
    return latent.copy()


def drawn(latent: F32) -> U8:
    """What the decoder draws of a latent, in NumPy."""
    light = 1.0 / (1.0 + np.exp(-latent @ WAVES))
    return np.asarray(np.floor(light * 255.0 + 0.5), np.uint8).reshape(SIZE)


def test_what_is_shown_is_what_the_decoder_draws_of_the_latent(loaded: Loaded) -> None:
    family = made(loaded)
    for _ in range(5):
        family.advance(Controls(), None)
        image = family.image(0.4, Controls())
        assert image.latent is not None
        np.testing.assert_allclose(image.pixels.astype(int), drawn(image.latent), atol=1)


def test_it_begins_at_the_end_of_a_recorded_stretch(loaded: Loaded) -> None:
    ends = {tuple(stretch[-1]) for stretch in loaded.arrays["primes"].tolist()}
    found = {tuple(shown(made(loaded, seed)).tolist()) for seed in range(12)}
    assert found == ends


def test_the_way_between_two_frames_is_straight(loaded: Loaded) -> None:
    family = made(loaded)
    for _ in range(3):
        before = shown(family)
        family.advance(Controls(), None)
        np.testing.assert_array_equal(shown(family, 0.0), before)
        middle = shown(family, 0.5)
        np.testing.assert_allclose(middle, (before + shown(family, 1.0)) / 2, atol=1e-6)


def test_a_step_is_that_of_the_network_on_the_latent_and_its_change(loaded: Loaded) -> None:
    free = changed(loaded, {"pull": 0.0, "freeze_speed": 0.0})
    family, seen = made(free), list[F32]()
    model = family._model
    step = model.step

    def spy(x: F32, *rest: F32) -> HeadOutput:
        seen.append(x.copy())
        return step(x, *rest)

    model.step = spy  # type: ignore[method-assign, assignment]
    places = [shown(family)]
    for _ in range(4):
        family.advance(CALM, None)
        places.append(shown(family))
    for index in range(1, 4):
        np.testing.assert_allclose(seen[index][0, :DIMS], places[index])
        np.testing.assert_allclose(seen[index][0, DIMS:], places[index] - places[index - 1], atol=1e-6)


def test_the_memory_of_the_stretch_matters(loaded: Loaded) -> None:
    warm, cold = made(loaded), made(loaded)
    cold._model.put(0, (), 0)
    for family in (warm, cold):
        family.advance(CALM, None)
    assert np.abs(shown(warm) - shown(cold)).max() > 1e-4


def test_a_full_pull_goes_along_recorded_latents(loaded: Loaded) -> None:
    def away(pull: float) -> float:
        family, found = unleashed(made(changed(loaded, {"pull": 0.0}))), []
        bank = loaded.arrays["bank"].astype(np.float64)
        for _ in range(30):
            family.advance(Controls(pull=pull), None)
            found.append(np.linalg.norm(bank - shown(family), axis=1).min())
        return float(np.mean(found))

    assert away(0.8) < 0.5 * away(0.0)


def test_the_models_own_pull_is_the_least(loaded: Loaded) -> None:
    led, asked = made(changed(loaded, {"pull": 0.6})), made(changed(loaded, {"pull": 0.0}))
    for _ in range(5):
        led.advance(Controls(pull=0.2), None)
        asked.advance(Controls(pull=0.6), None)
    np.testing.assert_array_equal(shown(led), shown(asked))


def test_a_model_that_strays_is_led_back_before_it_is_lost(loaded: Loaded) -> None:
    family, away = made(changed(loaded, {"pull": 0.0})), list[float]()
    step = family._model.step

    def straying(*given: F32) -> HeadOutput:
        output = step(*given)
        return output._replace(mu=output.mu + np.float32(0.1))

    family._model.step = straying  # type: ignore[method-assign, assignment]
    bank = loaded.arrays["bank"].astype(np.float64)
    for _ in range(100):
        family.advance(CALM, None)
        away.append(np.linalg.norm(bank - shown(family), axis=1).min())
    assert family._near < max(away) < family._far
    assert family.counters.guarded == 0


def test_a_stored_pose_is_laid_over_and_not_fed_back(loaded: Loaded) -> None:
    posed, free = made(loaded), made(loaded)
    poses = loaded.arrays["poses"].astype(np.float32)
    assert posed.poses == len(poses)
    for family, controls in ((posed, Controls(posed=1.0, pose_from=1, pose_to=3)), (free, Controls())):
        for _ in range(4):
            family.advance(controls, None)
            family.image(1.0, controls)
    np.testing.assert_array_equal(shown(posed), shown(free))
    for scrub in (0.0, 0.25, 1.0):
        controls = Controls(posed=1.0, pose_from=1, pose_to=3, scrub=scrub)
        expected = poses[1] * (1 - scrub) + poses[3] * scrub
        np.testing.assert_allclose(shown(posed, controls=controls), expected, atol=1e-6)
    half = shown(posed, controls=Controls(posed=0.5, pose_from=2, pose_to=2))
    np.testing.assert_allclose(half, (shown(free) + poses[2]) / 2, atol=1e-6)


def test_a_pose_that_is_not_there_is_the_last_one(loaded: Loaded) -> None:
    found = shown(made(loaded), controls=Controls(posed=1.0, pose_from=200, pose_to=200))
    np.testing.assert_array_equal(found, loaded.arrays["poses"][-1].astype(np.float32))


def test_without_stored_poses_nothing_is_laid_over(loaded: Loaded) -> None:
    family = made(changed(loaded, poses=None))
    assert family.poses == 0
    np.testing.assert_array_equal(shown(family, controls=Controls(posed=1.0)), shown(family))


def test_knobs_move_latent_numbers_in_standard_deviations_and_surplus_ones_nothing(loaded: Loaded) -> None:
    family = made(loaded)
    plain = shown(family)
    moved = shown(family, controls=Controls(latent=(0.5, 0.0, -1.0, *[0.0] * (DIMS - 3), 1.0, 1.0)))
    expected = np.zeros(DIMS)
    expected[[0, 2]] = 0.5 * LATENT_SPAN, -LATENT_SPAN
    np.testing.assert_allclose(moved - plain, expected, atol=1e-6)


def runs(graph: BoundGraph | None, counts: list[int]) -> None:
    """Have each run counted."""
    assert graph is not None
    run = graph.run

    def counting(*inputs: F32) -> tuple[F32, ...]:
        counts.append(1)
        return run(*inputs)

    graph.run = counting  # type: ignore[method-assign]


def test_what_stands_still_is_drawn_once(loaded: Loaded) -> None:
    family, counts = made(loaded), list[int]()
    family.advance(Controls(), None)
    runs(family._decoder, counts)
    for _ in range(5):
        family.image(0.5, Controls())
    assert len(counts) == 1
    family.image(0.5, Controls(latent=(0.1,)))
    assert len(counts) == 2


def test_a_given_picture_is_shown_at_once_and_the_model_follows(loaded: Loaded) -> None:
    family = made(loaded)
    wanted = drawn(np.array([1.0, -0.5, 0.3, *[0.0] * (DIMS - 3)], np.float32))
    for _ in range(8):
        family.advance(Controls(), wanted)
        image = family.image(0.1, Controls(), wanted)
    assert np.abs(image.pixels.astype(int) - wanted).mean() < 8
    other = drawn(np.array([-1.0, 0.5, 0.3, *[0.0] * (DIMS - 3)], np.float32))
    assert np.abs(family.image(0.2, Controls(), other).pixels.astype(int) - other).mean() < 8
    family.advance(CALM, other)
    family.advance(CALM, other)
    start = shown(family, given=other)
    family.advance(CALM, None)
    np.testing.assert_array_equal(shown(family, 0.0), start)
    assert 0 < np.abs(shown(family) - start).max() < 1.0


def test_a_picture_that_stays_is_read_once(loaded: Loaded) -> None:
    family, counts = made(loaded), list[int]()
    runs(family._encoder, counts)
    picture = np.full(SIZE, 100, np.uint8)
    for frame in range(6):
        picture[0, 0] = frame // 3
        family.advance(Controls(), picture)
        family.image(0.5, Controls(), picture)
    assert len(counts) == 2


def test_a_picture_that_comes_and_goes_makes_no_jump(loaded: Loaded) -> None:
    family, found = made(loaded), list[F32]()
    far = drawn(np.array([1.5, -1.5, 1.0, *[0.0] * (DIMS - 3)], np.float32))
    for frame in range(60):
        given = far if 20 <= frame < 40 else None
        family.advance(Controls(), given)
        found += [shown(family, phase, Controls(), given) for phase in (1 / 3, 2 / 3, 1.0)]
    steps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    apart = float(np.linalg.norm(found[59] - found[80]))
    assert apart > 1.0
    assert steps.max() < 0.35 * apart


def test_without_an_encoder_nothing_is_taken(loaded: Loaded) -> None:
    blind, alone = (made(changed(loaded, encoder=None)) for _ in range(2))
    assert not blind.takes
    for family, given in ((blind, np.zeros(SIZE, np.uint8)), (alone, None)):
        family.advance(Controls(), given)
    np.testing.assert_array_equal(shown(blind, given=np.zeros(SIZE, np.uint8)), shown(alone))


def test_a_model_that_leaves_all_that_was_recorded_begins_again_without_a_jump(loaded: Loaded) -> None:
    family, found = made(changed(loaded, {"pull": 0.5})), list[F32]()
    step = family._model.step
    state = {"broken": False}

    def leaving(*given: F32) -> HeadOutput:
        output = step(*given)
        return output._replace(mu=output.mu + 100.0) if state["broken"] else output

    family._model.step = leaving  # type: ignore[method-assign, assignment]
    for frame in range(30):
        state["broken"] = frame == 15
        family.advance(Controls(), None)
        found += [shown(family, phase, Controls()) for phase in (0.5, 1.0)]
    assert (family.counters.guarded, family.counters.primed) == (1, 1)
    assert np.linalg.norm(np.diff(found, axis=0), axis=1).max() < 1.0


def test_a_model_that_freezes_is_nudged_and_begins_again(loaded: Loaded) -> None:
    family = unleashed(made(changed(loaded, {"freeze_speed": 0.5, "pull": 0.0})))
    step = family._model.step

    def frozen(*given: F32) -> HeadOutput:
        output = step(*given)
        return output._replace(mu=output.mu * 0, sigma=output.sigma * 0 + np.float32(1e-4))

    family._model.step = frozen  # type: ignore[method-assign, assignment]
    for _ in range(round(3.5 * models.FPS)):
        family.advance(Controls(), None)
    assert family.counters.primed == 0
    assert family.counters.nudged == pytest.approx(0.5 * models.FPS, abs=2)
    for _ in range(round(3.0 * models.FPS)):
        family.advance(Controls(), None)
    assert family.counters.primed == 1


def test_a_decoder_that_gives_no_numbers_leaves_the_last_picture(loaded: Loaded) -> None:
    family = made(loaded)
    before = family.image(1.0, Controls()).pixels.copy()
    family._decoder.run = lambda *_: (np.full((1, 1, *SIZE), np.nan, np.float32),)  # type: ignore[method-assign]
    family.advance(Controls(), None)
    np.testing.assert_array_equal(family.image(1.0, Controls()).pixels, before)
    assert family.counters.guarded == 1


def drawing(dims: int, size: tuple[int, int]) -> U8:
    """A decoder among the arrays of a model."""
    return models.octets(models.decoder(models.waves(dims, size), size))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"decoder": None}, "decoder: nothing"),
        ({"decoder": drawing(5, SIZE)}, "decoder: 1 x 5 to .*; expected 1 x 8 to 1 x 1 x 12 x 20"),
        ({"decoder": drawing(DIMS, (6, 20))}, "decoder: 1 x 8 to 1 x 1 x 6 x 20; expected"),
        ({"decoder": np.zeros(100, np.uint8)}, "whole .onnx model"),
        ({"decoder": np.zeros(100, np.float32)}, "decoder: float32"),
        ({"encoder": drawing(DIMS, SIZE)}, "encoder: 1 x 8 to"),
        ({"primes": np.zeros((2, 1, DIMS), np.float32)}, "two frames or more"),
        ({"primes": np.zeros((2, 9, DIMS + 1), np.float32)}, "primes"),
        ({"bank": None}, "bank: nothing"),
        ({"bank_next": np.zeros((3, DIMS), np.float32)}, "bank_next"),
        ({"bank": np.full((models.BANK, DIMS), np.nan, np.float32)}, "finite"),
        ({"poses": np.zeros((0, DIMS), np.float32)}, "poses"),
        ({"settings": {"freeze_speed": "slow"}}, "freeze_speed"),
        ({"settings": {"pull": 2.0}}, "pull"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_line(loaded: Loaded, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        made(changed(loaded, **arrays))
    assert str(caught.value).startswith("figurant.")
    assert "\n" not in str(caught.value)


def test_a_head_that_does_not_fit_the_features_is_refused(loaded: Loaded) -> None:
    odd = msgspec.structs.replace(loaded.spec, features=DIMS)
    with pytest.raises(ModelError, match="twice as many features"):
        made(loaded._replace(spec=odd))


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    family = made(load(models.latents_model(tmp_path / "m.onnx", 4, (8, 8), encoder=None)))
    assert (family.takes, family.image(1.0, CALM).pixels.shape) == (False, (8, 8))
