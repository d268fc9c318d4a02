"""Recordings for tests: small, of a few rows."""

import io
import tarfile
from pathlib import Path

import numpy as np

ROW = "\t".join(str(number / 10) for number in range(22))


def tsd(rows: int = 3, row: str = ROW) -> str:
    """A sign as a text table."""
    return "\n".join([row] * rows) + "\n"


def archive(path: Path, members: dict[str, bytes]) -> Path:
    """A .tar.gz of files, in this order."""
    with tarfile.open(path, "w:gz") as file:
        for name, raw in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            file.addfile(info, io.BytesIO(raw))
    return path


def npz(**arrays: object) -> bytes:
    """Arrays as a file."""
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()
