"""The journal of a show: what was done to those who dance, from which their frames can be computed again bit for bit.

An act, and what mixes two of them, depend on nothing but the calls made on them and on the frame before which each was
made; when a letter came, or an understudy was ready, does not matter any more. So those calls are written down.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, groupby

import msgspec

from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.schema.kinds import Easing
from engine.schema.show import Place
from engine.takes.values import Entry

MOST = 64 << 20
"""Bytes that are kept: over an hour in which some knob moves in each of 60 frames a second, at about 250 bytes each; a
calm evening takes a hundredth. A take that was begun before that has all of it nevertheless."""

OVERHEAD = 180
"""Bytes that an entry takes in memory beside its text (CPython 3.11, 64 bit)."""

Changes = dict[str, int | float | tuple[float, ...]]
"""Fields of `Controls` that are no longer as they were."""

Origin = tuple[int, int | None]
"""Clip and frame of a moment, as in `Act.recall`."""


class _Of(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What was done to a stream.

    Attributes:
        stream: its number.
        ticks: frames that its act had computed by then; also those that nobody saw.
    """

    stream: int
    ticks: int = 0


class Made(_Of, frozen=True, kw_only=True, tag="made"):
    """A stream was made, with nobody in it: of this file, or of a bundled model."""

    model: str
    sha256: str


class Closed(_Of, frozen=True, kw_only=True, tag="closed"):
    """It will not be played again."""


class Restarted(_Of, frozen=True, kw_only=True, tag="restart"):
    """It was made as good as new, at some time since it was played last."""


class Reserved(_Of, frozen=True, kw_only=True, tag="reserve"):
    """Room was made for this performer."""

    number: int


class Joined(_Of, frozen=True, kw_only=True, tag="join"):
    """A performer came on; the controls are those that differ from the defaults."""

    number: int
    seed: int | None
    place: Place
    controls: Changes
    origin: Origin | None = None


class Left(_Of, frozen=True, kw_only=True, tag="leave"):
    """A performer left."""

    number: int


class Steered(_Of, frozen=True, kw_only=True, tag="steer"):
    """Controls of these performers changed."""

    numbers: tuple[int, ...]
    controls: Changes


class Moved(_Of, frozen=True, kw_only=True, tag="move"):
    """A performer has another place."""

    number: int
    place: Place


class Reseeded(_Of, frozen=True, kw_only=True, tag="reseed"):
    """A performer has another seed."""

    number: int
    seed: int


class Started(_Of, frozen=True, kw_only=True, tag="start"):
    """A performer went on from a moment, or from one that its seed chose."""

    number: int
    origin: Origin | None


class Stood(_Of, frozen=True, kw_only=True, tag="stand"):
    """A performer went on from where another body stood, (7,)."""

    number: int
    root: tuple[float, ...]


class Changed(_Of, frozen=True, kw_only=True, tag="change"):
    """It took over."""

    seconds: float
    curve: Easing


class Paced(msgspec.Struct, frozen=True, array_like=True, tag="pace"):
    """Time passed at another speed."""

    speed: float


class Forgotten(msgspec.Struct, frozen=True, array_like=True, tag="forget"):
    """A performer went from the last picture too, which may be held or faded from."""

    number: int


class Shown(msgspec.Struct, frozen=True, array_like=True, tag="show"):
    """How the frames from this one on were computed.

    Attributes:
        sequence: of this frame; each further one has the next number.
        hold: the last picture stays.
        smooth: hertz of the filter on everything.
        shares: how much of the movement is shown, by performer number - 1: runs of equal ones, (count, share).
    """

    sequence: int
    hold: bool
    smooth: float
    shares: tuple[tuple[int, float], ...]


OfStream = Made | Closed | Restarted | Reserved | Joined | Left | Steered | Moved | Reseeded | Started | Stood | Changed

Done = OfStream | Paced | Forgotten | Shown


class Page(msgspec.Struct, frozen=True, array_like=True):
    """All that was done before one frame.

    Attributes:
        number: of the page, from 0, rising by one: none is missing.
        done: in order.
    """

    number: int
    done: tuple[Done, ...]


