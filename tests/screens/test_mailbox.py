"""Where the frame thread leaves pictures."""

import sys
import threading
from collections import deque

import numpy as np

from engine.schema.model import Size
from engine.screens._mailbox import Mailbox, Picture

SIZE = Size(height=40, width=50)


def of(value: int) -> np.ndarray:
    return np.full((40, 50), value % 256, np.uint8)


def test_the_newest_wins_and_the_others_are_counted() -> None:
    mailbox = Mailbox(SIZE)
    assert mailbox.take() is None
    for number in range(5):
        mailbox.put(of(number), number, 33 * number)
    found = mailbox.take()
    assert found is not None
    assert (found.sequence, found.milliseconds, found.pixels[0, 0]) == (4, 132, 4)
    assert mailbox.take() is None
    assert (mailbox.taken, mailbox.left_out) == (1, 4)


def test_what_was_taken_stays_as_it_is_until_the_next_one_is() -> None:
    mailbox = Mailbox(SIZE)
    mailbox.put(of(1), 1, 0)
    found = mailbox.take()
    assert found is not None
    for number in range(2, 9):
        mailbox.put(of(number), number, 0)
    assert (found.sequence, found.pixels.max()) == (1, 1)


def test_pictures_come_on_while_the_thread_that_takes_one_is_held_up() -> None:
    mailbox = Mailbox(SIZE)

    class Held(deque[Picture]):
        """Of places that are free: the thread gets nowhere for some frames, just before it gives one back."""

        def append(self, place: Picture) -> None:
            if not held:
                held.append(True)
                for number in range(10, 20):
                    mailbox.put(of(number), number, 0)
            super().append(place)

    for number in range(2):
        mailbox.put(of(number), number, 0)
        held = [True]
        if number:
            held.clear()
            mailbox._free = Held(mailbox._free)
        found = mailbox.take()
        assert found is not None
        assert (found.sequence, found.pixels.max()) == (number, number)
    newest = mailbox.take()
    assert newest is not None
    assert newest.sequence == 19


def test_no_picture_is_torn_between_two_threads() -> None:
    mailbox, over, torn, seen = Mailbox(SIZE), threading.Event(), list[int](), list[int]()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def take() -> None:
        while not over.is_set():
            if found := mailbox.take():
                if (found.pixels != found.sequence % 256).any():
                    torn.append(found.sequence)
                seen.append(found.sequence)

    thread = threading.Thread(target=take)
    thread.start()
    try:
        for number in range(3000):
            mailbox.put(of(number), number, 0)
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)
    assert torn == []
    assert seen == sorted(set(seen))
    assert mailbox.taken + mailbox.left_out in (2999, 3000)
