import math

import pytest
import torch

from engine.schema.errors import ConfigError
from engine.schema.model import Size
from export.nets import vae
from export.nets.vae import Coded

SILHOUETTE = Size(height=120, width=208)
SMALL = Size(height=16, width=24)


def test_the_first_network_has_as_many_parameters_as_it_was_posted_with() -> None:
    assert vae.make("seed-vae", SILHOUETTE, 128).parameters_of() == (1_724_128, 1_744_545)


def test_ours_has_fewer() -> None:
    encoder, decoder = vae.make("vae", SILHOUETTE, 32).parameters_of()
    assert encoder < 1_724_128
    assert decoder < 1_744_545


@pytest.mark.parametrize("kind", ["vae", "seed-vae"])
def test_pictures_become_numbers_and_pictures_again(kind: str) -> None:
    net = vae.make(kind, SMALL, 5).eval()
    pictures = torch.rand(3, 1, 16, 24)
    logits, coded = net(pictures)
    assert coded.mean.shape == coded.log_variance.shape == (3, 5)
    assert logits.shape == pictures.shape
    assert torch.allclose(net.decode(coded.mean), logits.sigmoid())


def test_only_training_draws_samples() -> None:
    net, pictures = vae.make("vae", SMALL, 5), torch.rand(1, 1, 16, 24)
    assert not torch.equal(net(pictures)[0], net(pictures)[0])
    net.eval()
    assert torch.equal(net(pictures)[0], net(pictures)[0])


def test_the_loss_is_a_sum_over_pixels_and_a_divergence() -> None:
    logits, pictures = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)
    mean, log_variance = torch.full((2, 3), 2.0), torch.zeros(2, 3)
    found = vae.loss(logits, pictures, Coded(mean, log_variance), 0.5)
    assert float(found) == pytest.approx(4 * math.log(2.0) + 0.5 * 3 * 2.0)


def test_pictures_that_cannot_be_halved_three_times_are_refused() -> None:
    with pytest.raises(ConfigError, match="multiples of 8"):
        vae.make("vae", Size(height=100, width=208), 4)
