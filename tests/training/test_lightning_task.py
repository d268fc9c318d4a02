"""The loss that is trained on, its units, and how the learning rate goes."""

import numpy as np
import pytest
import torch
from training import synthetic

from export import problems
from export.lightning_task import LAST, WARM_UP, Task, rate
from export.metrics.likelihood import mixture_nll
from export.nets.seed import SeedNet
from export.problem import Problem
from export.recipe import Recipe

pytestmark = pytest.mark.usefixtures("made_up")

RECIPES = {"dance": synthetic.recipe(), "seed": synthetic.seed_recipe()}


def task(recipe: Recipe) -> tuple[Task, Problem]:
    problem = problems.make(recipe)
    made = Task(recipe, problem)
    made.eval()
    return made, problem


@pytest.mark.parametrize("name", RECIPES)
@torch.no_grad()
def test_the_loss_is_in_nats_per_dimension_of_metres(name: str) -> None:
    made, problem = task(RECIPES[name])
    x, y = problem.held["test"][0]
    found = made.loss(torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None])[:, 0]
    parts = problem.net(torch.from_numpy(x)[:, None], None)[:3]
    logits, mu, sigma = (part[:, 0].double().numpy() for part in parts)
    unit = problem.net.unit.double().numpy()
    offset = problem.net.low.double().numpy() if isinstance(problem.net, SeedNet) else 0.0
    np.testing.assert_allclose(found, mixture_nll(y, logits, mu * unit + offset, sigma * unit), atol=1e-4)


@torch.no_grad()
def test_only_the_last_steps_are_judged_where_there_are_fewer_targets() -> None:
    made, problem = task(RECIPES["seed"])
    x, y = (torch.from_numpy(part) for part in next(problem.epoch(0, 0)))
    assert (len(x), len(y)) == (32, 1)
    one = made.loss(x, y)
    made.forget()
    whole = made.loss(x, torch.cat([x[1:], y]))
    np.testing.assert_allclose(one, whole[-1:], atol=1e-6)


@torch.no_grad()
def test_the_state_flows_on_until_it_is_forgotten() -> None:
    made, problem = task(RECIPES["dance"])
    x, y = (torch.from_numpy(part)[:40, None] for part in problem.held["test"][0])
    whole = made.loss(x, y)
    made.forget()
    parts = torch.cat([made.loss(x[:15], y[:15]), made.loss(x[15:], y[15:])])
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    made.forget()
    assert not torch.allclose(made.loss(x[15:], y[15:]), whole[15:], atol=1e-5)


@pytest.mark.parametrize(("name", "carried"), [("dance", True), ("seed", False)])
def test_the_state_is_carried_from_window_to_window_but_its_gradient_is_not(name: str, carried: bool) -> None:  # noqa: FBT001
    made, problem = task(RECIPES[name])
    # two frames, as a longer window would forget what was before it
    batches = [(torch.from_numpy(x[-2:]), torch.from_numpy(y[-1:])) for x, y in problem.epoch(0, 0)][:2]
    made.log = lambda *_, **__: None  # type: ignore[method-assign]  # there is no trainer
    alone = float(made.training_step(batches[1], 0).detach())
    made.forget()
    made.training_step(batches[0], 0)
    after = made.training_step(batches[1], 1)
    after.backward()  # type: ignore[no-untyped-call]  # would fail if it reached into the freed graph before
    assert (float(after.detach()) != alone) == carried


def test_the_learning_rate_warms_up_and_falls_to_a_rest() -> None:
    total = 5000
    rates = [rate(update, total) for update in range(total + 1)]
    assert rates[0] == pytest.approx(1 / WARM_UP, rel=0.01)
    assert np.argmax(rates) == pytest.approx(WARM_UP, abs=2)
    assert max(rates) == pytest.approx(1.0, abs=0.01)
    assert (np.diff(rates[WARM_UP:]) <= 1e-7).all()
    assert rates[-1] == pytest.approx(LAST)
    assert rate(10 * total, total) == pytest.approx(LAST)


def test_what_is_not_to_be_trained_is_not() -> None:
    made, problem = task(RECIPES["seed"])
    optimiser = made.configure_optimizers()["optimizer"]
    trained = {id(part) for group in optimiser.param_groups for part in group["params"]}
    for name, part in problem.net.named_parameters():
        assert (id(part) in trained) == ("bias_hh" not in name)
