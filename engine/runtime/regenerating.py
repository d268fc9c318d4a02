"""A show played again from its journal: the same frames, bit for bit, on the same machine and build."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

import msgspec
import numpy as np

from engine.runtime.finish import Finish, Solves
from engine.runtime.journal import (
    Changed,
    Changes,
    Closed,
    Done,
    Forgotten,
    Joined,
    Left,
    Made,
    Moved,
    OfStream,
    Paced,
    Page,
    Reseeded,
    Reserved,
    Restarted,
    Shown,
    Started,
    Steered,
    Stood,
)
from engine.runtime.playing import Playing
from engine.runtime.stream import Stream, compare
from engine.runtime.ticker import Ticker
from engine.schema.controls import CONTROLS, Controls
from engine.schema.errors import DataError
from engine.schema.frame import F32, Frame
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton
from engine.takes.values import Entry

UNSEEN = 1000
"""Frames that an act may have computed before it took over; a model that is loaded shows itself for 100."""

RANGES = {control.name: control for control in CONTROLS}


def pages(entries: Iterable[Entry]) -> Iterator[tuple[int, Page]]:
    """The pages of a journal, each with the tick that it stands before.

    Raises:
        DataError: one is missing, or is no page.
    """
    read = msgspec.json.Decoder(Page)
    for number, entry in enumerate(entries):
        try:
            page = read.decode(entry.data)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise DataError(f"journal: page {number}", str(error), "what this engine writes") from error
        if page.number != number:
            raise DataError("journal", f"page {page.number} where page {number} follows", "every page of the show")
        yield entry.tick, page


def seen(journal: Iterable[tuple[int, Page]]) -> list[Made]:
    """The streams that are seen at any time, in the order in which they were made: the first, and who took over.

    Raises:
        DataError: one that took over was not made.
    """
    made: dict[int, Made] = {}
    changed: set[int] = set()
    for _, page in journal:
        for done in page.done:
            if isinstance(done, Made):
                made[done.stream] = done
            elif isinstance(done, Changed):
                changed.add(done.stream)
    if missing := changed.difference(made):
        raise DataError("journal", f"stream {min(missing)}, which nobody made", "every page of the show")
    return [each for place, each in enumerate(made.values()) if place == 0 or each.stream in changed]


class Regenerated:
    """Computes the frames of a show again, from its first on.

    Streams that nobody ever saw are not made. A stream that began anew at some time does so before it is told anything
    else, which is as good: nobody looked at it in between.

    Args:
        journal: gives its entries, from the first on; it is read twice, and never held as a whole.
        make: makes what plays a model, with nobody in it.
        skeleton: of the bodies.
        fps: frames per second on the wire.
        solver: finds rotations, where the show did.

    Attributes:
        tick: frames that were computed.

    Raises:
        DataError: the journal is none, or not whole.
    """

    def __init__(
        self,
        journal: Callable[[], Iterable[Entry]],
        make: Callable[[Made], Stream],
        *,
        skeleton: Skeleton,
        fps: float,
        solver: Solves | None,
    ) -> None:
        self._make, self._skeleton, self._fps = make, skeleton, fps
        self._seen = {made.stream for made in seen(pages(journal()))}
        self._pages = pages(journal())
        self._page = next(self._pages, None)
        self._finish, self._ticker = Finish(skeleton, solver), Ticker(fps)
        self._streams: dict[int, Stream] = {}
        self._controls: dict[tuple[int, int], Controls] = {}
        self._playing: Playing | None = None
        self._sequence, self._hold, self._smooth = -1, False, 0.0
        self._shares: F32 = np.ones(MAX_PERFORMERS, np.float32)
        self.tick = 0

    def frame(self) -> Frame:
        """The next frame; the one after it overwrites its arrays.

        Raises:
            DataError: the journal asks for what cannot be.
            EngineError: a model cannot be played.
        """
        self._sequence += 1
        try:
            while self._page is not None and self._page[0] <= self.tick:
                with np.errstate(over="raise"):  # of numbers that no float32 holds
                    for done in self._page[1].done:
                        self._do(done)
                self._page = next(self._pages, None)
        except (ValueError, LookupError, ArithmeticError) as error:
            raise DataError(f"journal: frame {self._sequence}", str(error), "what can be done again") from error
        if self._playing is None:
            raise DataError("journal", "nobody who dances", "a show with bodies")
        self.tick += 1
        milliseconds = self._ticker.milliseconds(self._sequence)
        frame = self._playing.frame(self._sequence, milliseconds, hold=self._hold, smooth=self._smooth)
        self._playing.out.clear()
        return self._finish.apply(frame, self._shares)

    def close(self) -> None:
        """Close the models; harmless twice."""
        with ExitStack() as closing:
            for stream in self._streams.values():
                closing.callback(stream.close)
            self._streams.clear()

    def _do(self, done: Done) -> None:
        match done:
            case Shown():
                self._show(done)
            case Paced():
                self._opened.pace(done.speed)
            case Forgotten():
                self._opened.forget(done.number)
            case _ if done.stream in self._seen:
                self._do_of(done)

    def _show(self, shown: Shown) -> None:
        if shown.sequence < self._sequence:
            raise ValueError(f"frame {shown.sequence} again")
        if not RANGES["smooth"].low <= shown.smooth <= RANGES["smooth"].high:
            raise ValueError(f"smooth {shown.smooth}")
        self._sequence, self._hold, self._smooth = shown.sequence, shown.hold, shown.smooth
        self._shares = _spread(shown)

    def _do_of(self, done: OfStream) -> None:
        """Do something to a stream."""
        if isinstance(done, Made):
            self._add(done)
            return
        if isinstance(done, Closed):
            if done.stream in self._streams:
                self._streams.pop(done.stream).close()
            return
        stream = self._streams[done.stream]
        unseen = done.ticks - stream.act.counters.frames
        if unseen > UNSEEN:
            raise ValueError(f"{unseen} frames that nobody saw")
        for _ in range(unseen):
            stream.act.tick()
        if isinstance(done, Changed):
            self._opened.change(stream, done.seconds, done.curve)
        else:
            self._tell(stream, done)

    def _tell(self, stream: Stream, done: OfStream) -> None:
        """Have performers come, go and play with other controls."""
        match done:
            case Restarted():
                stream.restart()
                self._controls = {key: own for key, own in self._controls.items() if key[0] != done.stream}
            case Joined():
                self._join(stream, done)
            case Left():
                stream.act.leave(done.number)
                del self._controls[done.stream, done.number]
            case Steered():
                for number in done.numbers:
                    controls = _with(self._controls[done.stream, number], done.controls)
                    self._controls[done.stream, number] = controls
                    stream.act.steer(number, controls)
            case _:
                _place(stream, done)

    def _join(self, stream: Stream, done: Joined) -> None:
        controls = _with(Controls(), done.controls)
        moment = None if done.origin is None else stream.act.recall(*done.origin)
        stream.act.join(done.number, seed=done.seed, place=done.place, controls=controls, moment=moment)
        self._controls[done.stream, done.number] = controls

    def _add(self, made: Made) -> None:
        stream = self._make(made)
        self._streams[made.stream] = stream
        compare(stream.act.skeleton, self._skeleton)
        if self._playing is None:
            self._playing = Playing(stream, self._skeleton, self._fps)

    @property
    def _opened(self) -> Playing:
        if self._playing is None:
            raise ValueError("nobody who dances yet")
        return self._playing


def _place(stream: Stream, done: OfStream) -> None:
    """Have one performer go on elsewhere or otherwise."""
    act = stream.act
    match done:
        case Reserved():
            act.reserve(done.number)
        case Moved():
            act.move(done.number, done.place)
        case Reseeded():
            act.reseed(done.number, done.seed)
        case Started():
            act.start(done.number, None if done.origin is None else act.recall(*done.origin))
        case Stood():
            act.stand(done.number, _root(done))


def _with(controls: Controls, changes: Changes) -> Controls:
    """Controls that are changed.

    Raises:
        ValueError: there is no such control, or it goes not so far.
    """
    for name, value in changes.items():
        if name != "latent" and (isinstance(value, tuple) or not RANGES[name].low <= value <= RANGES[name].high):
            raise ValueError(f"{name} {value}")
    return msgspec.structs.replace(controls, **changes)


def _spread(shown: Shown) -> F32:
    """The shares (256,) that runs of them stand for.

    Raises:
        ValueError: they are fewer, or more.
    """
    counts = [count for count, _ in shown.shares]
    if any(count < 1 for count in counts) or sum(counts) != MAX_PERFORMERS:
        raise ValueError(f"{sum(counts)} shares")
    return np.repeat(np.array([share for _, share in shown.shares], np.float32), counts)


def _root(stood: Stood) -> F32:
    """A place (7,).

    Raises:
        ValueError: it is none.
    """
    if len(stood.root) != 7:
        raise ValueError(f"a place of {len(stood.root)} numbers")
    return np.array(stood.root, np.float32)
