"""The network of the first LSTM-MDN dancers."""

import numpy as np
import torch

from export.nets.seed import SeedNet


def full_size() -> SeedNet:
    return SeedNet(torch.zeros(165), torch.ones(165))


def test_it_has_as_many_parameters_as_the_original() -> None:
    trained = sum(part.numel() for part in full_size().parameters() if part.requires_grad)
    assert trained == 4_204_896


def test_the_second_bias_of_each_gate_stays_zero() -> None:
    net = SeedNet(torch.zeros(6), torch.ones(6), hidden=8, layers=2, components=2)
    optimiser = torch.optim.AdamW([part for part in net.parameters() if part.requires_grad], lr=0.1)
    for _ in range(3):
        logits, mu, sigma, _ = net(torch.rand(4, 1, 6))
        (logits.square().sum() + mu.square().sum() + sigma.sum()).backward()
        optimiser.step()
    for name, part in net.lstm.named_parameters():
        assert name.startswith("bias_hh") == (not part.any())


def test_positions_are_scaled_to_between_0_and_1() -> None:
    low, high = torch.tensor((-2.0, 0.0, 5.0)), torch.tensor((2.0, 1.0, 5.0))
    net = SeedNet(low, high, hidden=4, layers=1, components=2)
    np.testing.assert_allclose(net.scale(low), (0, 0, 0))
    np.testing.assert_allclose(net.scale(high)[:2], (1, 1))
    assert torch.isfinite(net.scale(torch.full((3,), 100.0))).all()  # an axis without extent divides by nothing


def test_sigma_is_positive_without_a_floor() -> None:
    net = SeedNet(torch.zeros(6), torch.ones(6), hidden=8, layers=1, components=2)
    with torch.no_grad():
        sigma = net.split(50 * torch.randn(100, 8))[2]
    assert float(sigma.min()) > 0
    assert float(sigma.min()) < 1e-4  # which is how it memorises single frames
