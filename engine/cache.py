"""Where compiled kernels are kept, so that only the first start compiles."""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import engine

VARIABLE = "NUMBA_CACHE_DIR"
"""Read by Numba when it is imported; empty or missing, each module's `__pycache__` is taken."""

STAMP = ".kernels"
"""File that says which sources the kernels in a folder were made from."""

PACKAGE = Path(engine.__file__).parent


class Cache(NamedTuple):
    """Where kernels are kept.

    Attributes:
        folder: of all kernels, somewhere below it.
        lasting: whether the next start finds them.
    """

    folder: Path
    lasting: bool

    def kernels(self) -> int:
        """How many compiled kernels there are."""
        return sum(1 for _ in self.folder.rglob("*.nbc"))


def prepare() -> Cache:
    """Choose the folder and tell Numba, which must not be imported yet.

    It is the one that the person set, else the package's own, else the user's cache, else a temporary one: a folder of
    a known name in a shared place would let others slip code in. Kernels of other sources than these are forgotten.
    """
    found = _choose()
    _forget_stale(found.folder)
    return found


def _choose() -> Cache:
    if chosen := os.environ.get(VARIABLE):
        return Cache(Path(chosen), lasting=_writable(Path(chosen)))
    if _writable(PACKAGE / "sampling" / "__pycache__"):
        return Cache(PACKAGE, lasting=True)
    folder = _user_caches() / "figurant" / "numba"
    lasting = _writable(folder)
    if not lasting:
        folder = Path(tempfile.mkdtemp(prefix="figurant-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[VARIABLE] = str(folder)
    return Cache(folder, lasting)


def _forget_stale(folder: Path) -> None:
    """Numba looks at a kernel's own file alone, and would keep one that calls what has changed in another file."""
    note, sources = folder / STAMP, _sources()
    try:
        if note.is_file() and note.read_text(encoding="ascii") == sources:
            return
        for kernel in folder.rglob("*.nb[ci]"):
            kernel.unlink(missing_ok=True)
        note.write_text(sources, encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return  # a folder that cannot be written keeps nothing either


def _sources() -> str:
    """What tells this version of the engine's sources from any other."""
    stamp = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        status = path.stat()
        stamp.update(f"{path.relative_to(PACKAGE)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return stamp.hexdigest()


def _user_caches() -> Path:
    """The user's folder for what can be made again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
