"""Rows of performers."""

import pytest

from engine.motion.rows import Rows


@pytest.mark.parametrize("performers", [(1,), (2, 7, 256), (), [3, 4], range(1, 4)])
def test_a_performer_has_the_row_before_its_number(performers: tuple[int, ...]) -> None:
    assert Rows().of(performers).tolist() == [number - 1 for number in performers]


def test_nothing_is_made_while_the_same_ones_perform() -> None:
    rows = Rows()
    first = rows.of((1, 2))
    assert rows.of((1, 2)) is first
    assert rows.of((1, 3)).tolist() == [0, 2]
    assert first.tolist() == [0, 1]
