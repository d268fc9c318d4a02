"""Recorded movement that a dance is led along."""

import numpy as np
import pytest
from families.dancing import DIMS, dancer, decode, encoded, example, sample, shown
from numpy.typing import NDArray

from engine.families.dance import create
from engine.schema.controls import Controls
from engine.schema.frame import F32


def bank(kind: int | None = None) -> F32:
    """Recorded poses (N, d), of one genre where it is named."""
    arrays = example().loaded.arrays
    poses = np.asarray(arrays["bank"], np.float32)[:, :DIMS]
    return poses if kind is None else poses[arrays["bank_kinds"] == kind]


def distances(controls: Controls, poses: F32) -> list[float]:
    """How far a shaken dancer is from the nearest of the poses, metres."""
    family, draw, found = dancer(), np.random.default_rng(4), []
    for _ in range(200):
        decode(family, sample(dz=draw.normal(0, 0.02, DIMS).astype(np.float32)), controls)
        found.append(float(np.linalg.norm(poses - encoded(family)[0, :DIMS], axis=1).min()))
    return found


def test_a_pull_leads_along_recorded_movement() -> None:
    gaps = [np.mean(distances(Controls(pull=pull), bank())) for pull in (0.0, 0.05, 0.5)]
    assert gaps[0] > gaps[1] > gaps[2]


@pytest.mark.parametrize("genre", [0, 1])
def test_a_wanted_genre_leads_to_its_own_movement(genre: int) -> None:
    own, other = (np.mean(distances(Controls(condition=genre), bank(kind))[100:]) for kind in (genre, 1 - genre))
    assert own < other


def test_a_condition_that_was_never_recorded_does_not_lead() -> None:
    for condition in (2, 15):
        one = distances(Controls(condition=condition, pull=0.5), bank())
        assert one == distances(Controls(pull=0.0), bank())


def test_where_movement_is_taken_away_spread_is_given_back() -> None:
    family = dancer()
    assert family.spread(Controls(pull=0.0)) == 1
    assert family.spread(Controls(condition=5, pull=0.5)) == 1
    spreads = [family.spread(Controls(pull=pull)) for pull in (0.0, 0.05, 0.2)]
    assert spreads[0] < spreads[1] < spreads[2]
    assert family.spread(Controls(condition=0)) > 1


def test_a_bank_of_few_moments_does_not_lead() -> None:
    loaded = example().loaded
    few: dict[str, NDArray[np.generic]] = {
        "bank": np.zeros((3, 3 * DIMS + 3), np.float32),
        "bank_kinds": np.zeros(3, np.int64),
    }
    family, free = (create(loaded._replace(arrays={**loaded.arrays, **few}), 1) for _ in range(2))
    for one in (family, free):
        one.place(0, example().clip, 0)
    np.testing.assert_array_equal(shown(family, 5, Controls(pull=1.0, footlock=0)), shown(free, 5))
