"""What is made once for each number and kept, so that the tick finds it ready."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Made = TypeVar("Made")


class Kept(dict[int, Made]):
    """What is made for a number when it is first asked for: for a performer, or for a size of batch.

    Args:
        make: makes it. It must not know the object that keeps what is made: a show collects no garbage, so a model that
            gave way would stay in memory.
        numbers: for which it is made now.
    """

    def __init__(self, make: Callable[[int], Made], numbers: Iterable[int] = ()) -> None:
        super().__init__((number, make(number)) for number in numbers)
        self._make = make

    def __missing__(self, number: int) -> Made:
        made = self[number] = self._make(number)
        return made
