"""Performers come and go."""

import threading
from typing import Any

from runtime.rig import START, Puppet

from engine.runtime.clock import VirtualClock
from engine.runtime.commands import Commands
from engine.runtime.company import ENTRANCES, Company
from engine.schema.show import Entrance


class Troop:
    """A company with its queues, and frames that pass when they are asked to."""

    def __init__(self, *performers: int) -> None:
        self.act = Puppet(VirtualClock(START), performers=performers)
        self.commands, self.errands = Commands(64), Commands(64)
        self.company = Company(
            self.act, lambda number: Entrance(seed=number), commands=self.commands, errands=self.errands
        )

    def ask(self, performers: int) -> None:
        self.company.ask(performers)
        self.errands.run(9)

    def frame(self) -> tuple[int, ...]:
        self.commands.run(8)
        self.company.gather()
        return self.act.performers


def test_a_cast_is_gathered_a_few_at_a_time_and_leaves_at_once() -> None:
    troop = Troop(2, 8)
    troop.ask(6)
    assert troop.act.reserved == [(6, threading.current_thread().name)]
    assert troop.frame() == (1, 2, 3)
    assert troop.frame() == (1, 2, 3, 4, 5)
    assert troop.frame() == (1, 2, 3, 4, 5, 6)
    troop.ask(0)
    assert troop.frame() == ()
    assert len(troop.act.reserved) == 1
    assert ENTRANCES == 2


def test_who_leaves_after_the_cast_is_gathered_stays_away() -> None:
    troop = Troop()
    troop.ask(2)
    troop.frame()
    troop.act.leave(1)
    assert [troop.frame() for _ in range(3)] == [(2,)] * 3


def test_the_last_of_several_wishes_counts() -> None:
    troop = Troop(1)
    for wanted in (8, 3, 2):
        troop.ask(wanted)
    assert troop.frame() == (1, 2)
    assert troop.frame() == (1, 2)


def test_a_message_makes_an_errand_and_no_frame_waits_for_it() -> None:
    troop = Troop(1)
    troop.company.ask(2)
    assert troop.frame() == (1,)
    assert troop.act.reserved == []
    troop.errands.run(9)
    assert troop.frame() == (1, 2)


def test_a_message_for_too_many_is_counted() -> None:
    troop = Troop(1)
    troop.company.ask(1000)
    troop.errands.run(9)
    assert troop.errands.refused == 1
    assert troop.frame() == (1,)


def test_a_flood_of_wishes_makes_one_errand_for_the_last_of_them() -> None:
    troop = Troop()
    for wanted in range(200, 0, -1):
        troop.company.ask(wanted)
    troop.errands.run(99)
    assert troop.act.reserved == [(1, threading.current_thread().name)]
    assert troop.errands.refused == 0
    assert troop.frame() == (1,)


def test_who_is_asked_for_while_no_errand_finds_room_is_forgotten() -> None:
    troop = Troop()
    for _ in range(64):
        troop.errands.add(lambda: None)
    troop.company.ask(2)
    troop.errands.run(99)
    troop.company.ask(1)
    troop.errands.run(99)
    assert troop.frame() == (1,)


def test_those_who_play_can_be_all() -> None:
    troop = Troop()
    troop.ask(8)
    troop.frame()
    troop.company.stay()
    assert troop.frame() == (1, 2)


def test_where_another_act_without_room_took_over_room_is_asked_for_again() -> None:
    class Narrow(Puppet):
        def join(self, number: int, **entrance: Any) -> None:
            if number not in [each for each, _ in self.reserved]:
                raise ValueError("not reserved")
            super().join(number, **entrance)

    troop = Troop(1)
    troop.act = troop.company._act = Narrow(VirtualClock(START))
    troop.company.ask(2)
    troop.commands.add(lambda: troop.company._want(2))
    assert troop.frame() == (1,)
    troop.errands.run(8)
    assert troop.frame() == (1, 2)


def test_what_was_asked_before_a_new_beginning_comes_too_late() -> None:
    troop = Troop(1, 2)
    troop.company.ask(5)
    troop.errands.run(9)
    troop.company.stay()
    assert troop.frame() == (1, 2)
    troop.ask(5)
    assert troop.frame() == (1, 2, 3, 4)
