"""A recorder without a show: frames are made up, and time passes when it is told to."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.controls.board import ACT, Board
from engine.motion.core20 import CORE20
from engine.runtime.clock import VirtualClock
from engine.runtime.played import Played, dancing
from engine.runtime.recorder import Recorder
from engine.runtime.reel import Reel
from engine.runtime.scribe import Opening, Scribe
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.frame import Frame, Pose, Quality
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Show
from engine.takes.frames import FrameWriter
from engine.takes.reader import Take
from engine.takes.values import Entry, Header, Taken

FPS = 60
PERIOD = 10**9 // FPS
TABLE = expanded(PARAMETERS)
STARTED = 1_800_000_000 * 10**9


class Book:
    """A journal that a test writes."""

    def __init__(self) -> None:
        self.history: list[Entry] = []
        self.complete = True


class Studio:
    """Plays frames of two performers, and has them written into `folder`."""

    def __init__(self, folder: Path, *, room: int = 2 * FPS, rotate: int = 0, record: int = 1) -> None:
        self.folder, self.clock, self.book, self.said = folder, VirtualClock(), Book(), list[str]()
        self.board = Board(TABLE, fps=FPS, initial={ACT: {"record": record}})
        self.recorder = Recorder(
            Reel(room),
            switch=self.board.values("record"),
            played=Played(self.board.played, TABLE),
            writer=FrameWriter(CORE20, MAX_PERFORMERS, len(dancing(TABLE))),
            epoch=lambda: STARTED,
        )
        self.scribe = Scribe(
            self.recorder,
            folder,
            header=self.header,
            clock=self.clock,
            journal=self.book,
            rotate=rotate,
            say=self.said.append,
        )
        self.shown: list[Frame] = []
        self.recorder.begin(0)

    def header(self, opening: Opening) -> Header:
        return Header(
            name="dance", engine="1", build="b", machine="m", fps=FPS, seed=1, show=Show(), models=(),
            skeleton=CORE20, knobs=dancing(TABLE), **opening._asdict(),
        )  # fmt: skip

    def play(self, frames: int, *, looks: int = 3) -> None:
        """Send so many frames; every few of them the scribe has its turn."""
        for _ in range(frames):
            number = len(self.shown)
            frame = made(number)
            self.recorder.turn(number, number * PERIOD)
            self.recorder.hold(frame, number)
            self.recorder.sent()
            self.shown.append(frame)
            self.clock.sleep_until_ns((number + 1) * PERIOD)
            if looks and number % looks == 0:
                self.scribe.turn()

    def log(self, text: str) -> None:
        """Write a line of the journal."""
        entry = Entry(len(self.shown), b'"%s"' % text.encode())
        self.book.history.append(entry)
        self.recorder.log(entry)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*"))

    @property
    def frames(self) -> list[list[int]]:
        """Numbers of the frames in each file, which is whole."""
        return [[taken.frame.sequence for taken in taken_from(path)] for path in self.files]


def taken_from(path: Path) -> list[Taken]:
    """The frames of a file, which is whole."""
    take = Take(path)
    found = list(take.frames())
    assert (take.complete, take.damage) == (True, "")
    return found


def made(number: int, performers: Sequence[int] = (1, 3)) -> Frame:
    random = np.random.default_rng(number)
    count = len(performers)
    pose = Pose(random.standard_normal((count, 20, 3), np.float32), random.standard_normal((count, 7), np.float32))
    return Frame(number, number * 1000 // FPS, pose, (Quality.GOOD,) * count, tuple(performers))
