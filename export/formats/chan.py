"""CHAN: the samples of all channels, a row for each frame, and nothing else; TouchDesigner and Houdini read it.

The format (https://docs.derivative.ca/File_In_CHOP) has no place for names, a rate, units or a credit. The columns are
those of `export.formats.channels`; a `.clip` says the same with names and rate.
"""

from pathlib import Path

from export.formats import channels
from export.formats.numbers import TOGETHER, rows
from export.formats.options import Options
from export.recording import Recording

DIGITS = 5
"""Decimals: a hundredth of a millimetre, of a degree as much."""


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 (formats share their signature)
    """Write all performers and keys.

    Raises:
        DataError: nothing to write, or no frames.
    """
    values = channels.values(recording, path)
    with path.open("w", encoding="ascii", newline="\n") as file:
        for start in range(0, len(values), TOGETHER):
            file.write(rows(values[start : start + TOGETHER], DIGITS, "\t"))
