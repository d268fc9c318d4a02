"""Who plays, and how each comes on."""

from engine.casting import SPACING, Casting, line_up
from engine.schema.controls import Controls
from engine.schema.show import Act, Entrance, Performer, Place

CALM = Controls(temperature=0.5, sigma=0.8)


def test_performers_stand_in_a_row_and_play_as_the_act_does() -> None:
    casting = Casting(Act(performers=3, controls=CALM))
    assert list(casting.opening()) == [
        (1, Entrance(None, Place(x=-1.5), CALM)),
        (2, Entrance(None, Place(), CALM)),
        (3, Entrance(None, Place(x=1.5), CALM)),
    ]


def test_those_who_join_go_on_with_the_row() -> None:
    casting = Casting(Act(performers=3))
    assert [casting.entrance(number).place.x for number in (4, 6)] == [3.0, 6.0]


def test_what_the_show_says_about_one_performer_stands() -> None:
    special = Performer(number=2, seed=9, z=1.0, heading=90, controls={"sigma": 0.2, "condition": 1})
    casting = Casting(Act(performers=2, controls=CALM, performer=(special,)))
    own = Controls(temperature=0.5, sigma=0.2, condition=1)
    assert casting.entrance(2) == Entrance(9, Place(0.75, 1.0, 90), own)
    assert casting.entrance(1) == Entrance(None, Place(x=-0.75), CALM)


def test_who_is_given_no_place_stands_in_a_row() -> None:
    assert line_up(1) == [Place()]
    assert line_up(3) == [Place(x=-SPACING), Place(), Place(x=SPACING)]
    assert [place.x for place in line_up(4)] == [-1.5 * SPACING, -0.5 * SPACING, 0.5 * SPACING, 1.5 * SPACING]
