"""Pictures in rows: a row for each lane, and its moments beside each other, so that lanes can be compared."""

from engine.schema.model import Size
from export.drawing.lettering import mask, stamp
from export.drawing.paintings import Paintings, shown
from export.drawing.palette import FAINT, INK
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

MOST = 20
"""Moments of a row."""

GAP = 0.06
"""Between them, in their width."""

NAMES = 0.16
"""Height of letters, likewise."""

MARGIN = 0.025
"""Beside and above all rows, in the shorter side of the picture."""


def fill(picture: Picture, recording: Recording, options: Options) -> None:
    """Fill a picture with the rows of a recording, each with its name; above a moment stands its number.

    Raises:
        ConfigError: the pictures would be too large.
        DataError: there are none.
    """
    pictures, paintings = shown(recording), Paintings(recording, options)
    lanes, count = pictures.lanes, min(recording.frames, MOST)
    height, width = picture.shape[:2]
    margin = round(MARGIN * min(height, width))
    rows, columns = lanes[0].pixels.shape[1:]
    across = (width - 2 * margin) / (count + GAP * (count - 1))
    down = (height - 2 * margin) / (len(lanes) * (rows / columns + 2 * NAMES) + NAMES)
    wide = max(int(min(across, down)), 1)
    size, letters = Size(height=max(round(wide * rows / columns), 1), width=wide), round(NAMES * wide)
    step = wide + max(round(GAP * wide), 1)
    moments = [place * (recording.frames - 1) // max(count - 1, 1) for place in range(count)]
    for place, frame in enumerate(moments):
        shade = FAINT if frame < pictures.given else INK
        stamp(picture, mask(str(frame + 1), letters), margin + place * step, margin, shade)
    top = margin + mask("X", letters).shape[0]
    for lane, pixels in enumerate(lanes):
        stamp(picture, mask(pixels.name, letters), margin, top, INK)
        top += mask(pixels.name, letters).shape[0]
        for place, frame in enumerate(moments):
            left = margin + place * step
            tile = picture[top : top + size.height, left : left + wide]
            drawn = paintings.coloured(paintings.lane(lane, frame, size))
            tile[...] = drawn[: tile.shape[0], : tile.shape[1]]
        top += size.height + letters // 2
