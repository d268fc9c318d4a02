"""A ring of pictures in a mapped file, written by the frame thread itself: a copy, and a few numbers.

`engine.screens.shm` says how it is laid out.
"""

import mmap
import os
import re
import struct
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.imagery import Shown
from engine.schema.errors import ConfigError, TransportError
from engine.schema.frame import U8, Image
from engine.schema.model import Size

MAGIC, VERSION = b"FIGURANT", 1
HEADER = struct.Struct("<8sIIQIIIIQd")
START = 64
"""Bytes before the first slot; a line of a processor's cache, so that slots do not share one with the header."""

LEAD = 32
"""Bytes of a slot before its pixels."""

FLAGS = sum(getattr(os, f"O_{name}", 0) for name in ("RDWR", "CREAT", "NOFOLLOW", "CLOEXEC", "BINARY"))
"""To open a file in a folder where anybody may write; not every system knows all of them."""

LOCK, FRAME, TIME, WRITTEN = 0, 1, 2, 5
"""Places among the numbers of 8 bytes: the first three of a slot, the last one of the header."""


def path_of(name: str, place: str) -> Path:
    """The file of a ring.

    Args:
        name: of the ring.
        place: where it is said, for the error.

    Raises:
        ConfigError: no file can have that name everywhere.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name):
        raise ConfigError(place, repr(name), "up to 32 letters, digits, - and _")
    shared = Path("/dev/shm")  # noqa: S108 (the folder of shared memory on Linux; the file is opened with care)
    return (shared if shared.is_dir() else Path(tempfile.gettempdir())) / f"figurant-{name}.ring"


class Ring:
    """A screen in shared memory.

    Args:
        path: of the file.
        size: of the pictures.
        slots: pictures that it holds.
        fps: pictures per second, for readers.

    Raises:
        TransportError: another show writes there, or the file cannot be made.
    """

    def __init__(self, path: Path, size: Size, *, slots: int, fps: float) -> None:
        self._path = path
        stride = -(-(LEAD + size.height * size.width) // START) * START
        self._file = _claim(path)
        try:
            self._map = _mapped(self._file, START + slots * stride)
        except OSError as error:
            os.close(self._file)
            raise _unusable(path, error) from error
        whole: U8 = np.frombuffer(self._map, np.uint8, START + slots * stride)
        self._head = whole[:START].view(np.uint64)
        places = [whole[START + slot * stride : START + (slot + 1) * stride] for slot in range(slots)]
        self._numbers = [place[:LEAD].view(np.uint64) for place in places]
        self._pixels = [
            place[LEAD : LEAD + size.height * size.width].reshape(size.height, size.width) for place in places
        ]
        self._written, self._closed = 0, False
        self._order = threading.Lock()
        self._order.acquire()
        self._open(size, slots, stride, fps, places)

    @property
    def place(self) -> str:
        """Where the pictures can be seen; for a person to read."""
        return f"shared memory {self._path}"

    @property
    def counters(self) -> Shown:
        """What became of the pictures so far."""
        return Shown(self._written)

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Write the picture."""
        if self._closed:
            return
        number = self._written + 1
        slot = self._written % len(self._pixels)
        numbers = self._numbers[slot]
        numbers[LOCK] = 2 * number - 1
        self._fence()
        numbers[FRAME], numbers[TIME] = sequence, milliseconds
        np.copyto(self._pixels[slot], image.pixels)
        self._fence()
        numbers[LOCK] = 2 * number
        self._fence()
        self._head[WRITTEN] = self._written = number

    def close(self) -> None:
        """Tell readers that it is over, and remove the file; harmless twice."""
        if self._closed:
            return
        self._closed = True
        self._map[12:16] = struct.pack("<I", 0)
        with suppress(OSError):  # Windows keeps a file that somebody reads; the next show takes it over
            self._path.unlink()
        os.close(self._file)

    def _fence(self) -> None:
        """Have what was written before be seen before what is written after; not every processor does so by itself."""
        self._order.release()
        self._order.acquire()

    def _open(self, size: Size, slots: int, stride: int, fps: float, places: list[U8]) -> None:
        """Write the header, its first word last; a reader of an older show sees no word, or another session."""
        self._map[: len(MAGIC)] = bytes(len(MAGIC))
        for place in places:
            place[:LEAD] = 0
        session = int.from_bytes(os.urandom(8), "little")
        head = HEADER.pack(bytes(8), VERSION, 1, session, size.height, size.width, slots, stride, 0, fps)
        self._map[: len(head)] = head
        self._map[: len(MAGIC)] = MAGIC


def _claim(path: Path) -> int:
    """Open a file for one writer alone; the system lets go of it when a process ends in any way.

    Raises:
        TransportError: another process writes there, or it cannot be opened.
    """
    while True:
        try:
            file = os.open(path, FLAGS, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            _lock(file)
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        except FileNotFoundError:
            pass  # the show before was just ending, and has removed it
        except OSError as error:
            os.close(file)
            hint = "is another engine running? end it, or choose another name"
            raise TransportError(str(path), "pictures of another show", "a name that is free", hint) from error
        os.close(file)


def _lock(file: int) -> None:
    """Lock a file for this process.

    Raises:
        OSError: another one has it.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 2**30, os.SEEK_SET)  # far behind the pictures: nobody may read what is locked
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _mapped(file: int, length: int) -> mmap.mmap:
    """A file as memory; it grows where it is too short, and never shrinks, as readers of an older show would crash."""
    if os.fstat(file).st_size < length:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, length)  # a full disk is told now, not by a signal in the first frame
        else:
            os.ftruncate(file, length)
    return mmap.mmap(file, length)


def _unusable(path: Path, error: OSError) -> TransportError:
    return TransportError(str(path), error.strerror or str(error), "a file that can be made there")
