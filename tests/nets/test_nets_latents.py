import torch
from torch import Tensor, nn

from engine.schema.model import Size
from export.nets import vae
from export.nets.latents import LatentNet, SeedLatentNet, folded
from export.recipe import NetRecipe

SMALL = Size(height=16, width=24)


def shuffled(x: Tensor) -> Tensor:
    order = [*range(len(x) - 20), *reversed(range(len(x) - 20, len(x) - 1)), len(x) - 1]
    return x[order]


def last_mean(net: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        logits, mu, *_ = net(x)
    mean: Tensor = (logits.softmax(-1).unsqueeze(-1) * mu).sum(-2)
    return mean[-1]


def ours(latent: int = 4) -> LatentNet:
    net = NetRecipe(kind="latents", hidden=12, components=3)
    return LatentNet.make(net, vae.make("vae", SMALL, latent), torch.ones(2 * latent)).eval()


def first(latent: int, hidden: int, components: int) -> SeedLatentNet:
    net = NetRecipe(kind="seed-latents", hidden=hidden, layers=3, components=components, dropout=0.4)
    ends = -torch.ones(latent), torch.ones(latent)
    return SeedLatentNet.make(net, vae.make("seed-vae", SMALL, latent), *ends).eval()


def test_the_first_network_has_as_many_parameters_as_it_was_posted_with() -> None:
    assert first(128, 512, 24).learned() == 12_198_336


def test_ours_remembers_what_was_and_the_first_one_does_not() -> None:
    torch.manual_seed(2)
    one, other = ours(), first(4, 12, 3)
    x = torch.randn(30, 1, 8)
    assert (last_mean(one, x) - last_mean(one, shuffled(x))).abs().max() > 1e-3
    assert torch.allclose(last_mean(other, x[..., :4]), last_mean(other, shuffled(x[..., :4])), atol=1e-7)


def test_without_anything_learned_movement_goes_on() -> None:
    net = ours()
    with torch.no_grad():
        net.dance.head.rows.weight.zero_()
        net.dance.head.rows.bias.zero_()
    x = torch.randn(5, 1, 8)
    assert torch.allclose(last_mean(net, x), torch.sigmoid(torch.tensor(1.0)) * x[-1, :, 4:], atol=1e-6)


def test_standard_numbers_are_folded_into_the_network() -> None:
    torch.manual_seed(3)
    plain = vae.make("vae", SMALL, 4).eval()
    mean, std, order = torch.randn(4), torch.rand(4) + 0.5, torch.tensor([2, 0, 3, 1])
    made = folded(plain, mean, std, order)
    pictures = torch.rand(6, 1, 16, 24)
    with torch.no_grad():
        raw, standard = plain.encode(pictures).mean, made.encode(pictures).mean
        assert torch.allclose(standard, ((raw - mean) / std)[:, order], atol=5e-3)
        assert torch.allclose(made.decode(standard), plain.decode(raw), atol=5e-3)
    assert all(torch.equal(p, p.half().float()) for p in made.parameters())
