"""Signs of the small model that reads them, recorded in sessions."""

from pathlib import Path

import numpy as np
import sign_models

SESSIONS = ("one", "two", "three", "four")


def record(folder: Path, words: tuple[str, ...] = sign_models.WORDS[:3]) -> Path:
    """Every word in every session, as .tsd files; each a little larger than in the session before."""
    for number, session in enumerate(SESSIONS):
        place = folder / session
        place.mkdir(parents=True)
        for word in words:
            np.savetxt(
                place / f"{word}-1.tsd", sign_models.sign(word, seconds=0.3, size=1.0 + 0.1 * number), "%.6f", "\t"
            )
    return folder
