"""A thread that shows pictures."""

import threading
from collections.abc import Callable

import numpy as np
import PIL.Image
import pytest

from engine.images.look import Look
from engine.schema.errors import DeviceError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.screens import _worker
from engine.screens._worker import Worker

SIZE = Size(height=4, width=6)


class Board:
    """A surface that tells what it was given, as slowly as it is told to be."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []
        self.goes, self.got = threading.Semaphore(0), threading.Semaphore(0)
        self.closed = 0
        self.trouble: Exception | None = None

    def show(self, picture: PIL.Image.Image) -> None:
        self.got.release()
        self.goes.acquire()
        if self.trouble is not None:
            raise self.trouble
        self.seen.append((int(np.asarray(picture).max()), threading.current_thread().name))

    def close(self) -> None:
        self.closed += 1


def worker(make: Callable[[], Board], said: list[str]) -> Worker:
    return Worker("board://a", "a board", size=SIZE, look=Look(SIZE), make=make, say=said.append)


def show(made: Worker, number: int) -> None:
    made.show(Image(np.full((4, 6), number, np.uint8)), number, 0)


def test_slow_surfaces_leave_pictures_out_and_hold_nobody() -> None:
    board, said = Board(), list[str]()
    made = worker(lambda: board, said)
    show(made, 1)
    board.got.acquire()  # it is busy with the first one
    for number in range(2, 101):
        show(made, number)
    board.goes.release()
    board.got.acquire()
    board.goes.release()
    made.close()
    assert board.seen == [(1, "screen board://a"), (100, "screen board://a")]
    assert made.counters == (2, 98, 0)
    assert (board.closed, said) == (1, [])
    made.close()
    assert board.closed == 1


def test_what_cannot_be_opened_is_told_where_it_is_opened() -> None:
    def fail() -> Board:
        raise DeviceError("/dev/video10", "nothing", "a device")

    with pytest.raises(DeviceError, match="/dev/video10: nothing; expected a device"):
        worker(fail, [])


def test_a_library_that_fails_in_its_own_words_is_told_in_one_line() -> None:
    def fail() -> Board:
        raise RuntimeError("no\nruntime")

    with pytest.raises(DeviceError, match="board://a: no runtime; expected a library that opens it"):
        worker(fail, [])


def test_a_library_that_hangs_is_given_up_and_closed_when_it_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_worker, "OPENING", 0.05)
    board, goes, closed = Board(), threading.Event(), threading.Event()
    monkeypatch.setattr(board, "close", closed.set)

    def hang() -> Board:
        goes.wait()
        return board

    with pytest.raises(DeviceError, match=r"board://a: not open after 0\.05 s"):
        worker(hang, [])
    goes.set()
    assert closed.wait(10)


def test_what_fails_later_is_said_once_and_counted_and_tried_again() -> None:
    board, said = Board(), list[str]()
    made = worker(lambda: board, said)

    def turn(trouble: Exception | None) -> None:
        show(made, 9)
        board.got.acquire()
        board.trouble = trouble
        board.goes.release()

    for _ in range(3):
        turn(OSError("the cable\nis out"))
    turn(None)
    turn(OSError("the cable\nis out"))
    made.close()
    assert said == ["board://a: the cable is out; the show goes on without it"] * 2
    assert made.counters == (1, 0, 4)
    assert [value for value, _ in board.seen] == [9]
