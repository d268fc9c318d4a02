"""Files of numpy arrays; nothing in them is unpickled."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError

Arrays = dict[str, NDArray[np.generic]]

BROKEN = (OSError, ValueError, EOFError, NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error)
"""What numpy raises over files that are damaged, foreign, pickled or announce more than there is memory."""


def load(path: Path) -> Arrays:
    """Every array of an .npz by its name; the one array of an .npy under the name 'positions'.

    Raises:
        DataError: no file of plain arrays, or none in it.
    """
    try:
        # numpy leaves a file that it opened itself open when it turns out to be broken
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"positions": loaded}
            arrays = {key: np.asarray(loaded[key]) for key in loaded.files}
    except BROKEN as error:
        raise DataError(str(path), f"{type(error).__name__}: {error}", "a file of plain numpy arrays") from error
    if not arrays:
        raise DataError(str(path), "an archive without arrays", "at least one array")
    return arrays
