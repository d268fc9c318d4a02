"""The recorder's half in the threads of a show: what was sent, asked and struck is kept as bytes, and nobody waits."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from engine.contracts import Status
from engine.controls.board import ACT, F64
from engine.controls.letter import Source
from engine.controls.tree import Node
from engine.runtime.clock import epoch_ns
from engine.runtime.played import Played
from engine.runtime.reel import Line, Reel, Shot
from engine.schema.frame import Frame
from engine.schema.note import Event
from engine.takes.frames import FrameWriter
from engine.takes.values import Asked, Entry, Reported, Struck
from engine.wire.decode import Value


class Recorded(NamedTuple):
    """What was recorded.

    Attributes:
        files: that were begun and hold a frame.
        frames: in them.
        size: bytes of them.
        dropped: frames that should have been, and are in no file.
    """

    files: int = 0
    frames: int = 0
    size: int = 0
    dropped: int = 0

    def line(self) -> str:
        """For a person to read."""
        files = f"{self.files} file{'s' * (self.files != 1)}"
        return f"recorded: {self.frames} frames in {files}, {self.size / 1e6:.1f} MB, {self.dropped} dropped"


class Records(Protocol):
    """What a stage tells of its frames."""

    @property
    def told(self) -> str:
        """The file that is recorded into, or why none is; empty where nobody wants it."""
        ...

    @property
    def counters(self) -> Recorded:
        """What was recorded so far."""
        ...

    def begin(self, start: int) -> None:
        """The show begins at `start`, ns of its clock."""
        ...

    def turn(self, sequence: int, at: int) -> None:
        """Frame `sequence`, due `at` ns after the show's beginning, is computed now."""
        ...

    def hold(self, frame: Frame, tick: int) -> None:
        """It is held, to be sent next; so many were computed before it. Later its arrays are overwritten."""
        ...

    def sent(self) -> None:
        """It was sent."""
        ...

    def report(self, status: Status) -> None:
        """The state, once a second."""
        ...


class Unrecorded:
    """Of a show that nobody records."""

    told = ""
    counters = Recorded()

    def begin(self, start: int) -> None:
        """Nothing."""

    def turn(self, sequence: int, at: int) -> None:
        """Nothing."""

    def hold(self, frame: Frame, tick: int) -> None:
        """Nothing."""

    def sent(self) -> None:
        """Nothing."""

    def report(self, status: Status) -> None:
        """Nothing."""


UNRECORDED = Unrecorded()


class Recorder:
    """Puts what happens on a reel while the knob `record` stands at 1; the rest of it is `engine.runtime.scribe`.

    Args:
        reel: where it waits to be written.
        switch: (259,) values of the knob: a view of the board's.
        played: what each performer plays with; None where there are no bodies.
        writer: makes bytes of frames.
        epoch: nanoseconds since 1970 now.

    Attributes:
        reel: likewise.
        on: whether the show is to be recorded, as the last frame had it.
        broken: set by who writes where nothing can be written: then nothing is put on the reel.
        word: how it goes, for a person; by who writes.
        counted: likewise, but for frames that were dropped.
        forgiven: likewise, how many were dropped before the present file.
        started: when the show began, nanoseconds since 1970.
    """

    def __init__(
        self,
        reel: Reel,
        *,
        switch: F64,
        played: Played | None,
        writer: FrameWriter,
        epoch: Callable[[], int] = epoch_ns,
    ) -> None:
        self.reel, self._switch, self._played, self._writer, self._epoch = reel, switch, played, writer, epoch
        self.on, self.broken, self.word, self.counted = bool(switch[ACT] > 0), False, "", Recorded()
        self.started, self.forgiven = epoch(), 0
        self._run = int(self.on)
        self._start: int | None = None  # before the first frame keys may be struck already
        self._sequence = self._at = 0
        self._frame: Frame | None = None
        self._tick = 0
        self._places = 0

    @property
    def told(self) -> str:
        """The file that is recorded into, or why none is; empty where nobody wants it."""
        if not self.on:
            return ""
        lost = 0 if self.broken else self.reel.dropped - self.forgiven
        return f"{self.word}, {lost} frames dropped" if lost else self.word

    @property
    def counters(self) -> Recorded:
        """What was recorded so far."""
        return self.counted._replace(dropped=self.reel.dropped)

    def begin(self, start: int) -> None:
        """The show begins at `start`, ns of its clock."""
        self._start, self.started = start, self._epoch()

    def turn(self, sequence: int, at: int) -> None:
        """Frame `sequence`, due `at` ns after the show's beginning, is computed now."""
        self._sequence, self._at = sequence, at

    def hold(self, frame: Frame, tick: int) -> None:
        """It is held, to be sent next; so many were computed before it. Later its arrays are overwritten."""
        self._frame, self._tick = frame, tick

    def sent(self) -> None:
        """It was sent; in the frame thread, some tens of microseconds."""
        on = bool(self._switch[ACT] > 0)
        if on and not self.on:
            self._run += 1
        self.on = on
        if not on or (frame := self._frame) is None:
            return
        if self.broken:
            self.reel.dropped += 1
            return
        controls = None if self._played is None else self._played.rows(frame.performers)
        data = self._writer.encode(frame, self._tick, controls)
        self.reel.add(Shot(self._run, self._at, frame.sequence, data))

    def report(self, status: Status) -> None:
        """The state, once a second."""
        found = {name: getattr(status, name) for name in ("fps", "late", "skipped", "p99_ms", "model", "status")}
        at = self._at
        self._tell(at, Reported(at=at, **found, recording=status.recording, dropped=self.reel.dropped))

    def asked(self, node: Node, arguments: Sequence[Value], source: Source) -> None:
        """A request was done, in the frame thread; a witness of `Requests`."""
        if self.on and not self.broken:
            asked = Asked(
                sequence=self._sequence,
                address=node.path,
                arguments=tuple(arguments),
                source=source.kind,
                host=source.host,
                port=source.port,
            )
            self._tell(self._at, asked)

    def struck(self, now: int, events: Sequence[Event]) -> None:
        """Keys or the pedal moved, `now` ns of the clock; in the note thread."""
        at = 0 if self._start is None else max(now - self._start, 0)
        for event in events:
            self._tell(at, Struck(at, event))

    def log(self, entry: Entry) -> None:
        """The journal got a line, in the frame thread; called for each from its first one on."""
        self._tell(self._at, entry, self._places)
        self._places += 1

    def _tell(self, at: int, record: Struck | Asked | Entry | Reported, place: int = -1) -> None:
        if self.on and not self.broken:
            self.reel.tell(Line(at, self._sequence, record, place))
