"""Streams that wait in the wings: for each model that a cue may call for, one that is ready to take over."""

from collections import deque
from collections.abc import Callable, Sequence

from engine.runtime.failure import line
from engine.runtime.stream import Stream, compare
from engine.schema.errors import EngineError
from engine.schema.skeleton import Skeleton

SPARE = 2
"""Streams that wait at most of the model that plays. With fewer, each cue that begins anew would have a model made and
another one closed, as the one that gave way comes back when the next one is made already. Of other models one waits."""


class Understudies:
    """Keeps streams ready; one thread takes and gives back, another one prepares.

    A stream that was played is as good as a new one: it begins anew with nobody in it.

    Args:
        make: makes the stream of a model, with nobody in it; takes its time.
        models: that one is to wait for; the bodies of all are to be those of the first.
        out: streams that play no more, as `Playing.out`; they are taken from there.
        playing: the model that plays.
        room: number of performers that a stream needs room for.
        say: takes one line for a person.
    """

    def __init__(
        self,
        make: Callable[[str], Stream],
        models: Sequence[str],
        *,
        out: deque[Stream],
        playing: Callable[[], str],
        room: Callable[[], int],
        say: Callable[[str], object],
    ) -> None:
        self._make, self._out, self._playing, self._room, self._say = make, out, playing, room, say
        self._waiting: dict[str, deque[Stream]] = {model: deque() for model in models}
        self._failed: set[str] = set()
        self._rows = 1
        self._skeleton: Skeleton | None = None

    def take(self, model: str) -> Stream | None:
        """A stream of this model with nobody in it; None while none is ready."""
        try:
            return self._waiting[model].popleft()
        except (KeyError, IndexError):  # two threads take
            return None

    def lacks(self, model: str) -> bool:
        """Whether there will never be one of this model."""
        return model in self._failed

    def give_back(self, stream: Stream) -> None:
        """Take one back that was not played."""
        self._out.append(stream)

    def prepare(self) -> None:
        """Collect what came back and make what is missing; an errand, at every look."""
        rows = self._room()
        grown, self._rows = rows > self._rows, max(rows, self._rows)
        while self._out:
            self._shelve(self._out.popleft())
        for model, waiting in self._waiting.items():
            if grown:
                self._widen(waiting.copy())
            if not waiting and model not in self._failed:
                self._add(model)

    def close(self) -> None:
        """Close all that wait or came back; harmless twice."""
        for stream in (*self._out, *(each for waiting in self._waiting.values() for each in waiting)):
            stream.close()

    def _shelve(self, stream: Stream) -> None:
        waiting = self._waiting.get(stream.model)
        if waiting is None or len(waiting) >= (SPARE if stream.model == self._playing() else 1):
            stream.close()
            return
        stream.restart()
        self._widen([stream])
        waiting.append(stream)

    def _add(self, model: str) -> None:
        """Make a stream; one that cannot be made is told, and not tried again."""
        try:
            stream = self._made(model)
        except Exception as error:  # noqa: BLE001 (whatever is in a file, the show goes on)
            self._failed.add(model)
            self._say(f"no understudy for {model}: {line(error)}")
            return
        self._widen([stream])
        self._waiting[model].append(stream)

    def _made(self, model: str) -> Stream:
        stream = self._make(model)
        self._skeleton = self._skeleton or stream.act.skeleton
        try:
            compare(stream.act.skeleton, self._skeleton)
        except EngineError:
            stream.close()
            raise
        return stream

    def _widen(self, streams: Sequence[Stream]) -> None:
        """Make room; where that cannot be, whoever takes the stream finds out and says so."""
        for stream in streams:
            try:
                stream.act.reserve(self._rows)
            except (ValueError, EngineError) as error:
                self._say(f"{stream.model}: no room for {self._rows} performers: {error}")
