"""A thread that shows pictures where that may take a while."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Protocol

import PIL.Image

from engine.imagery import Shown
from engine.images.look import Look
from engine.schema.errors import DeviceError, EngineError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.screens._mailbox import Mailbox

OPENING = 10.0
"""Seconds that a library has to open what shows the pictures."""

PATIENCE = 1.0
"""Seconds that closing takes at most; a driver that hangs must not hold the exit."""


class Surface(Protocol):
    """What a library shows pictures on; all of it is called in one thread, as graphics contexts want it."""

    def show(self, picture: PIL.Image.Image) -> None:
        """Show a picture, grey (mode L) or in colours (RGB)."""
        ...

    def close(self) -> None:
        """Stop showing."""
        ...


class Worker:
    """A screen whose pictures are made and shown in a thread of its own.

    Args:
        called: what it is called in messages.
        place: where the pictures can be seen.
        size: of the pictures.
        look: what is made of them.
        make: opens what shows them, in the thread.
        say: takes one line for a person.

    Raises:
        DeviceError: `make` raises something that nobody has put into words yet, or does not come back.
        EngineError: what `make` raises else.
    """

    def __init__(
        self,
        called: str,
        place: str,
        *,
        size: Size,
        look: Look,
        make: Callable[[], Surface],
        say: Callable[[str], object],
    ) -> None:
        self._called, self._place, self._look, self._make, self._say = called, place, look, make, say
        self._mailbox, self._bell, self._rung = Mailbox(size), SimpleQueue[None](), False
        self._over, self._failed, self._said = False, 0, ""
        opened = Future[None]()
        self._thread = threading.Thread(target=self._work, args=(opened,), name=f"screen {called}", daemon=True)
        self._thread.start()
        try:
            opened.result(OPENING)
        except EngineError:
            raise
        except Exception as error:
            self._over = True  # should it open after all, it is closed again
            self._ring()
            found = (
                f"not open after {OPENING:g} s" if not opened.done() else " ".join(f"{error or repr(error)}".split())
            )
            raise DeviceError(called, found, "a library that opens it") from error

    @property
    def place(self) -> str:
        """Where the pictures can be seen; for a person to read."""
        return self._place

    @property
    def counters(self) -> Shown:
        """What became of the pictures so far."""
        return Shown(self._mailbox.taken - self._failed, self._mailbox.left_out, self._failed)

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Leave a copy for the thread."""
        self._mailbox.put(image.pixels, sequence, milliseconds)
        self._ring()

    def close(self) -> None:
        """Stop showing; harmless twice."""
        self._over = True
        self._ring()
        self._thread.join(PATIENCE)

    def _ring(self) -> None:
        """Wake the thread; rung twice is rung once, so that nothing grows while it is busy."""
        if not self._rung:
            self._rung = True
            self._bell.put(None)

    def _work(self, opened: Future[None]) -> None:
        try:
            surface = self._make()
        except BaseException as error:  # noqa: BLE001 (it is raised where the screen is opened)
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            while not self._over:
                self._bell.get()
                self._rung = False
                self._turn(surface)
        finally:
            with suppress(Exception):  # a library that fails at its end has nothing to tell anybody
                surface.close()

    def _turn(self, surface: Surface) -> None:
        """Show the newest picture; what fails is said once, as long as it stays the same."""
        picture = self._mailbox.take()
        if picture is None:
            return
        try:
            surface.show(self._look.picture(picture.pixels))
            self._said = ""
        except Exception as error:  # noqa: BLE001 (whatever a library raises, the show goes on)
            self._failed += 1
            line = " ".join(f"{self._called}: {error or repr(error)}; the show goes on without it".split())
            if line != self._said:
                self._say(line)
            self._said = line
