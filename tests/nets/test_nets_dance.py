"""The dance network: a step is a step of the sequence, and the past matters."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from export.nets.dance import DanceNet
from export.nets.seed import SeedNet
from export.recipe import NetRecipe

POSE, CONDITIONS, FRAMES = 6, 2, 30
FEATURES = 2 * POSE + 3 + CONDITIONS
SCALES = torch.linspace(0.1, 3.0, 2 * POSE + 3)


def dance(**changes: float) -> DanceNet:
    torch.manual_seed(0)
    recipe = {"hidden": 16, "layers": 2, "components": 3, "floor": 0.05, "cap": 2.0, "dropout": 0.25} | changes
    return DanceNet.make(NetRecipe(**recipe), SCALES, CONDITIONS).eval()  # type: ignore[arg-type]


def seed() -> SeedNet:
    torch.manual_seed(0)
    recipe = NetRecipe(kind="seed", hidden=16, layers=3, components=4)
    return SeedNet.make(recipe, torch.full((9,), -1.0), torch.full((9,), 2.0)).eval()


NETS: dict[str, tuple[Callable[[], DanceNet | SeedNet], int, int]] = {
    "dance": (dance, FEATURES, POSE + 3),
    "seed": (seed, 9, 9),
}


def inputs(width: int, frames: int = FRAMES, batch: int = 2, seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 1, (frames, batch, width)).astype(np.float32))


@pytest.mark.parametrize("name", NETS)
@torch.no_grad()
def test_shapes(name: str) -> None:
    make, features, dims = NETS[name]
    net = make()
    logits, mu, sigma, state = net(inputs(features), None)
    components = 3 if name == "dance" else 4
    assert logits.shape == (FRAMES, 2, components)
    assert mu.shape == sigma.shape == (FRAMES, 2, components, dims)
    assert len(state) == 2
    assert net.unit.shape == (dims,)


@pytest.mark.parametrize("name", NETS)
@torch.no_grad()
def test_step_by_step_is_the_whole_sequence(name: str) -> None:
    make, features, _ = NETS[name]
    net, x = make(), inputs(features)
    *whole, last = net(x, None)
    state, steps = None, []
    for frame in x:
        *step, state = net(frame[None], state)
        steps.append(step)
    for index, expected in enumerate(whole):
        np.testing.assert_allclose(torch.cat([step[index] for step in steps]), expected, rtol=0, atol=1e-6)
    assert state is not None
    for found, expected in zip(state, last, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NETS)
@torch.no_grad()
def test_the_same_input_after_another_past_gives_another_output(name: str) -> None:
    make, features, _ = NETS[name]
    net, x = make(), inputs(features)
    other = x.clone()
    other[:-1] = inputs(features, seed=2)[:-1]
    assert (net(x, None)[1][-1] - net(other, None)[1][-1]).abs().max() > 1e-4


@pytest.mark.parametrize("name", NETS)
@torch.no_grad()
def test_what_comes_later_changes_nothing_before(name: str) -> None:
    make, features, _ = NETS[name]
    net, x = make(), inputs(features)
    later = x.clone()
    later[20:] += 1.0
    for one, other in zip(net(x, None)[:3], net(later, None)[:3], strict=True):
        np.testing.assert_array_equal(one[:20], other[:20])
        assert (one[20] - other[20]).abs().max() > 1e-5


@pytest.mark.parametrize("name", NETS)
@torch.no_grad()
def test_streams_do_not_hear_each_other(name: str) -> None:
    make, features, _ = NETS[name]
    net, x = make(), inputs(features)
    other = x.clone()
    other[:, 1] += 1.0
    np.testing.assert_allclose(net(x, None)[1][:, 0], net(other, None)[1][:, 0], rtol=0, atol=1e-6)


@torch.no_grad()
def test_an_untaught_mean_is_nearly_constant_velocity() -> None:
    net = dance()
    nn.init.zeros_(net.head.rows.weight)
    nn.init.zeros_(net.head.rows.bias)
    x = inputs(FEATURES)
    mu = net(x, None)[1] * net.unit
    expected = torch.sigmoid(torch.ones(POSE + 3)) * x[..., POSE : 2 * POSE + 3]
    np.testing.assert_allclose(mu, expected.unsqueeze(-2).expand_as(mu), rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_inputs_are_normalised_inside() -> None:
    net, x = dance(), inputs(FEATURES)
    scaled = DanceNet.make(
        NetRecipe(hidden=16, layers=2, components=3, dropout=0.25), torch.full_like(SCALES, 1.0), CONDITIONS
    )
    scaled.load_state_dict({name: part for name, part in net.state_dict().items() if name != "scales"}, strict=False)
    normal = x.clone()
    normal[..., : len(SCALES)] /= SCALES
    for one, other in zip(net(x, None)[:3], scaled.eval()(normal, None)[:3], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


@torch.no_grad()
def test_the_condition_is_heard() -> None:
    net, x = dance(), inputs(FEATURES)
    x[..., -CONDITIONS:] = torch.tensor((1.0, 0.0))
    other = x.clone()
    other[..., -CONDITIONS:] = torch.tensor((0.0, 1.0))
    assert (net(x, None)[1] - net(other, None)[1]).abs().max() > 1e-4


def test_dropout_only_while_training() -> None:
    net, x = dance(), inputs(FEATURES)
    np.testing.assert_array_equal(net(x, None)[1].detach(), net(x, None)[1].detach())
    net.train()
    assert not torch.equal(net(x, None)[1], net(x, None)[1])


def test_the_gradient_reaches_every_weight() -> None:
    for make, features, _ in NETS.values():
        net = make().train()
        logits, mu, sigma, _ = net(inputs(features), None)
        (logits.sum() + mu.square().sum() + sigma.log().sum()).backward()
        missing = [name for name, part in net.named_parameters() if part.requires_grad and part.grad is None]
        assert not missing
