"""From a recipe to a network, its windows and what is held out."""

import dataclasses

import numpy as np
import pytest
import torch
from training import synthetic

from engine.motion.core20 import CORE20
from engine.motion.heading import canonical, root_deltas
from engine.schema.errors import ConfigError, DataError
from export import problems, sources
from export.data.splits import LOOK_BACK, Split, digest
from export.nets.dance import DanceNet
from export.nets.seed import SeedNet
from export.problem import Problem, Window
from export.recipe import Recipe

pytestmark = pytest.mark.usefixtures("made_up")


def windows(problem: Problem, epoch: int, rank: int = 0) -> list[Window]:
    return list(problem.epoch(epoch, rank))


def same(one: list[Window], other: list[Window]) -> bool:
    pairs = [pair for first, second in zip(one, other, strict=True) for pair in zip(first, second, strict=True)]
    return all(np.array_equal(first, second) for first, second in pairs)


@pytest.mark.parametrize("recipe", [synthetic.recipe(), synthetic.seed_recipe()], ids=["dance", "seed"])
def test_an_epoch_is_the_same_whenever_it_is_asked_for(recipe: Recipe) -> None:
    problem, twin = problems.make(recipe), problems.make(recipe)
    first = windows(problem, 0)
    assert len(first) == recipe.train.updates
    assert not same(first, windows(problem, 1))
    assert not same(first, windows(problem, 0, rank=1))
    assert same(first, windows(problem, 0))
    assert same(windows(problem, 1), windows(twin, 1))
    for name, part in problem.net.state_dict().items():
        assert torch.equal(part, twin.net.state_dict()[name])


@pytest.mark.parametrize("recipe", [synthetic.recipe(), synthetic.seed_recipe()], ids=["dance", "seed"])
def test_shapes_fit_the_network_and_the_description(recipe: Recipe) -> None:
    problem = problems.make(recipe)
    spec = problem.spec
    for x, y in windows(problem, 0):
        assert x.shape == (recipe.train.window, recipe.train.batch, spec.features)
        assert y.shape[1:] == (recipe.train.batch, spec.head.dims)
        assert x.dtype == y.dtype == np.float32
    for clips in problem.held.values():
        assert clips
        for x, y in clips:
            assert len(x) == len(y)
            assert x.shape[1] == spec.features
            assert y.shape[1] == spec.head.dims
    assert problem.net.unit.shape == (spec.head.dims,)
    assert bool((problem.net.unit > 0).all())
    logits, mu, _, _ = problem.net(torch.from_numpy(windows(problem, 0)[0][0]), None)
    assert logits.shape[-1] == spec.head.components
    assert mu.shape[-1] == spec.head.dims


def test_weights_and_windows_follow_from_the_seed() -> None:
    one, other = (problems.make(synthetic.seed_recipe(train={"batch": 2, "window": 32, "seed": n})) for n in (1, 2))
    assert not same(windows(one, 0), windows(other, 0))
    assert not all(torch.equal(part, other.net.state_dict()[name]) for name, part in one.net.state_dict().items())


def test_the_description_says_where_it_comes_from(parts: Split) -> None:
    problem = problems.make(synthetic.recipe(net={"hidden": 8, "colour": (0.25, 0.5, 0.25)}))
    spec = problem.spec
    assert isinstance(problem.net, DanceNet)
    assert problem.carry
    assert (spec.family, spec.fps, spec.skeleton) == ("dance", 30, CORE20)
    assert spec.conditions == ("modern", "salsa", "mirrored")
    assert spec.features == 2 * 12 + 3 + 3
    assert spec.head.colour == (0.25, 0.5, 0.25)
    assert (spec.licence, spec.credit, spec.name) == ("CC0", "nobody", "a small dancer")
    assert spec.training == {"data": "cmu", "split": digest(parts)}
    assert isinstance(spec.settings["freeze_speed"], float)
    assert 0 < spec.settings["freeze_speed"] < 1


def test_held_out_targets_are_the_next_frame(parts: Split) -> None:
    problem = problems.make(synthetic.recipe())
    ((x, y),) = problem.held["validation"]
    clip = parts.validation[0]
    assert len(x) == len(clip) - 2
    np.testing.assert_allclose(x[:-1, :12] + y[:-1, :12], x[1:, :12], atol=1e-6)
    np.testing.assert_allclose(y[:-1], x[1:, 12 : 2 * 12 + 3], atol=1e-7)
    ways = root_deltas(canonical(clip.positions.astype(np.float64), CORE20)[1])
    np.testing.assert_allclose(y[:, 12:], ways[1:], atol=1e-6)
    np.testing.assert_array_equal(x[:, -3:], np.tile((1, 0, 0), (len(x), 1)))  # modern, not mirrored


