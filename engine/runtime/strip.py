"""What a take holds, read ahead by a thread of its own: the frame thread touches no disk."""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from engine.runtime.ticker import SECOND
from engine.schema.frame import Frame, Label
from engine.schema.note import Event, Pedal
from engine.takes.values import Struck, Taken

LOOK = 0.02
"""Seconds between two looks whether there is room for more."""

PATIENCE = 1.5
"""Seconds that the thread has to end after it was asked."""

MOST_SOUNDS = 65_536
"""Sounds that are held at a time: no pianist plays as many in the seconds that are read ahead."""

Source = Callable[[], Iterable[Taken | Struck]]
"""Gives a take from its beginning, or from some time before what is played."""


class Window(NamedTuple):
    """What is played of a take.

    Attributes:
        first: number of the frame that it begins with.
        stop: number of the frame before which it ends; None: with the take.
        fps: frames per second.
    """

    first: int
    stop: int | None
    fps: float


class Placed(NamedTuple):
    """A frame and where it is played: `place` frames after the first, laps and all."""

    place: int
    frame: Frame


class Sounded(NamedTuple):
    """Something that a key does, `at` ns after the first frame; None: everything comes up."""

    at: int
    event: Event | None


def laps(source: Source, window: Window, *, loop: bool) -> Iterator[Placed | Sounded]:
    """What lies in a window, again and again where that is asked for; nothing, where nothing lies there."""
    begun = 0
    while True:
        length = 0
        for found in _lap(source(), window):
            if isinstance(found, Placed):
                length = found.place + 1
                yield Placed(begun + found.place, found.frame)
            else:
                yield Sounded(_time(begun, window.fps) + found.at, found.event)
        if length == 0:
            return
        begun += length
        yield Sounded(_time(begun, window.fps), None)
        if not loop:
            return


def _lap(records: Iterable[Taken | Struck], window: Window) -> Iterator[Placed | Sounded]:
    start = _time(window.first, window.fps)
    stop = math.inf if window.stop is None else _time(window.stop, window.fps)
    known = False  # how the pedal stands
    for record in records:
        if isinstance(record, Struck):
            if start <= record.at < stop:  # those around a frame stand before or behind it
                known = known or isinstance(record.event, Pedal)
                yield Sounded(record.at - start, record.event)
            continue
        number, notes = record.frame.sequence, record.frame.notes
        if window.stop is not None and number >= window.stop:
            return
        if number < window.first:
            continue
        if not known and notes is not None and notes.pedal:
            yield Sounded(_time(number, window.fps) - start, Pedal(notes.pedal))
        known = True
        yield Placed(number - window.first, record.frame)


def _time(frames: int, fps: float) -> int:
    return round(frames * SECOND / fps)


class Strip:
    """Reads ahead.

    Args:
        found: what is played, in order.
        most: frames that are held at a time.
        heard: whether somebody takes the sounds.

    Attributes:
        sounds: what keys do, for one other thread to take from the left.
        over: whether all was read.
        failure: why reading ended early.
        first: the first frame; None where there is none.
        last: place of the last frame that was read; -1 before.
    """

    def __init__(self, found: Iterator[Placed | Sounded], most: int, *, heard: bool = True) -> None:
        self._found, self._most, self._heard = found, most, heard
        self._frames: deque[Placed] = deque()
        self.sounds: deque[Sounded] = deque()
        self.over, self.last = False, -1
        self.failure: Exception | None = None
        self.first: Frame | None = None
        self._stop, self._ready = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read, and come back when some is there; `failure` tells where there is none."""
        self._thread = threading.Thread(target=self._read, name="take", daemon=True)
        self._thread.start()
        self._ready.wait()

    def take(self, place: int) -> Frame | None:
        """The frame at a place, or the last one before it that nobody took; None: there is none yet, or no more.

        It tells what was recognised in those that are passed over, too.
        """
        found: Frame | None = None
        passed: tuple[Label, ...] = ()
        frames = self._frames
        while frames and frames[0].place <= place:
            found = frames.popleft().frame
            passed += found.labels
        return found if found is None or len(passed) == len(found.labels) else found._replace(labels=passed)

    @property
    def waits(self) -> bool:
        """Whether the next frame is there and its time has not come."""
        return bool(self._frames)

    @property
    def ended(self) -> bool:
        """Whether no frame will come any more."""
        return self.over and not self._frames

    def close(self) -> None:
        """Stop reading; harmless twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    @property
    def _full(self) -> bool:
        return len(self._frames) >= self._most or len(self.sounds) >= MOST_SOUNDS

    def _read(self) -> None:
        try:
            for found in self._found:
                if isinstance(found, Placed):
                    self.last = found.place
                    self.first = self.first or found.frame
                    self._frames.append(found)
                elif self._heard:
                    self.sounds.append(found)
                while self._full and not self._stop.is_set():
                    self._ready.set()
                    self._stop.wait(LOOK)
                if self._stop.is_set():
                    break
        except Exception as error:  # noqa: BLE001 (whatever it is, the main thread tells it)
            self.failure = error
        finally:
            self.over = True
            self._ready.set()
