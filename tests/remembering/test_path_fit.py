"""How autoencoders of memories are taught."""

import numpy as np
import pytest
import torch
from remembering import walks

from export import path_fit
from export.memories import of_part
from export.path_fit import Lesson
from export.recipe import Recipe


def given(**cut: int) -> Lesson:
    return path_fit.lesson(walks.streams(), plain=False, **({"first": 0, "last": 0} | cut))


def taught(recipe: Recipe, lesson: Lesson, seed: int = 1) -> tuple[np.ndarray, float]:
    """Where rows are, and the square of what is lost."""
    net = path_fit.learned(recipe, lesson, seed, lambda _: None)
    with torch.no_grad():
        places, again = net(lesson.rows)
    return places.numpy(), float(torch.square(again - lesson.rows).mean())


def test_what_follows_is_in_the_same_stream() -> None:
    lesson = given()
    assert len(lesson.rows) == 9 * 40
    ends = np.arange(39, 360, 40)
    np.testing.assert_array_equal(lesson.following[ends], ends)
    others = np.setdiff1d(np.arange(360), ends)
    np.testing.assert_array_equal(lesson.following[others], others + 1)


def test_only_the_asked_steps_are_learned_from() -> None:
    lesson = given(first=10, last=25)
    assert len(lesson.rows) == 9 * 16
    mean, scale = lesson.standard
    np.testing.assert_allclose(lesson.rows[0].numpy() * scale + mean, walks.streams()[0].states[10], atol=1e-5)
    assert len(given(first=38).rows) == 9 * 2


def test_rows_are_standardised_unless_they_are_to_stay() -> None:
    np.testing.assert_allclose(given().rows.mean(0), 0.0, atol=1e-5)
    np.testing.assert_allclose(given().rows.std(0, correction=0), 1.0, atol=1e-4)
    plain = path_fit.lesson(walks.streams(), plain=True, first=0, last=0)
    np.testing.assert_array_equal(plain.rows[:40], walks.streams()[0].states)


def test_the_same_seed_teaches_the_same_map_and_another_one_another() -> None:
    recipe, lesson = walks.recipe(), given()
    one, again, other = (taught(recipe, lesson, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 1e-4


def test_teaching_bends_the_map_to_lose_less_than_principal_components() -> None:
    lesson = given()
    _, begun = taught(walks.recipe(train={"updates": 1, "lr": 1e-9}), lesson)
    _, after = taught(walks.recipe(train={"updates": 40, "batch": 64, "lr": 1e-2}), lesson)
    assert after < 0.85 * begun


def test_a_quiet_map_leaves_out_what_flickers() -> None:
    flicker = np.tile(np.array([[1.0], [-1.0]], np.float32), (180, walks.INPUTS // 2))
    slow = np.concatenate([stream.states[:, : walks.INPUTS // 2] for stream in walks.streams()])
    lesson = given()._replace(rows=torch.from_numpy(np.hstack([slow / slow.std(0), flicker])))
    steps = []
    for smooth in (0.0, 5.0):
        places, _ = taught(walks.recipe(train={"updates": 30, "lr": 1e-2}, smooth=smooth), lesson)
        steps.append(np.linalg.norm(np.diff(places[:40], axis=0), axis=1).mean() / places.std())
    assert steps[1] < 0.7 * steps[0]


def test_a_map_that_is_told_of_the_last_one_stays_near_it() -> None:
    lesson = given()
    last, _ = taught(walks.recipe(train={"updates": 25}), lesson)
    told = lesson._replace(last=torch.from_numpy(last))
    moved = []
    for hold in (0.0, 3.0):
        places, _ = taught(walks.recipe(train={"updates": 25}, hold=hold), told, seed=5)
        moved.append(np.linalg.norm(places - last, axis=1).mean())
    assert moved[1] < 0.7 * moved[0]


def test_streams_are_of_parts() -> None:
    assert [stream.name for stream in of_part(walks.streams(4), "train")] == ["walk 0", "walk 3"]


def test_a_last_step_before_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="last 3 is before first 5"):
        walks.recipe(first=5, last=3)
