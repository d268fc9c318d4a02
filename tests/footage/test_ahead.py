"""Pictures that are read ahead."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from footage.made import flat

from engine.footage.ahead import AHEAD, Ahead
from engine.schema.errors import DataError
from engine.schema.frame import U8

PATIENCE = 5.0


def lap(length: int, breaks: int | None = None) -> Callable[[], Iterator[U8]]:
    def pictures() -> Iterator[U8]:
        for number in range(length):
            if number == breaks:
                raise DataError("film", f"picture {number}", "a whole one")
            yield flat(number, 1, 1)

    return pictures


def shown(feed: Ahead, frame: int) -> int:
    """What a patient frame thread gets: the picture of a frame once it is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        feed.take(frame)
        slot = feed._slots[frame % AHEAD]
        if slot is not None and slot[0] == frame:
            picture = feed.take(frame)
            assert picture is not None
            return int(picture[0, 0])
        time.sleep(0.001)
    raise TimeoutError


@pytest.fixture
def started() -> Iterator[Callable[..., Ahead]]:
    feeds: list[Ahead] = []

    def start(pictures: Callable[[], Iterator[U8]], said: list[str] | None = None) -> Ahead:
        feeds.append(Ahead("film", pictures, ([] if said is None else said).append))
        feeds[-1].start()
        return feeds[-1]

    yield start
    for feed in feeds:
        feed.close()
        feed.close()


def test_frames_have_their_pictures_lap_after_lap(started: Callable[..., Ahead]) -> None:
    feed = started(lap(7))
    assert [shown(feed, frame) for frame in range(100)] == [frame % 7 for frame in range(100)]


def test_the_first_picture_is_there_at_once_and_the_place_is_named(started: Callable[..., Ahead]) -> None:
    feed = started(lap(3))
    assert feed.take(0) is not None
    assert feed.place == "film"


def test_frames_may_be_skipped_repeated_and_begin_again(started: Callable[..., Ahead]) -> None:
    feed = started(lap(50))
    for frame in (0, 0, 5, 40, 40, 333, 334, 0, 1, 49, 3, 1000):
        assert shown(feed, frame) == frame % 50


def test_it_never_waits_and_gives_the_last_one_where_a_picture_is_late(started: Callable[..., Ahead]) -> None:
    gate = threading.Event()

    def slow() -> Iterator[U8]:
        yield flat(0, 1, 1)
        gate.wait(PATIENCE)
        yield flat(1, 1, 1)

    feed = started(slow)
    first = feed.take(0)
    assert feed.take(1) is first
    gate.set()
    assert shown(feed, 1) == 1


def test_only_some_pictures_are_held(started: Callable[..., Ahead]) -> None:
    given: list[int] = []

    def counted() -> Iterator[U8]:
        for number in range(10_000):
            given.append(number)
            yield flat(number % 256, 1, 1)

    feed = started(counted)
    shown(feed, AHEAD - 1)
    time.sleep(0.1)
    assert len(given) <= 2 * AHEAD + 1


def test_a_file_that_breaks_keeps_its_last_picture_and_says_so_once(started: Callable[..., Ahead]) -> None:
    said: list[str] = []
    feed = started(lap(9, breaks=4), said)
    assert [shown(feed, frame) for frame in range(12)] == [0, 1, 2, 3] + [3] * 8
    assert shown(feed, 0) == 0
    assert [shown(feed, frame) for frame in range(3, 7)] == [3] * 4
    assert said == ["film: picture 4; expected a whole one; the last picture before stays"]


def test_a_file_that_breaks_at_once_is_refused(started: Callable[..., Ahead]) -> None:
    with pytest.raises(DataError, match="picture 0"):
        started(lap(9, breaks=0))


def test_pictures_that_are_read_too_slowly_come_late_and_that_is_told_once(started: Callable[..., Ahead]) -> None:
    turns, said = threading.Semaphore(1), list[str]()

    def slow() -> Iterator[U8]:
        for number in range(250):
            turns.acquire(timeout=PATIENCE)
            yield flat(number, 1, 1)

    feed, seen = started(slow, said), set[int]()
    for frame in range(0, 400, 4):
        picture = feed.take(frame)
        assert picture is not None
        seen.add(int(picture[0, 0]))
        turns.release()
        time.sleep(0.001)
    assert len(seen) > 20, "they move, at a quarter of the speed"
    assert said == ["film: read too slowly for so many pictures a second; they come late"]
    turns.release(1000)


def test_a_file_that_is_empty_in_the_next_lap_keeps_its_last_picture(started: Callable[..., Ahead]) -> None:
    counts, said = iter([3, 0]), list[str]()

    def shrinking() -> Iterator[U8]:
        yield from (flat(number, 1, 1) for number in range(next(counts)))

    feed = started(shrinking, said)
    assert [shown(feed, frame) for frame in range(6)] == [0, 1, 2, 2, 2, 2]
    assert said == ["film: no pictures any more; expected at least one; the last picture before stays"]


def test_closing_ends_the_thread(started: Callable[..., Ahead]) -> None:
    feed = started(lap(9))
    feed.close()
    assert not feed._thread.is_alive()