def test_only_the_training_part_is_measured(parts: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    one = problems.make(synthetic.recipe())
    loud = tuple(dataclasses.replace(clip, positions=2 * clip.positions) for clip in parts.validation)
    monkeypatch.setattr(sources, "load", lambda _: parts._replace(validation=loud))
    other = problems.make(synthetic.recipe())
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    assert all(torch.equal(part, other.net.state_dict()[name]) for name, part in one.net.state_dict().items())


def test_a_single_genre_is_not_told_but_the_side_is(parts: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    salsa = tuple(clip for clip in parts.train if clip.genre == "salsa")
    monkeypatch.setattr(sources, "load", lambda _: parts._replace(train=salsa))
    problem = problems.make(synthetic.recipe(train={"batch": 64}))
    assert problem.spec.conditions == ("mirrored",)
    assert (problem.arrays["bank_kinds"] == -1).all()  # which no condition asks for
    sides = np.concatenate([x[..., -1] for x, _ in windows(problem, 0)])
    assert set(np.unique(sides)) == {0.0, 1.0}
    np.testing.assert_array_equal(sides, np.tile(sides[0], (len(sides), 1)))
    assert 0.3 < sides[0].mean() < 0.7
    plain = problems.make(synthetic.recipe(data={"mirror": False}))
    assert plain.spec.conditions == ()
    assert windows(plain, 0)[0][0].shape[-1] == plain.spec.features == 2 * 12 + 3


def test_genres_without_mirroring_are_told(parts: Split) -> None:
    problem = problems.make(synthetic.recipe(data={"mirror": False}, streams={"untold": 0.0}))
    assert len({clip.genre for clip in parts.train}) == 2
    assert problem.spec.conditions == ("modern", "salsa")
    told = np.concatenate([x[..., -2:] for x, _ in windows(problem, 0)])
    np.testing.assert_array_equal(told.sum(-1), 1)


def test_more_components_than_the_body_has_are_left_out() -> None:
    problem = problems.make(synthetic.recipe(data={"components": 1000, "mirror": False}))
    assert problem.spec.features == 2 * 50 + 3 + 2
    x, _ = windows(problem, 0)[0]
    assert all(torch.isfinite(part).all() for part in problem.net(torch.from_numpy(x), None)[:3])


def test_the_stored_poses_and_starts_are_recorded_ones(parts: Split) -> None:
    problem = problems.make(synthetic.recipe())
    assert problem.arrays["bank"].shape == (20, 3 * 12 + 3)
    assert set(problem.arrays["bank_kinds"].tolist()) == {0, 1}  # modern and salsa
    starts = problem.arrays["primes"]
    assert starts.shape == (3, 60, 20, 3)
    for start in starts:
        assert any(
            np.array_equal(clip.positions[frame : frame + 60], start)
            for clip in parts.train
            for frame in range(len(clip) - 59)
        )


@pytest.mark.parametrize("shares", [[1.0], [0.2, 0.3, 0.5]])
def test_a_share_for_some_genres_only_is_a_mistake(shares: list[float]) -> None:
    with pytest.raises(ConfigError, match="one for each of modern, salsa") as caught:
        problems.make(synthetic.recipe(streams={"genre_shares": shares}))
    assert caught.value.place == "streams.genre_shares"
    assert caught.value.found == f"{len(shares)} shares"


@pytest.mark.parametrize("recipe", [synthetic.recipe(), synthetic.seed_recipe()], ids=["dance", "seed"])
def test_too_little_to_train_on_is_one_line(recipe: Recipe, parts: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    short = tuple(clip.part(0, 40) for clip in parts.train)
    monkeypatch.setattr(sources, "load", lambda _: parts._replace(train=short))
    with pytest.raises(DataError) as caught:
        problems.make(recipe)
    assert "\n" not in str(caught.value)


def test_the_seed_keeps_its_faults(parts: Split) -> None:
    problem = problems.make(synthetic.seed_recipe())
    assert isinstance(problem.net, SeedNet)
    assert not problem.carry
    flat = [clip.positions.reshape(len(clip), -1) for clip in parts.train]
    for x, y in windows(problem, 0):
        for row in range(x.shape[1]):
            clip, start = next(
                (positions, frame) for positions in flat for frame in np.flatnonzero((positions == x[0, row]).all(1))
            )
            np.testing.assert_array_equal(x[:, row], clip[start : start + LOOK_BACK])
            np.testing.assert_array_equal(y[0, row], clip[start + LOOK_BACK + 1])  # not + 0
    ((held, targets),) = problem.held["validation"]
    np.testing.assert_array_equal(held[1:], targets[:-1])  # but it is measured on what it is played as


def test_the_seed_is_scaled_by_its_training_part(parts: Split) -> None:
    net = problems.make(synthetic.seed_recipe()).net
    assert isinstance(net, SeedNet)
    everything = np.concatenate([clip.positions for clip in parts.train])
    low, high = everything.min((0, 1)), everything.max((0, 1))
    np.testing.assert_allclose(net.low.numpy().reshape(20, 3), np.tile(low, (20, 1)), rtol=1e-6)
    np.testing.assert_allclose(net.span.numpy().reshape(20, 3), np.tile(high - low, (20, 1)), rtol=1e-5)
