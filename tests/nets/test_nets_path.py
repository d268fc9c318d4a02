"""Autoencoders of memories."""

import numpy as np
import pytest
import torch
from remembering import walks

from export.nets.path import MOST_WEIGHTS, Autoencoder, linear_map, our_map, seed_map
from export.path_fit import components


def weights(net: Autoencoder) -> int:
    return sum(layer.weight.numel() + layer.bias.numel() for layer in net.encoding())


def test_the_first_one_had_302202_parameters() -> None:
    assert seed_map(100, 2).counted() == 302_202


@pytest.mark.parametrize("dims", [2, 3])
def test_ours_begins_as_principal_components_there_and_back(dims: int) -> None:
    rows = torch.from_numpy(walks.sheet())
    rows = rows - rows.mean(0)
    found = torch.from_numpy(components(rows, dims))
    places, again = our_map(walks.INPUTS, 32, dims, found)(rows)
    torch.testing.assert_close(places, rows @ found.T, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(again, rows @ found.T @ found, atol=1e-5, rtol=1e-5)
    plain = linear_map(found)(rows)
    torch.testing.assert_close(plain, (places, again), atol=1e-5, rtol=1e-5)


def test_principal_components_are_those_of_most_variance() -> None:
    rows = walks.sheet() - walks.sheet().mean(0)
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    found = components(torch.from_numpy(rows), 2)
    np.testing.assert_allclose(np.abs(np.sum(found[0] * vectors[:, -1])), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.square(rows @ found[1]).sum() / (len(rows) - 1), values[-2], rtol=1e-4)


@pytest.mark.parametrize("inputs", [8, 128, 256, 512, 1024])
@pytest.mark.parametrize("dims", [2, 3])
def test_what_is_played_stays_small(inputs: int, dims: int) -> None:
    net = our_map(inputs, 128, dims, torch.eye(dims, inputs))
    assert weights(net) <= MOST_WEIGHTS
    assert net.encoding()[0].out_features >= 16


def test_a_wide_layer_is_as_asked_for_where_there_is_room() -> None:
    assert our_map(128, 128, 2, torch.eye(2, 128)).encoding()[0].out_features == 128
