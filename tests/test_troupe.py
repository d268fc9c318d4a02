"""The rows of a model's batch."""

import numpy as np
import pytest
import tiny

from engine.inference.scripted import ScriptedModel
from engine.priming import warm
from engine.sampling.noise import Noise, pick
from engine.schema.controls import Controls
from engine.schema.model import HeadKind
from engine.troupe import NUDGE, Troupe, capacity

ROWS = 8
SIGMA = 0.05
NOBODY = np.zeros(ROWS, np.bool_)


@pytest.mark.parametrize(
    ("performers", "most", "expected"),
    [(1, 64, 1), (2, 64, 2), (3, 64, 4), (5, 64, 8), (9, 64, 16), (17, 64, 32), (33, 64, 64), (64, 64, 64), (3, 3, 3)],
)
def test_capacity_is_a_power_of_two_within_what_there_is(performers: int, most: int, expected: int) -> None:
    assert capacity(performers, most) == expected


class Wide(tiny.TinyFamily):
    """A family that asks for more spread under a pull."""

    def spread(self, controls: Controls) -> float:
        return 1.0 + controls.pull


def troupe(kind: HeadKind = "mdn-lazy", batch: int = 4) -> Troupe:
    spec = tiny.scripted_spec(kind)
    return Troupe(ScriptedModel(spec, batch, sigma=SIGMA), Wide(spec, ROWS))


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
def test_a_sample_is_spread_by_the_row_s_own_knobs(kind: HeadKind) -> None:
    made = troupe(kind)
    own = (Controls(temperature=0.5), Controls(sigma=2.0), Controls(pull=0.5), Controls(temperature=0.0))
    for row, controls in enumerate(own):
        made.enter(row, 7 + row, controls)
    noise = Noise([7, 8, 9, 10], tiny.DIMS, (1.0,))
    noise.fill(3, 4)
    scale = np.array([0.5, 2.0, 1.5, 0.0])
    np.testing.assert_allclose(made.draw(3, NOBODY), SIGMA * scale[:, None] * noise.normals, rtol=1e-5, atol=1e-9)
    nudged = NOBODY.copy()
    nudged[[0, 3, 6]] = True
    scale[0] *= NUDGE
    np.testing.assert_allclose(made.draw(3, nudged), SIGMA * scale[:, None] * noise.normals, rtol=1e-5, atol=1e-9)


def test_a_row_remembers_its_prime_in_every_size() -> None:
    made = troupe(batch=1)
    spec = tiny.scripted_spec()
    primes = warm(lambda batch: ScriptedModel(spec, batch), Wide(spec, 1), tiny.clips())
    cold = Controls(temperature=0.0)
    made.enter(0, 1, cold)
    made.prime(0, primes.moment(2))
    made.reserve(5)
    made.enter(4, 1, cold)
    assert made.batch == 8
    sample = made.draw(0, NOBODY)
    np.testing.assert_allclose(sample[0], 0.5 * primes.states[0][2])  # the family's last move was none
    assert not sample[4].any()  # who enters without a prime remembers nothing


def test_what_is_reserved_already_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = troupe(batch=2)
    sizes: list[int] = []
    resized = ScriptedModel.resized

    def counted(model: ScriptedModel, batch: int) -> ScriptedModel:
        sizes.append(batch)
        return resized(model, batch)

    monkeypatch.setattr(ScriptedModel, "resized", counted)
    for performers in (1, 2, 3, 4, 3, 8, 5):
        made.reserve(performers)
    assert sizes == [1, 4, 8]
    assert made.ready == 8
    assert made.batch == 2


def test_rows_draw_and_pick_as_the_performers_that_they_stand_for() -> None:
    spec = tiny.scripted_spec()
    made = Troupe(ScriptedModel(spec, 4, sigma=SIGMA), Wide(spec, 4), numbers=[0, 0, 1, 0])
    for row, seed in enumerate((7, 8, 7, 7)):
        made.enter(row, seed, Controls())
    noise = Noise([7, 7], tiny.DIMS, (1.0,))
    noise.fill(3, 2)
    sample = made.draw(3, NOBODY[:4])
    for row, number in ((0, 0), (2, 1), (3, 0)):
        np.testing.assert_allclose(sample[row], SIGMA * noise.normals[number], rtol=1e-5, atol=1e-9)
    assert not np.allclose(sample[1], sample[0])
    assert [made.pick(row, 5, 1000) for row in (0, 2)] == [pick(7, 5, number, 1000) for number in (0, 1)]
    assert made.pick(3, 5, 1000) == made.pick(0, 5, 1000)


def test_a_model_that_draws_by_itself_draws_for_its_own_rows() -> None:
    spec = tiny.scripted_spec()

    class Own(ScriptedModel):
        def draw(self, *_: object) -> None:
            raise AssertionError

    with pytest.raises(ValueError, match="draws by itself"):
        Troupe(Own(spec, 4), Wide(spec, 4), numbers=[0, 0, 0, 0])
