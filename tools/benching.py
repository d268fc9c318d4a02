"""A stop watch for the parts of a program, which the benchmarks of whole shows share."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import ParamSpec, TypeVar

from engine.bench.times import Times

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Meter:
    """Nanoseconds that parts of a program take in each of its frames, the parts within them not counted.

    Args:
        keep: remember the calls, so that they can be made again.

    Attributes:
        frames: what each part took in a frame, by name; a part that was not called has no entry.
        calls: by part, the calls of the last of the frames that called the most parts.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.frames: list[dict[str, int]] = []
        self.calls: dict[str, list[Callable[[], object]]] = {}
        self._calls: dict[str, list[Callable[[], object]]] = {}
        self._keep = keep
        self._frame: dict[str, int] = {}
        self._within = [0]

    def timed(self, part: str, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """The function, which now adds to a part whatever it takes."""

        def measured(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if self._keep:
                again = partial(function, *args, **kwargs)
                self._calls.setdefault(part, []).append(again)
            self._within.append(0)
            begin = time.perf_counter_ns()
            result = function(*args, **kwargs)
            took = time.perf_counter_ns() - begin
            self._frame[part] = self._frame.get(part, 0) + took - self._within.pop()
            self._within[-1] += took
            return result

        return measured

    def turn(self) -> None:
        """A frame ends."""
        if self._frame:
            self.frames.append(self._frame)
            self._frame = {}
        if len(self._calls) >= len(self.calls):
            self.calls = self._calls
        self._calls = {}

    def knows(self, parts: Sequence[str]) -> bool:
        """Whether it remembers calls of all these parts."""
        return all(part in self.calls for part in parts)

    def again(self, parts: Sequence[str], times: int) -> Times:
        """Make the calls of some parts again and again, all of them at a time."""
        calls = [call for part in parts for call in self.calls[part]]
        taken = []
        for _ in range(times):
            begin = time.perf_counter_ns()
            for call in calls:
                call()
            taken.append(time.perf_counter_ns() - begin)
        return Times.of(taken)

    def times(self, *parts: str) -> Times:
        """Of all these parts together, over the frames that have every one of them."""
        return Times.of([sum(frame[part] for part in parts) for frame in self.frames if all(map(frame.get, parts))])
