"""Networks of signs: sizes, streaming, and what they may not look at."""

import torch

from export.nets.signs import SeedSignNet, SignNet

MEAN, SCALE = torch.arange(3.0), torch.full((3,), 2.0)


def ours() -> SignNet:
    torch.manual_seed(1)
    return SignNet(MEAN, SCALE, 4, hidden=5, layers=2, dropout=0.3).eval()


def test_the_first_network_has_as_many_numbers_as_it_was_told_to_have() -> None:
    assert SeedSignNet(22, 94).counted() == 58_694


def test_the_second_bias_of_the_first_network_stays_nothing() -> None:
    net = SeedSignNet(22, 94)
    net(torch.randn(9, 2, 22))[0].sum().backward()
    second = dict(net.lstm.named_parameters())["bias_hh_l0"]
    assert second.grad is None
    assert not second.any()


def test_it_says_something_after_every_sample() -> None:
    logits, _ = ours()(torch.randn(7, 2, 3))
    assert logits.shape == (7, 2, 4)


def test_what_comes_later_changes_nothing_that_was_said() -> None:
    net, x = ours(), torch.randn(9, 1, 3)
    changed = x.clone()
    changed[5:] += 1.0
    before, after = net(x)[0], net(changed)[0]
    assert torch.equal(before[:5], after[:5])
    assert not torch.equal(before[5:], after[5:])


def test_a_stream_in_two_parts_is_the_stream() -> None:
    net, x = ours(), torch.randn(8, 2, 3)
    first, state = net(x[:3])
    second, _ = net(x[3:], state)
    assert torch.allclose(torch.cat([first, second]), net(x)[0], atol=1e-6)


def test_a_temperature_flattens_and_keeps_the_order() -> None:
    net, logits = ours(), torch.tensor([[3.0, 1.0, 0.0, -1.0]])
    sharp = net.probabilities(logits)
    net.temperature.fill_(4.0)
    flat = net.probabilities(logits)
    assert flat[0, 0] < sharp[0, 0]
    assert flat.argmax() == sharp.argmax()
