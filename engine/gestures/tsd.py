"""Signs in text tables, one sign a file, without a header: 22 numbers a row, as the Auslan signs were published."""

import numpy as np

from engine.gestures.recording import RATE, Gesture, Recording, gesture, word
from engine.schema.errors import DataError

FINGERS = ("thumb", "fore", "middle", "ring", "little")

CHANNELS = tuple(
    f"{side} {part}" for side in ("left", "right") for part in ("x", "y", "z", "roll", "pitch", "yaw", *FINGERS)
)
"""What the numbers of a row are."""


def read(raw: bytes, stem: str, session: str, place: str, *, rate: float | None = None) -> Recording:
    """The sign of a file.

    Args:
        raw: what is in it.
        stem: its name without suffix: the word, '-' and a number.
        session: it belongs to, the name of its folder.
        place: of the file, for errors.
        rate: samples per second; None: 100.

    Raises:
        DataError: no text, no rows, rows of other than 22 numbers.
    """
    return Recording((_sign(raw, stem, session, place),), rate or RATE, CHANNELS)


def _sign(raw: bytes, stem: str, session: str, place: str) -> Gesture:
    try:
        lines = raw.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(place, "bytes that are no text", f"rows of {len(CHANNELS)} numbers") from error
    rows = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip()]
    for number, row in rows:
        if len(row) != len(CHANNELS):
            raise DataError(f"{place}: line {number}", f"{len(row)} columns", f"{len(CHANNELS)}")
    try:
        values = np.array([[float(text) for text in row] for _, row in rows])
    except ValueError:
        number, text = next((number, text) for number, row in rows for text in row if not is_number(text))
        raise DataError(f"{place}: line {number}", f"'{text[:40]}'", "a number") from None
    return gesture(values, word(stem), session, place)


def is_number(text: str) -> bool:
    """Whether a text says a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
