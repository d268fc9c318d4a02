from fractions import Fraction
from itertools import chain

import numpy as np
import pytest

from engine.gestures.playback import REST, Playback
from engine.gestures.recording import Gesture, Recording

RATE = 100
LENGTHS = (30, 20)


def recording(rate: float = RATE) -> Recording:
    """Signs whose samples are numbered."""
    found, first = [], 0
    for length in LENGTHS:
        values = np.arange(first, first + length, dtype=np.float32)[:, None]
        found.append(Gesture(values, "word", "1", "made up"))
        first += length
    return Recording(tuple(found), rate, ("x",))


def numbers(playback: Playback, seconds: float, fps: float, most: int = 64) -> list[list[int]]:
    """What is played in each frame."""
    frames, ms = [], 0
    for frame in range(round(seconds * fps)):
        now = round(1000 * Fraction(frame) / Fraction(fps))
        frames.append([int(sample[0]) for sample in playback.advance((now - ms) / 1000, most)])
        ms = now
    return frames


WHOLE = [*range(30), *[29] * round(REST * RATE), *range(30, 50), *[49] * round(REST * RATE)]


@pytest.mark.parametrize("fps", [30, 60, 100, 59.94, 1000])
def test_signs_are_played_in_time_with_hands_that_rest_between_them(fps: float) -> None:
    playback = Playback(recording(), loop=False)
    frames = numbers(playback, 2, fps)
    assert [*chain(*frames)] == WHOLE
    assert playback.over
    for number, _ in enumerate(frames):
        played = sum(map(len, frames[: number + 1]))
        assert abs(played - min(number / fps * RATE + 1, len(WHOLE))) <= 1.1


def test_it_begins_again_where_it_loops() -> None:
    playback = Playback(recording(), loop=True)
    assert [*chain(*numbers(playback, 4.5, 60))] == (3 * WHOLE)[:449]
    assert not playback.over


def test_a_frame_that_is_long_overdue_brings_no_more_than_there_is_time_for() -> None:
    playback = Playback(recording(), loop=True)
    assert len([*playback.advance(10, 64)]) == 64
    assert len([*playback.advance(0.01, 64)]) <= 2


def test_a_restart_is_the_beginning() -> None:
    playback = Playback(recording(), loop=False)
    numbers(playback, 2, 60)
    playback.restart()
    assert [*chain(*numbers(playback, 2, 60))] == WHOLE
