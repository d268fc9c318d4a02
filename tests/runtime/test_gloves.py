from collections.abc import Sequence

import numpy as np
import pytest

from engine.controls.gloves import Sent
from engine.gestures.playback import Playback
from engine.gestures.recording import Gesture, Recording
from engine.runtime.gloves import Gloves, Recorded

RATE, MOST, FRAME = 100, 64, 20


class Sender:
    """Sends so many samples before each frame, numbered."""

    def __init__(self, rate: float = RATE) -> None:
        self.refused: list[float] = []
        self.gloves = Gloves(rate, most=MOST, refused=self.refused.append)
        self.at = -FRAME
        self.taken: list[Sequence[float] | None] = []

    def frame(self, *numbers: int, hold: bool = False) -> list[float | None]:
        for number in numbers:
            self.gloves.hear(Sent((float(number),), number))
        self.at += FRAME
        if hold:
            self.gloves.hold(self.at)
            return []
        return [None if each is None else float(each[0]) for each in self.gloves.due(self.at, FRAME / 1000, MOST)]


def test_samples_are_taken_with_the_next_frame_in_their_order() -> None:
    sender = Sender()
    assert sender.frame(1, 2) == [1, 2]
    assert sender.frame() == []
    assert sender.frame(3) == [3]


def test_late_ones_are_left_out_and_gaps_counted() -> None:
    sender = Sender()
    assert sender.frame(1, 2, 5, 4, 5) == [1, 2, 5]
    counted = sender.gloves.counters
    assert (counted.late, counted.lost) == (2, 2)


def test_a_silence_ends_what_goes_on_once_and_numbers_may_begin_again() -> None:
    sender = Sender()
    assert sender.frame(1000) == [1000]
    assert [sender.frame() for _ in range(20)] == 15 * [[]] + [[None]] + 4 * [[]]
    assert sender.frame(1) == [1]
    assert sender.gloves.counters.late == 0


def test_late_samples_are_no_sign_of_life() -> None:
    sender = Sender()
    sender.frame(1000)
    taken = [sender.frame(number) for number in range(20)]
    assert [None] in taken
    assert taken[-1] == [19]


def test_gloves_that_send_seldom_have_more_time() -> None:
    sender = Sender(rate=5)
    sender.frame(1)
    assert [sender.frame() for _ in range(31)].index([None]) == 30


def test_a_rest_stands_where_it_was_said() -> None:
    sender = Sender()
    for number in (1, 2):
        sender.gloves.hear(Sent((float(number),)))
    for _ in range(1000):
        sender.gloves.rest()
    assert sender.frame(3) == [1, 2, None, 3]


def test_a_rest_without_a_sign_is_no_harm() -> None:
    sender = Sender()
    sender.gloves.rest()
    assert sender.frame() == [None]
    assert sender.frame(1) == [1]


def test_more_than_a_frame_has_time_for_is_left_out() -> None:
    sender = Sender()
    assert len(sender.frame(*range(1000))) == MOST
    assert sender.gloves.counters.flood == 1000 - MOST
    assert sender.frame(1001) == [1001]


def test_a_flood_is_cut_to_four_times_the_rate() -> None:
    sender = Sender()
    taken = sum(len(sender.frame(*range(20 * frame, 20 * frame + 20))) for frame in range(100))
    assert taken == pytest.approx(2 * 4 * RATE, abs=40)
    assert sender.gloves.counters.flood == 2000 - taken


def test_another_rate_is_said_once_and_counted() -> None:
    sender, number = Sender(), 0
    for frame in range(400):
        due = int((frame + 1) * FRAME * 61 / 1000)
        sender.frame(*range(number, due))
        number = due
    assert [round(rate) for rate in sender.refused] == [61]
    assert sender.gloves.counters.wrong == 3


def test_held_nothing_is_taken() -> None:
    sender = Sender()
    sender.frame(1)
    assert sender.frame(2, 3, hold=True) == []
    assert sender.frame(4) == [4]
    assert sender.gloves.counters.passed == 2


def test_a_restart_forgets_what_waits() -> None:
    sender = Sender()
    sender.gloves.hear(Sent((5.0,), 5))
    sender.gloves.restart()
    assert sender.frame(1) == [1]


def test_what_is_recorded_is_over_once() -> None:
    sign = Gesture(np.arange(10, dtype=np.float32)[:, None], "word", "1", "made up")
    recorded = Recorded(Playback(Recording((sign,), 100, ("x",)), loop=False))
    taken = [each for frame in range(60) for each in recorded.due(FRAME * frame, FRAME / 1000, MOST)]
    assert len(taken) == 10 + 50 + 1
    assert [number for number, each in enumerate(taken) if each is None] == [60]
    recorded.hold(1300)
    recorded.restart()
    assert [*recorded.due(1320, 0, MOST)] == [[0.0]]
