"""Colours in the place of greys."""

from typing import get_args

import numpy as np
import pytest
from PIL import Image

from engine.images.colour import ANCHORS, colour, table
from engine.schema.kinds import Colormap

NAMES = get_args(get_args(Colormap)[0])
RAMP = np.arange(256, dtype=np.uint8)[None]


@pytest.mark.parametrize("name", NAMES)
def test_every_map_that_can_be_asked_for_goes_from_its_first_anchor_to_its_last(name: Colormap) -> None:
    colours = table(name)
    assert colours.shape == (256, 3)
    assert bytes(colours[0]).hex() == ANCHORS[name][0]
    assert bytes(colours[255]).hex() == ANCHORS[name][-1]
    assert np.abs(np.diff(colours.astype(int), axis=0)).max() <= 8


def test_greys_are_themselves() -> None:
    assert np.array_equal(table("grey"), np.repeat(RAMP.T, 3, 1))
    picture = Image.fromarray(RAMP)
    assert colour(picture, "grey") is picture


@pytest.mark.parametrize("name", [name for name in NAMES if name != "grey"])
def test_a_picture_gets_the_colours_of_its_greys(name: Colormap) -> None:
    picture = Image.fromarray(RAMP)
    assert np.array_equal(np.asarray(colour(picture, name))[0], table(name))
    assert np.array_equal(np.asarray(picture), RAMP)


def test_each_map_is_told_from_every_other() -> None:
    assert len({table(name).tobytes() for name in NAMES}) == len(NAMES) == len(ANCHORS)


def test_white_becomes_ink_and_black_paper() -> None:
    paper, ink = table("ink")[[0, 255]].sum(1)
    assert paper > 600
    assert ink < 100


def test_a_table_cannot_be_spoiled() -> None:
    with pytest.raises(ValueError, match="read-only"):
        table("ice")[0] = 0
