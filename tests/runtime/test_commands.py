"""Calls that wait for their thread."""

import threading
from typing import NoReturn

import pytest

from engine.runtime.commands import Commands, Latest
from engine.schema.errors import ModelError


def refuse() -> NoReturn:
    raise ValueError("no")


def fail() -> NoReturn:
    raise ModelError("model", "this", "that")


def test_calls_are_done_in_order_and_so_many_at_a_time() -> None:
    commands, done = Commands(10), list[int]()
    for number in range(5):
        assert commands.add(lambda number=number: done.append(number))  # type: ignore[misc]
    commands.run(3)
    assert done == [0, 1, 2]
    commands.run(3)
    assert done == [0, 1, 2, 3, 4]


def test_too_many_are_refused_and_counted() -> None:
    commands = Commands(2)
    assert [commands.add(lambda: None) for _ in range(4)] == [True, True, False, False]
    assert commands.refused == 2
    commands.run(1)
    assert commands.add(lambda: None)


def test_what_cannot_be_is_counted_and_holds_up_nothing() -> None:
    commands, done = Commands(9), list[int]()
    for command in (refuse, fail, lambda: done.append(1)):
        commands.add(command)
    commands.run(9)
    assert (done, commands.refused) == ([1], 2)


def test_a_defect_is_not_hidden() -> None:
    commands = Commands(9)
    commands.add(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        commands.run(1)


def test_what_a_call_adds_waits_for_the_next_turn() -> None:
    commands, done = Commands(9), list[int]()

    def again() -> None:
        done.append(1)
        commands.add(again)

    commands.add(again)
    commands.run(9)
    assert done == [1]


def test_many_threads_lose_nothing() -> None:
    commands, done = Commands(10_000), list[int]()
    threads = [
        threading.Thread(target=lambda: [commands.add(lambda: done.append(1)) for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        commands.run(50)
    commands.run(10_000)
    assert len(done) == 2000


class Clerk:
    """Does errands, and may be asked for more while it does."""

    def __init__(self, most: int = 8) -> None:
        self.errands, self.done = Commands(most), list[int]()
        self.latest = Latest(self.do, self.errands)

    def do(self, wish: int) -> None:
        self.done.append(wish)
        if wish > 100:
            self.latest.ask(wish - 100)


def test_of_all_that_was_asked_for_the_last_is_done_once() -> None:
    clerk = Clerk()
    assert all(clerk.latest.ask(wish) for wish in range(50))
    clerk.errands.run(9)
    assert (clerk.done, clerk.errands.refused) == ([49], 0)


def test_what_is_asked_for_while_it_is_done_is_done_next() -> None:
    clerk = Clerk()
    clerk.latest.ask(203)
    for _ in range(3):
        clerk.errands.run(9)
    assert clerk.done == [203, 103, 3]


def test_what_comes_between_the_signal_and_the_look_is_done_once() -> None:
    clerk = Clerk()
    clerk.latest.ask(1)
    clerk.latest._waits = False  # as another thread finds it
    clerk.latest.ask(2)
    clerk.errands.run(9)
    assert clerk.done == [2]
    clerk.latest.ask(3)
    clerk.errands.run(9)
    assert clerk.done == [2, 3]


def test_what_no_errand_can_be_had_for_is_never_done() -> None:
    clerk = Clerk(most=0)
    assert not clerk.latest.ask(1)
    assert not clerk.latest.ask(2)
    clerk.latest._serve()
    assert clerk.done == []