Write = Callable[[Done], object]
"""Takes what was just done, in any thread; never waits."""


class Journal:
    """Writes a page before each frame where something was done.

    Any thread may `write`, so that what a thread did stands before what followed from it in another one; everything
    else is the frame thread's.

    Args:
        most: bytes that are kept.

    Attributes:
        tick: frames that were computed.
        history: all pages since the beginning of the show, only added to; empty once they were more than is kept.
        complete: whether they never were.
        listener: is told of each page as it is written.
        write: takes what was just done.
    """

    def __init__(self, most: int = MOST) -> None:
        self.tick = 0
        self.complete = True
        self.listener: Callable[[Entry], object] | None = None
        self._history: list[Entry] = []
        self._most, self._size, self._pages = most, 0, 0
        self._waiting: deque[Done] = deque()
        self.write: Write = self._waiting.append
        self._encode = msgspec.json.Encoder().encode
        self._streams = count()
        self._sequence, self._hold, self._smooth = -1, False, 0.0
        self._shares: F32 | None = None
        self._runs: tuple[tuple[int, float], ...] = ()

    @property
    def history(self) -> Sequence[Entry]:
        """All pages since the beginning."""
        return self._history

    def stream(self) -> int:
        """The number of a stream that is made, in any thread."""
        return next(self._streams)

    def frame(self, sequence: int, *, hold: bool, smooth: float, shares: F32) -> int:
        """Write down what was done before a frame, which is computed next; gives its tick.

        Args:
            sequence: its number.
            hold: whether the last picture stays.
            smooth: hertz of the filter on everything.
            shares: (256,) how much of the movement is shown; never changed in place.
        """
        tick = self.tick
        plain = sequence == self._sequence + 1 and hold is self._hold and smooth == self._smooth
        if not plain or shares is not self._shares:
            self._show(sequence, hold=hold, smooth=smooth, shares=shares)
        if self._waiting:
            self._keep(tick)
        self._sequence, self.tick = sequence, tick + 1
        return tick

    def _show(self, sequence: int, *, hold: bool, smooth: float, shares: F32) -> None:
        runs = self._runs if shares is self._shares else _runs(shares)
        same = (self._sequence + 1, self._hold, self._smooth, self._runs)
        if (sequence, hold, smooth, runs) != same:
            self.write(Shown(sequence, hold, smooth, runs))
        self._hold, self._smooth, self._shares, self._runs = hold, smooth, shares, runs

    def _keep(self, tick: int) -> None:
        """Make a page of what waits."""
        waiting = self._waiting
        done = _merged([waiting.popleft() for _ in range(len(waiting))])
        entry = Entry(tick, self._encode(Page(self._pages, done)))
        self._pages += 1
        if self.complete:
            self._history.append(entry)
            self._size += len(entry.data) + OVERHEAD
            if self._size > self._most:
                self.complete, self._history = False, []
        if self.listener is not None:
            self.listener(entry)


def changes(before: Controls, after: Controls) -> Changes:
    """What is different."""
    values = zip(Controls.__struct_fields__, _values(before), _values(after), strict=True)
    return {name: new for name, old, new in values if new != old}


_values = msgspec.structs.astuple


def _runs(shares: F32) -> tuple[tuple[int, float], ...]:
    return tuple((len([*same]), share) for share, same in groupby(shares.tolist()))


def _merged(done: Sequence[Done]) -> tuple[Done, ...]:
    """The same, where performers who were steered alike one after the other are steered at once.

    A knob of the act that moves is told to each of them.
    """
    found: list[Done] = []
    for each in done:
        last = found[-1] if found else None
        if isinstance(each, Steered) and isinstance(last, Steered) and _alike(each, last):
            found[-1] = msgspec.structs.replace(last, numbers=last.numbers + each.numbers)
        else:
            found.append(each)
    return tuple(found)


def _alike(one: Steered, two: Steered) -> bool:
    return (one.stream, one.ticks, one.controls) == (two.stream, two.ticks, two.controls)
