import math

import numpy as np
import pytest

from engine.gestures.mapping import ChannelMap
from engine.schema.frame import F32
from engine.schema.show import Glove

MEAN: F32 = np.array([1.0, 2.0, 3.0, 4.0], np.float32)


def mapped(glove: Glove, *samples: list[float]) -> tuple[list[float], ChannelMap]:
    made = ChannelMap(glove, MEAN)
    found: list[list[float]] = [made.apply(sample).tolist() for sample in samples]
    return found[-1], made


def test_without_a_word_samples_are_taken_as_they_come() -> None:
    out, made = mapped(Glove(), [5, 6, 7, 8])
    assert out == [5, 6, 7, 8]
    assert (made.count, made.held) == (4, 0)


def test_numbers_go_to_their_channels_scaled_and_moved_and_the_others_stay_at_their_mean() -> None:
    out, made = mapped(Glove(channels=(3, 1), scale=(10.0, 0.5), offset=(1.0, -1.0)), [2, 8])
    assert out == [1, 3, 3, 21]
    assert made.count == 2


def test_one_factor_and_one_offset_are_for_all() -> None:
    assert mapped(Glove(scale=(2.0,), offset=(1.0,)), [1, 2, 3, 4])[0] == [3, 5, 7, 9]


@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf, 1e39])
def test_a_missing_number_leaves_its_channel_at_the_last_one(missing: float) -> None:
    out, made = mapped(Glove(), [5, 6, 7, 8], [9, missing, 9, missing])
    assert out == [9, 6, 9, 8]
    assert made.held == 2


def test_a_number_that_never_came_is_the_mean() -> None:
    assert mapped(Glove(scale=(2.0,)), [1, math.nan, 1, 1])[0] == [2, 2, 2, 2]


def test_a_factor_that_makes_too_much_of_a_number_leaves_it_missing() -> None:
    assert mapped(Glove(scale=(1e300,)), [1, 0, 0, 1e300])[0] == [1, 0, 0, 4]


def test_after_a_restart_what_was_sent_is_forgotten() -> None:
    made = ChannelMap(Glove(), MEAN)
    made.apply([5, 6, 7, 8])
    made.restart()
    assert (made.apply([math.nan] * 4) == MEAN).all()
