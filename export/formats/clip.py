"""CLIP: channels with their names and sample rate, TouchDesigner's and Houdini's own text format.

Braces hold `name = value` lines: the rate, the first sample, the number of samples and of tracks, then a block for each
track. The format has no place for units, axes or a credit: metres, degrees, right-handed, Y up, as both programs have.
"""

from pathlib import Path

from export.formats import channels
from export.formats.numbers import rows
from export.formats.options import Options
from export.recording import Recording

DIGITS = 5
"""Decimals: a hundredth of a millimetre, of a degree as much."""


def write(recording: Recording, path: Path, options: Options) -> None:  # noqa: ARG001 (formats share their signature)
    """Write all performers and keys.

    Raises:
        DataError: nothing to write, or no frames.
    """
    names, values = channels.names(recording), channels.values(recording, path)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"{{\n   rate = {recording.fps:.12g}\n   start = 0\n")
        file.write(f"   tracklength = {recording.frames}\n   tracks = {len(names)}\n")
        for name, samples in zip(names, values.T, strict=True):
            file.write(f"   {{\n      name = {name}\n      data_rle = {rows(samples[None], DIGITS, ' ')}   }}\n")
        file.write("}\n")
