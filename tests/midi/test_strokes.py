"""Voices that strike and let go, as one piano has them."""

import pytest

from engine.midi.strokes import PEDAL, STRUCK, UP, Edge, Stroke, merged, paired, raised
from engine.schema.note import Note, Pedal, Timed


def ends(*strokes: tuple[int, int]) -> list[int | None]:
    """The end of each stroke of (tick, velocity)."""
    return [end for _, end in paired([Stroke(tick, index, velocity) for index, (tick, velocity) in enumerate(strokes)])]


@pytest.mark.parametrize(
    ("strokes", "expected"),
    [
        pytest.param([(0, 9), (5, 0)], [5], id="a note"),
        pytest.param([(0, 9), (5, 0), (5, 9), (8, 0)], [5, 8], id="again at once"),
        pytest.param([(0, 9), (5, 9), (5, 0), (8, 0)], [5, 8], id="again before it is let go"),
        pytest.param([(0, 9), (3, 9), (5, 0), (8, 0)], [8, 5], id="within another"),
        pytest.param([(0, 9), (3, 9), (5, 0)], [5, 5], id="let go once"),
        pytest.param([(0, 0), (3, 9), (3, 0)], [3], id="without length"),
        pytest.param([(0, 9), (5, 0), (6, 9)], [5, None], id="never let go"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_each_stroke_has_its_end(strokes: list[tuple[int, int]], expected: list[int | None]) -> None:
    assert ends(*strokes) == expected


def test_a_key_comes_up_with_its_last_sound_on_each_channel() -> None:
    one, two = Note(60, 70, 1), Note(60, 80, 2)
    edges = [
        Edge(0, STRUCK, 60, 0, 0, two),
        Edge(1, PEDAL, 0, 0, 1, Pedal(5, 1)),
        Edge(2, STRUCK, 60, 1, 0, one),
        Edge(3, UP, 60, 0, 0, two),
        Edge(4, UP, 60, 1, 0, one),
    ]
    assert merged(edges) == [
        Timed(0, two, 0, 0),
        Timed(1, Pedal(5, 1), 0, 1),
        Timed(2, one, 1, 0),
        Timed(4, Note(60, 0, 1), 1, 0),
        Timed(4, Note(60, 0, 2), 1, 0),
    ]


def test_the_pedal_is_raised_where_it_is_down() -> None:
    events = [Timed(0, Pedal(127, 2)), Timed(1, Pedal(3, 1)), Timed(2, Pedal(0, 2)), Timed(3, Note(60, 1, 3))]
    assert raised(events, 9) == [Timed(9, Pedal(0, 1))]
