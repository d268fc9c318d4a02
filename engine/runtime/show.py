"""A show from its first frame to its last word: the frame thread, and what the main thread does meanwhile."""

import threading
import traceback
from pathlib import Path
from typing import Protocol

from engine.runtime.failure import BrokeOffError, line
from engine.runtime.realtime import claim, undisturbed
from engine.runtime.stage import Stage

LOOK = 0.05
"""Seconds between two looks at the frame thread and at the errands that it has for this one; on Windows a wait without
end cannot be interrupted."""

PATIENCE = 1.5
"""Seconds that the frame thread has to end after it was asked; a tick that hangs must not hold the exit."""


class Beside(Protocol):
    """What plays beside the frames, in a thread of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def check(self) -> None:
        """Say whether all is well.

        Raises:
            BrokeOffError: it failed.
        """
        ...

    def close(self) -> None:
        """End; harmless twice."""
        ...


def perform(stage: Stage, stop: threading.Event, hands: Beside | None = None) -> None:
    """Play a primed show on a thread of its own until its end or until `stop` is set, and close its sockets.

    Args:
        stage: the frames.
        stop: ends them.
        hands: play beside them; they set `stop` where they fail.

    Raises:
        BrokeOffError: a thread failed, or did not end when it was asked.
    """
    try:
        stage.run_errands()  # what takes long at first, such as another model's making, is done before the clock runs
        try:
            with undisturbed():
                if hands is not None:
                    hands.start()
                _supervise(stage, stop)
        finally:
            if hands is not None:
                hands.close()  # before any socket is closed: keys come up at guests too, however the frames end
        if hands is not None:
            hands.check()
    finally:
        stage.close()


def _supervise(stage: Stage, stop: threading.Event) -> None:
    done = threading.Event()
    failures: list[Exception] = []

    def body() -> None:
        try:
            stage.grant(claim())
            stage.play(stop)
        except Exception as error:  # noqa: BLE001 (whatever it is, the main thread tells it)
            failures.append(error)
        finally:
            done.set()

    threading.Thread(target=body, name="frames", daemon=True).start()
    try:
        _watch(stage, stop, done)
    finally:
        stop.set()
        done.wait(PATIENCE)  # whatever ended the watch, the sockets are closed after the last frame
    if failures:
        raise BrokeOffError(f"{_place(stage, failures[0])}: {line(failures[0])}") from failures[0]


def _watch(stage: Stage, stop: threading.Event, done: threading.Event) -> None:
    while not done.wait(LOOK):
        stage.run_errands()
        if stop.is_set() and not done.wait(PATIENCE):
            raise BrokeOffError(f"frame {stage.sequence}: the frame thread did not end within {PATIENCE} s")


def _place(stage: Stage, error: Exception) -> str:
    """The frame, and the line of source that failed."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"frame {stage.sequence}, {Path(last.filename).name} line {last.lineno}"
