"""A thread that owns a device, and that another one waits for, but not forever."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from engine.inference.cuda_device import LostError

Result = TypeVar("Result")

HANGS = "no answer in {} s"


class Worker:
    """Does one thing after the other for one caller at a time.

    A GPU that falls off its bus raises an error, or answers nothing at all; whoever asked it on its own thread would
    hang with it. The two are woken by a lock each, which costs some microseconds and no memory.
    """

    def __init__(self) -> None:
        self._asked, self._answered = threading.Lock(), threading.Lock()
        self._asked.acquire()
        self._answered.acquire()
        self._task: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._hangs = False
        self._thread = threading.Thread(target=self._work, name="device", daemon=True)
        self._thread.start()

    def call(self, task: Callable[[], Result], patience: float) -> Result:
        """Have something done, and wait.

        Args:
            task: what.
            patience: seconds.

        Raises:
            LostError: it takes longer, now or before.
            Exception: whatever the task raises.
        """
        if self._hangs:
            raise LostError("it hangs")
        self._task = task
        self._asked.release()
        if not self._answered.acquire(timeout=patience):
            self._hangs = True
            raise LostError(HANGS.format(patience))
        error, self._error = self._error, None
        if error is not None:
            raise error
        return cast("Result", self._result)

    def close(self, last: Callable[[], None], patience: float) -> None:
        """Do a last thing and end the thread; one that hangs is left alone. Harmless twice."""
        if self._hangs or not self._thread.is_alive():
            return
        try:
            self.call(last, patience)
        finally:
            if not self._hangs:
                self._task = None
                self._asked.release()
                self._thread.join()

    def _work(self) -> None:
        while True:
            self._asked.acquire()
            if self._task is None:
                return
            try:
                self._result = self._task()
            except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
                self._error = error
            self._answered.release()
