"""GIF: a small picture that moves and repeats, for messages and pages; the time between pictures is whole 1/100 s."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from PIL import Image

from export.drawing.paintings import Paintings
from export.drawing.scene import Scene, Wanted, fitting
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

WIDE = 480
"""Pixels; larger ones are drawn smaller."""

PERIOD = 8
"""Hundredths of a second between pictures: 12.5 in a second."""

SHORTEST = 3
"""Likewise of pictures that a model made, whose colours are few: 33 in a second. Browsers play 1 as if it were 10."""

COMMON, RARE = 64, 96
"""Colours of all pictures together: those that are there most, of the floor, and such as tell performers apart."""

LOOKED_AT = 12
"""Pictures that the colours are chosen from."""

PICTURES = True


class Loop(NamedTuple):
    """What is written.

    Attributes:
        size: width and height.
        table: (256, 4) the colours.
        draw: gives the places (H, W) of a frame's pixels among these.
    """

    size: tuple[int, int]
    table: Picture
    draw: Callable[[int], Picture]


def write(
    recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object] | None = None
) -> None:
    """Write an endless loop: bodies as wide as is asked for but at most 480 pixels, pictures of a model as they are.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: neither bodies nor notes nor pictures.
    """
    painted = recording.pictures is not None
    period = max(SHORTEST if painted else PERIOD, round(100 / recording.fps))
    frames = _frames(recording, period)
    (width, height), table, draw = (_painted if painted else _drawn)(recording, options, frames)
    # A path is no address: `a:b.gif` would be one.
    with av.open(f"file:{path}", "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", Fraction(100, period))
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        for count, frame in enumerate(frames, 1):
            drawn = (draw(frame), table)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, "pal8")))  # type: ignore[arg-type]  # PyAV's
            if progress is not None:
                progress(count / len(frames))
        container.mux(stream.encode(None))


def _painted(recording: Recording, options: Options, _: list[int]) -> Loop:
    """Pictures of a model: every grey has its own colour."""
    paintings = Paintings(recording, options)
    return Loop(paintings.size, _table(paintings.colours), paintings.grey)


def _drawn(recording: Recording, options: Options, frames: list[int]) -> Loop:
    """What is drawn, in colours that all pictures share."""
    width, height = fitting(options.size)
    if width > WIDE:
        width, height = WIDE, max(1, round(height * WIDE / width))
    scene = Scene(recording, Wanted(fitting((width, height)), options.named(recording.name), options.trails))
    colours = _palette([scene.draw(frame) for frame in frames[:: max(1, len(frames) // LOOKED_AT)]])
    table = _table(np.asarray(colours.getpalette(), np.uint8).reshape(-1, 3))

    def draw(frame: int) -> Picture:
        return np.asarray(_rgb(scene.draw(frame)).quantize(palette=colours, dither=Image.Dither.NONE))

    return Loop((width, height), table, draw)


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


def _table(found: Picture) -> Picture:
    """Colours (N, 3) as FFmpeg wants a palette (256, 4): alpha, red, green, blue."""
    table = np.zeros((256, 4), np.uint8)
    table[:, 0] = 255
    table[: len(found), 1:] = found
    return table
