"""The thread that writes takes, beside the show."""

import threading
import traceback
from pathlib import Path

from engine.runtime.failure import line
from engine.runtime.realtime import follow
from engine.runtime.scribe import Scribe

EVERY = 0.05
"""Seconds between two looks at what waits: with the flushes at most 0.3 s of a show are not with the system yet."""

PATIENCE = 1.5
"""Seconds that the last file has to be ended; a disk that hangs must not hold the exit."""


class Recording:
    """Runs a scribe in a thread of its own, from `start` to `close`; without a start, `close` writes what waits."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="takes", daemon=True)
        self._thread.start()

    def turn(self) -> None:
        """Write what waits now, where no thread was started: for shows in virtual time."""
        self._scribe.turn()

    def close(self) -> None:
        """End the file and the thread; harmless twice."""
        self._over.set()
        if self._thread is None:
            self._scribe.close()
        else:
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        follow()
        try:
            while not self._over.wait(EVERY):
                self._scribe.turn()
            self._scribe.close()
        except Exception as error:  # noqa: BLE001 (a defect here must not end the show: its state tells of it)
            last = traceback.extract_tb(error.__traceback__)[-1]
            self._scribe.stop(f"{Path(last.filename).name} line {last.lineno}: {line(error)}")
