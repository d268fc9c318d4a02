"""Writes what waits on a reel into takes; whatever the disk does, the show never hears of it but by a word."""

import errno
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from engine.runtime.clock import Clock
from engine.runtime.recorder import Recorded, Recorder
from engine.runtime.reel import Shot
from engine.runtime.ticker import SECOND
from engine.schema.errors import EngineError
from engine.takes.events import encode
from engine.takes.frames import seal
from engine.takes.values import Entry, Header
from engine.takes.writer import TakeWriter

FLUSH = 15
"""Frames after which what was written is handed to the system; what is there survives the end of this program."""

FLUSH_NS = SECOND // 5
"""Likewise after so long: with the pause between two looks no more than a quarter of a second."""

SYNC_NS = SECOND
"""After which the system is to have it on the disk; what is there survives a loss of power."""

AGAIN_NS = 2 * SECOND
"""Between two attempts where nothing can be written."""

ROOM = 16 << 20
"""Bytes that a full disk must have again before another file begins: more than 10 s of 8 performers at 60 fps."""

REASONS = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "quota exceeded",
    errno.EFBIG: "the file is as large as this system lets it be",
    errno.ENOENT: "the file is gone",
}


class Keeps(Protocol):
    """What is needed of the journal of a show."""

    @property
    def history(self) -> Sequence[Entry]:
        """Its lines since the show's beginning; one more is appended at a time, by another thread."""
        ...

    @property
    def complete(self) -> bool:
        """Whether they are all there."""
        ...


class Unwritten:
    """Of a show that keeps no journal."""

    history: Sequence[Entry] = ()
    complete = False


class Opening(NamedTuple):
    """What a header tells of one file.

    Attributes:
        started: when the show began, nanoseconds since 1970.
        first: number of the first frame.
        number: of the file in its recording, from 1.
        journal: whether the journal reaches back to the show's beginning.
    """

    started: int
    first: int
    number: int
    journal: bool


