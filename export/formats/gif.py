"""GIF: a small picture that moves and repeats, for messages and pages; the time between pictures is whole 1/100 s."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from export.drawing.scene import Scene, Wanted, fitting
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

WIDE = 480
"""Pixels; larger ones are drawn smaller."""

PERIOD = 8
"""Hundredths of a second between pictures: 12.5 in a second."""

COMMON, RARE = 64, 96
"""Colours of all pictures together: those that are there most, of the floor, and such as tell performers apart."""

LOOKED_AT = 12
"""Pictures that the colours are chosen from."""


def write(
    recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object] | None = None
) -> None:
    """Write an endless loop in the proportions that are asked for, at most 480 pixels wide.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: neither bodies nor notes.
    """
    width, height = fitting(options.size)
    if width > WIDE:
        width, height = WIDE, max(1, round(height * WIDE / width))
    title = options.named(recording.name)
    scene = Scene(recording, Wanted(fitting((width, height)), title, options.trails))
    period = max(PERIOD, round(100 / recording.fps))
    frames = _frames(recording, period)
    colours = _palette([scene.draw(frame) for frame in frames[:: max(1, len(frames) // LOOKED_AT)]])
    table = _table(colours)
    # A path is no address: `a:b.gif` would be one.
    with av.open(f"file:{path}", "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", Fraction(100, period))
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        for count, frame in enumerate(frames, 1):
            indices = np.asarray(_rgb(scene.draw(frame)).quantize(palette=colours, dither=Image.Dither.NONE))
            drawn = (indices, table)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, "pal8")))  # type: ignore[arg-type]  # PyAV's
            if progress is not None:
                progress(count / len(frames))
        container.mux(stream.encode(None))


def _frames(recording: Recording, period: int) -> list[int]:
    """Those that are nearest to the moments of the pictures."""
    count = max(1, int(recording.frames / recording.fps * 100 / period))
    return [min(round(place * period / 100 * recording.fps), recording.frames - 1) for place in range(count)]


def _rgb(picture: Picture) -> Image.Image:
    return Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def _palette(pictures: list[Picture]) -> Image.Image:
    """The colours that all pictures share."""
    whole = _rgb(np.concatenate(pictures))
    colours: list[int] = []
    for count, method in ((COMMON, Image.Quantize.MEDIANCUT), (RARE, Image.Quantize.MAXCOVERAGE)):
        colours += whole.quantize(count, method).getpalette() or []
    found = Image.new("P", (1, 1))
    found.putpalette(colours)
    return found


def _table(colours: Image.Image) -> Picture:
    """The palette (256, 4) as FFmpeg wants it: alpha, red, green, blue."""
    found = np.asarray(colours.getpalette(), np.uint8).reshape(-1, 3)
    table = np.zeros((256, 4), np.uint8)
    table[:, 0] = 255
    table[: len(found), 1:] = found
    return table
