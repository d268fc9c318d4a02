"""A file's pictures, again and again, read ahead by a thread."""

import threading
from collections.abc import Callable, Iterator
from itertools import repeat

from engine.schema.errors import DataError, EngineError
from engine.schema.frame import U8

AHEAD = 32
"""Pictures that are held at most: 3 s at the rate of the bundled models; 25 kB each."""

LOOK = 0.02
"""Seconds between two looks whether there is room for more."""

PATIENCE = 1.5
"""Seconds that the thread has to end after it was asked."""


class Ahead:
    """A `Feed` of footage: frame n of the model has its picture n, counted on from the beginning where it is over.

    Args:
        place: where the pictures come from; for a person to read.
        lap: all pictures once, from the first one on, at least one.
        say: tells a person, once each, that they end early, and the last good one stays; that they are read too slowly,
            and come as late as they are read.
    """

    def __init__(self, place: str, lap: Callable[[], Iterator[U8]], say: Callable[[str], None]) -> None:
        self.place = place
        self._lap, self._say = lap, say
        self._slots: list[tuple[int, U8] | None] = [None] * AHEAD
        self._wanted = 0
        self._last: U8 | None = None
        self._behind: U8 | None = None
        self._told: set[str] = set()
        self._stop, self._ready = threading.Event(), threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._read, name="footage", daemon=True)

    def start(self) -> None:
        """Read, and come back when the first picture is there.

        Raises:
            EngineError: it cannot be read.
        """
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def take(self, frame: int) -> U8 | None:
        """As `Feed` has it."""
        self._wanted = frame
        found = self._slots[frame % AHEAD]
        if found is not None and found[0] == frame:
            self._last = found[1]
        elif self._behind is not None:
            self._last = self._behind
        return self._last

    def close(self) -> None:
        """Stop reading; harmless twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _read(self) -> None:
        try:
            while not self._stop.is_set():
                self._run()
        except Exception as error:  # noqa: BLE001 (whoever starts this thread raises it again, or hears of it)
            self._failure = error
            if self._ready.is_set():
                self._tell(f"{self.place}: {error}; the last picture stays")
        finally:
            self._ready.set()

    def _run(self) -> None:
        """Give pictures from the beginning on, until one is wanted that was given long ago."""
        late = 0
        for number, picture in enumerate(self._laps()):
            while number >= self._wanted + AHEAD and not self._stop.is_set() and not self._is_gone(number):
                self._stop.wait(LOOK)
            if self._stop.is_set() or self._is_gone(number):
                return
            if number >= self._wanted:
                self._slots[number % AHEAD] = (number, picture)
                self._behind, late = None, 0
                self._ready.set()
            else:
                self._behind, late = picture, late + 1
            if late > AHEAD:
                self._tell(f"{self.place}: read too slowly for so many pictures a second; they come late")

    def _is_gone(self, number: int) -> bool:
        """Whether a picture is wanted that lies before the next one and is not held."""
        wanted = self._wanted
        held = self._slots[wanted % AHEAD]
        return wanted < number and (held is None or held[0] != wanted)

    def _laps(self) -> Iterator[U8]:
        """The pictures of all laps; those of the first one decide which there are."""
        last: U8 | None = None
        while True:
            try:
                empty = True
                for last in self._lap():
                    empty = False
                    yield last
                if empty:
                    raise DataError(self.place, "no pictures any more", "at least one")
            except EngineError as error:
                if last is None:
                    raise
                self._tell(f"{error}; the last picture before stays")
                yield from repeat(last)

    def _tell(self, line: str) -> None:
        """Say a line once."""
        if line not in self._told:
            self._told.add(line)
            self._say(line)