class Scribe:
    """Writes; in one thread, which calls `turn` again and again, and `close` at the end.

    Args:
        recorder: the other half.
        folder: of the files.
        header: what stands at the beginning of each.
        clock: the time.
        journal: is in each file from its beginning.
        rotate: bytes after which another file begins; 0: never.
        say: takes one line for a person.
    """

    def __init__(
        self,
        recorder: Recorder,
        folder: Path,
        *,
        header: Callable[[Opening], Header],
        clock: Clock,
        journal: Keeps,
        rotate: int,
        say: Callable[[str], object],
    ) -> None:
        self._recorder, self._reel, self._folder, self._header = recorder, recorder.reel, folder, header
        self._clock, self._journal, self._rotate, self._say = clock, journal, rotate, say
        self._take: TakeWriter | None = None
        self._run = self._number = self._skipped = 0
        self._frames = self._fresh = self._began = self._ended = 0
        self._flushed = self._synced = 0
        self._again: int | None = None
        self._done = Recorded()

    def turn(self) -> None:
        """Write what waits, as far as that is possible now."""
        now = self._clock.now_ns()
        if self._again is not None and not self._may_again(now):
            self._reel.clear()
            return
        try:
            self._write(now)
        except (OSError, EngineError) as error:
            self._fail(error, now)
        self._tell()

    def close(self) -> None:
        """Write what waits and end the file; harmless twice."""
        self.turn()
        try:
            self._end()
        except OSError as error:
            self._fail(error, self._clock.now_ns())
        self._tell()

    def stop(self, why: str) -> None:
        """Give up, as this half is broken itself: nothing more is put on the reel."""
        self._give_up(f"{why}, not recording")

    def _write(self, now: int) -> None:
        if self._reel.shots:
            self._write_lines(self._fitting(self._reel.shots[0], now), len(self._reel.lines))
        for _ in range(len(self._reel.shots)):
            self._write_shot(self._fitting(self._reel.shots[0], now), now)
        rest = len(self._reel.lines)
        over = not self._recorder.on and not self._reel.shots
        if over:
            self._write_lines(self._take, rest)  # such as the wish to end it, which no frame follows
        if self._take is None:
            return
        if self._fresh and now - self._flushed >= FLUSH_NS:
            self._flush(self._take, now)
        if now - self._synced >= SYNC_NS:
            self._synced = now
            self._take.sync()
            self._take.path.stat()  # one that was deleted takes all that is written, and keeps nothing
        if over:
            self._end()

    def _write_lines(self, take: TakeWriter | None, count: int) -> None:
        """Write the oldest lines; None: they are of no file."""
        for _ in range(count):
            line = self._reel.lines.popleft()
            if take is None or 0 <= line.place < self._skipped:  # it came with the history
                continue
            topic, data = encode(line.record)
            take.add(topic, line.at, line.sequence, data)

    def _fitting(self, shot: Shot, now: int) -> TakeWriter:
        """The file that a frame belongs into."""
        take = self._take
        if take is None or shot.run != self._run or self._reel.torn or 0 < self._rotate <= take.size:
            return self._begin(shot, now)
        return take

    def _write_shot(self, take: TakeWriter, now: int) -> None:
        shot, size = self._reel.take(), take.size
        if shot is None:  # the frame thread was faster, and dropped it
            return
        self._fresh += 1
        self._ended = shot.at
        take.add("/frames", shot.at, shot.sequence, seal(shot.data))
        if take.size != size:
            self._handed(now)
        elif self._fresh >= FLUSH:
            self._flush(take, now)

    def _flush(self, take: TakeWriter, now: int) -> None:
        take.flush()
        self._handed(now)

    def _handed(self, now: int) -> None:
        """Note that all frames up to now are with the system."""
        self._frames += self._fresh
        self._fresh, self._flushed = 0, now

    def _begin(self, shot: Shot, now: int) -> TakeWriter:
        """Begin a file: of a new recording, or the next one of this."""
        self._number = self._number + 1 if shot.run == self._run else 1
        self._run, self._reel.torn = shot.run, False
        self._end()
        history, complete = tuple(self._journal.history), self._journal.complete
        self._skipped = len(history)
        header = self._header(Opening(self._recorder.started, shot.sequence, self._number, complete))
        self._take = take = TakeWriter.create(self._folder, header)
        self._recorder.forgiven = self._reel.dropped
        for entry in history:
            topic, data = encode(entry)
            take.add(topic, shot.at, shot.sequence, data)
        self._began, self._ended = shot.at, shot.at
        self._flushed = self._synced = now
        self._say(f"recording into {take.path}")
        return take

    def _end(self) -> None:
        """End the file, if there is one."""
        if self._take is not None:
            self._flush(self._take, 0)
            self._take.close()
            self._forget(self._take)
            self._recorder.word = ""

    def _fail(self, error: OSError | EngineError, now: int) -> None:
        """Save what can be, and try again later."""
        if isinstance(error, OSError) and error.errno is not None:
            reason = REASONS.get(error.errno, (error.strerror or str(error)).lower())
        else:
            reason = str(error)
        self._again = now + AGAIN_NS
        self._give_up(f"{reason}, not recording")

    def _give_up(self, word: str) -> None:
        """Have nothing more put on the reel, and end the file as well as that can be done."""
        if word != self._recorder.word:
            self._say(word)
        self._recorder.broken, self._recorder.word = True, word
        if self._take is not None:
            self._reel.dropped += self._fresh
            self._fresh = 0
            with suppress(OSError):  # what is gone, or wholly out of reach, stays as it is
                self._take.cut_short()
                if not self._frames:
                    self._take.path.unlink()
            self._forget(self._take)
        self._reel.clear()

    def _may_again(self, now: int) -> bool:
        """Whether to try again, now."""
        if self._again is not None and now < self._again:
            return False
        self._again = now + AGAIN_NS
        with suppress(OSError):  # a folder that is not there is made
            if shutil.disk_usage(self._folder).free < ROOM:
                return False
        self._recorder.broken, self._again = False, None
        return True

    def _forget(self, take: TakeWriter) -> None:
        if self._frames:
            done = self._done
            self._done = Recorded(done.files + 1, done.frames + self._frames, done.size + take.size)
        self._take, self._frames, self._fresh = None, 0, 0

    def _tell(self) -> None:
        take, done = self._take, self._done
        if take is None:
            self._recorder.counted = done
            return
        seconds, size = (self._ended - self._began) / SECOND, take.size
        self._recorder.counted = Recorded(done.files + 1, done.frames + self._frames, done.size + size)
        self._recorder.word = f"{take.path.name}, {seconds:.0f} s, {size / 1e6:.1f} MB"
