"""Who plays in an act: what the show says about each performer, and what is taken where it says nothing."""

from collections.abc import Iterator

from engine.schema.controls import Controls, knobs, make_controls
from engine.schema.show import Act, Entrance, Performer, Place

SPACING = 1.5
"""Metres between performers that were given no place."""


def line_up(count: int) -> list[Place]:
    """Places in a row across the stage, facing +Z."""
    return [Place(x=(index - (count - 1) / 2) * SPACING) for index in range(count)]


class Casting:
    """How the performers of an act come on, those as well who may join later."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._special = {performer.number: performer for performer in act.performer}
        self._row = line_up(act.performers)

    def entrance(self, number: int) -> Entrance:
        """How a performer comes on: as the act plays, but for what the show says about this one."""
        special = self._special.get(number, Performer(number=number))
        return Entrance(special.seed, self._place(special), self._controls(special))

    def opening(self) -> Iterator[tuple[int, Entrance]]:
        """Those who play from the start."""
        return ((number, self.entrance(number)) for number in range(1, self._act.performers + 1))

    def _place(self, special: Performer) -> Place:
        """Where the show puts it; else in the row, which goes on to the left with those who join."""
        beyond = max(0, special.number - len(self._row))
        default = self._row[min(special.number, len(self._row)) - 1]
        x = default.x + beyond * SPACING if special.x is None else special.x
        return Place(x, default.z if special.z is None else special.z, special.heading or 0.0)

    def _controls(self, special: Performer) -> Controls:
        return make_controls(knobs(self._act.controls) | special.controls)
