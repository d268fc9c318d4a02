import math

import numpy as np
import pytest

from engine.schema.frame import U8
from export.metrics import pictures as measures

FPS = 10.0


def squares(places: list[int]) -> U8:
    """A bright square for each place, from left to right."""
    found = np.zeros((len(places), 8, 64), np.uint8)
    for picture, place in zip(found, places, strict=True):
        picture[2:6, place : place + 4] = 255
    return found


def test_overlap_over_union() -> None:
    a, b = squares([0, 0, 0, 0]), squares([0, 2, 4, 0])
    b[3] = 0
    assert measures.iou(a, b).tolist() == pytest.approx([1.0, 1 / 3, 0.0, 0.0])
    assert measures.iou(np.zeros_like(a), np.zeros_like(a)).tolist() == [1.0] * 4


def test_likeness_of_one_picture_to_itself_and_to_grey() -> None:
    truth = squares([3])
    same = measures.likeness(truth, truth)
    assert same.iou == 1.0
    assert same.mse == 0.0
    assert same.bce == pytest.approx(-math.log(1.0 - measures.LEAST), rel=0.1)
    grey = measures.likeness(truth, np.full_like(truth, 127))
    assert grey.bce == pytest.approx(math.log(2.0), abs=0.01)
    assert grey.mse == pytest.approx(0.25, abs=0.01)


def test_recorded_pictures_are_a_perfect_free_run_of_themselves() -> None:
    film = squares(list(range(0, 60, 2)))
    found = measures.freedom(film, measures.joined([film], FPS))
    assert found.iou == 1.0
    assert found.flicker == pytest.approx(1.0)
    assert found.freeze == 0.0
    assert found.jumps <= 0.02
    assert found.coverage == 1.0


def test_movement_the_recorded_way_and_against_it() -> None:
    film = squares(list(range(0, 60, 2)))
    recorded = measures.joined([film], FPS)
    assert measures.freedom(film, recorded).forward == 1.0
    assert measures.freedom(film[::-1].copy(), recorded).forward < 0.2


def test_standing_still_is_freezing_and_covers_nothing() -> None:
    film = squares(list(range(0, 60, 2)))
    found = measures.freedom(np.repeat(film[:1], 40, 0), measures.joined([film], FPS))
    assert found.freeze == 1.0
    assert found.flicker == 0.0
    assert found.coverage == pytest.approx(1 / 3)
    assert found.forward == 0.0


def test_a_picture_from_elsewhere_is_a_jump() -> None:
    film = squares(list(range(60)))
    found = measures.freedom(squares([*range(10), *range(40, 50)]), measures.joined([film], FPS))
    assert found.jumps == pytest.approx(1 / 19)


def test_changes_never_cross_the_border_of_films() -> None:
    films = [squares([0, 0, 0]), squares([40, 40])]
    assert measures.recorded_changes(measures.joined(films, FPS)).tolist() == [0.0] * 3
