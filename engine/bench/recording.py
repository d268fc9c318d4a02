"""What it costs a show to be recorded: in the frame thread, in lateness and on the disk."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from engine import bundled
from engine.assemble import assemble
from engine.bench.results import Recorded
from engine.bench.times import Times
from engine.bench.turns import alone, regularly
from engine.controls.board import ACT, Board
from engine.motion.core20 import CORE20
from engine.motion.solve import Solver
from engine.runtime.clock import MonotonicClock
from engine.runtime.played import Played, dancing
from engine.runtime.realtime import apart, claim, undisturbed
from engine.runtime.recorder import Recorder
from engine.runtime.reel import Reel
from engine.runtime.stage import Stage
from engine.runtime.summary import Summary
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.frame import Frame, Pose, Quality
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Act, Output, Settings, Show, Takes
from engine.takes.frames import FrameWriter

PERFORMERS = (1, 8, 64)

FPS = 60.0

TURNS = 2
"""Shows with and without a recording, one after the other, so that whatever else the machine does meets both."""

MINUTE = 60.0

MB = 1e6


def measure(port: int, seconds: float, performers: Sequence[int] = PERFORMERS) -> Iterator[Recorded]:
    """A row for each number of performers; `seconds` for each show and call. `port` is of somebody who reads."""
    for count in performers:
        call = recorded(unwritten(), count)
        with undisturbed():
            hot, cold = Times.of(alone(call, seconds)), Times.of(apart(partial(regularly, call, seconds, FPS)))
        shows = [played(port, seconds, count, record=record) for _ in range(TURNS) for record in (False, True)]
        taken = [show.recorded for show in shows[1::2]]
        frames = sum(each.frames for each in taken)
        yield Recorded(
            performers=count,
            fps=FPS,
            hot_us=hot.p50,
            paced_us=cold.p50,
            paced_p99_us=cold.p99,
            without_p99_ms=round(min(show.lateness.p99 for show in shows[::2]), 4),
            with_p99_ms=round(min(show.lateness.p99 for show in shows[1::2]), 4),
            late_without=sum(show.late + show.skipped for show in shows[::2]),
            late_with=sum(show.late + show.skipped for show in shows[1::2]),
            frames=frames,
            dropped=sum(each.dropped for each in taken),
            mb_per_minute=round(sum(each.size for each in taken) / MB * FPS * MINUTE / max(frames, 1), 2),
        )


def unwritten() -> Recorder:
    """A recorder that is on; nobody writes, so that it drops the oldest frames."""
    table = expanded(PARAMETERS)
    board = Board(table, fps=FPS, initial={ACT: {"record": 1}})
    return Recorder(
        Reel(round(2 * FPS)),
        switch=board.values("record"),
        played=Played(board.played, table),
        writer=FrameWriter(CORE20, MAX_PERFORMERS, len(dancing(table))),
    )


def recorded(recorder: Recorder, performers: int) -> Callable[[], object]:
    """What the frame thread does for each frame of a recording."""
    frame = _frame(performers)

    def call() -> None:
        recorder.turn(0, 0)
        recorder.hold(frame, 0)
        recorder.sent()

    return call


def _frame(performers: int) -> Frame:
    """Everybody in the T-pose, but for some noise, with all that is solved."""
    numbers = tuple(range(1, performers + 1))
    noise = np.random.default_rng(1).standard_normal((performers, len(CORE20.names), 3), np.float32)
    positions = (np.cumsum(np.array(CORE20.offsets, np.float32), 0) + 0.01 * noise).astype(np.float32)
    rotations, body = Solver(CORE20, FPS).solve(positions, numbers)
    pose = Pose(positions, np.zeros((performers, 7), np.float32), rotations, body)
    return Frame(0, 0, pose, (Quality.GOOD,) * performers, numbers)


def played(port: int, seconds: float, performers: int, *, record: bool) -> Summary:
    """A whole show of the bundled dancer in real time."""
    act = Act(model=str(bundled.MODELS / "dance.onnx"), performers=performers, device="cpu")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="figurant-")))
        show = Show(
            settings=Settings(fps=FPS, control=0, oscquery=0),
            acts=(act,),
            outputs=(Output(kind="native", port=port),),
            takes=Takes(folder=str(folder), record=record),
        )
        made = assemble(show, clock=MonotonicClock(), say=_quiet, seconds=max(seconds, 2 / FPS))
        with closing(made.stage) as stage:
            stage.prime()
            made.recording.start()
            with undisturbed():
                apart(partial(_play, stage))
        return stage.summary()


def _play(stage: Stage) -> None:
    claim()
    stage.play(threading.Event())


def _quiet(_line: str) -> None:
    """Nobody wants to hear it."""
