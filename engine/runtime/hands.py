"""The note thread: it sleeps until somebody presses a key or a score has something due."""

import select
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from engine.runtime.bell import Bell
from engine.runtime.clock import Clock
from engine.runtime.failure import BrokeOffError, line
from engine.runtime.realtime import NONE, claim

LONGEST = 0.25
"""Seconds that it sleeps at most: whatever is asked for without a ring is seen after that."""

SLICE = 0.001 if sys.platform == "win32" else LONGEST
"""Seconds of one sleep: on Windows `select` wakes up to a tick of the system's timer late."""

PATIENCE = 1.5
"""Seconds that the thread has to end after it was asked."""


class Played(Protocol):
    """What hands play."""

    def enter(self) -> None:
        """Begin."""
        ...

    def turn(self) -> int | None:
        """Do what is due; give when something is due next, None: nothing is, unless the bell rings."""
        ...

    def leave(self) -> None:
        """Have everything come up."""
        ...


class Hands:
    """Runs a keyboard in a thread of its own, from `start` to `close`.

    Args:
        keyboard: whose `enter`, `turn` and `leave` it calls; `leave` too where a turn fails.
        bell: rung by whoever asks the keyboard for something. `close` closes it.
        clock: the keyboard's.
        handles: tells what is waited for beside the bell: the sockets of those who are heard.
        failed: called in the thread where it fails.

    Attributes:
        granted: the right to run before others that the system gave the thread.
    """

    def __init__(
        self,
        keyboard: Played,
        bell: Bell,
        clock: Clock,
        *,
        handles: Callable[[], Sequence[int]] = tuple,
        failed: Callable[[], object] = bool,
    ) -> None:
        self._keyboard, self._bell, self._clock, self._handles, self._failed = keyboard, bell, clock, handles, failed
        self._failure: Exception | None = None
        self._over = False
        self._thread: threading.Thread | None = None
        self.granted = NONE

    def start(self) -> None:
        """Begin to play."""
        self._thread = threading.Thread(target=self._run, name="notes", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Say whether all is well.

        Raises:
            BrokeOffError: the thread failed; everything came up nevertheless, as far as that was possible.
        """
        if self._failure is not None:
            last = traceback.extract_tb(self._failure.__traceback__)[-1]
            place = f"notes, {Path(last.filename).name} line {last.lineno}"
            raise BrokeOffError(f"{place}: {line(self._failure)}") from self._failure

    def close(self) -> None:
        """Have everything come up and end the thread; harmless twice. Whatever notes leave by is closed after this."""
        self._over = True
        self._bell.ring()
        if self._thread is not None:
            self._thread.join(PATIENCE)
        self._bell.close()

    def _run(self) -> None:
        self.granted = claim()
        self._attempt(self._play)
        self._attempt(self._keyboard.leave)

    def _attempt(self, part: Callable[[], object]) -> None:
        """Do something; the first failure is kept."""
        try:
            part()
        except Exception as error:  # noqa: BLE001 (whatever it is, the main thread tells it)
            self._failure = self._failure or error
            self._failed()

    def _play(self) -> None:
        self._keyboard.enter()
        while not self._over:
            due = self._keyboard.turn()
            if due is None or due > self._clock.now_ns():
                self._sleep(due)

    def _sleep(self, due: int | None) -> None:
        """Until something is due, or is said."""
        rest = LONGEST if due is None else (due - self._clock.now_ns()) * 1e-9
        handles = [*self._handles(), self._bell.handle]
        ready, _, _ = select.select(handles, (), (), min(max(rest, 0.0), SLICE))
        if self._bell.handle in ready:
            self._bell.answer()
