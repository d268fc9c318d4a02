"""What no step can beat does what it says."""

import numpy as np
import pytest

from engine.bench import floors
from engine.bench.floors import ROUND, ArithmeticFloor, ReadFloor, aligned, burst, read


def test_every_word_is_read_whatever_the_size() -> None:
    words = np.arange(64, dtype=np.uint64)
    assert read(words) == words.sum()


@pytest.mark.parametrize("size", [1, 4, 256, 257, 100_000])
def test_a_model_of_any_size_is_read(size: int) -> None:
    floor = ReadFloor(size)
    floor()
    assert size <= floor._words.nbytes < size + floors.STRIDE
    assert floor._words.all()


@pytest.mark.parametrize("flops", [1, ROUND, 10 * ROUND, 10**12])
def test_arithmetic_is_counted_exactly_however_much_there_is(flops: int) -> None:
    floor = ArithmeticFloor(flops)
    assert floor._rounds * ROUND * floor.scale == pytest.approx(flops)
    assert floor._rounds <= floors.MOST


def test_a_burst_multiplies_and_adds_as_often_as_it_says() -> None:
    numbers = np.array([3.0], np.float32)
    burst(numbers, np.float32(1.0), np.float32(1.0), 2)
    assert numbers[0] == 3.0 + 2 * floors.DEPTH


def test_blocks_begin_with_a_cache_line() -> None:
    assert all(aligned(count).ctypes.data % floors.LINE == 0 for count in (1, 5, 1000))
