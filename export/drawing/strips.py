"""Pictures in rows: a row for each lane, and its moments beside each other, so that lanes can be compared."""

from typing import NamedTuple

from engine.schema.model import Size
from export.drawing.lettering import mask, stamp
from export.drawing.paintings import Paintings, shown
from export.drawing.palette import FAINT, INK
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

MOST = 20
"""Moments that are shown."""

BLOCKS = 4
"""Into so many lines all rows together may be broken at most."""

GAP = 0.06
"""Between moments, in their width."""

NAMES = 0.16
"""Height of letters, likewise."""

MARGIN = 0.025
"""Beside and above all rows, in the shorter side of the picture."""


class _Plan(NamedTuple):
    """Pixels of a moment's width, and how many stand beside each other."""

    wide: int
    across: int


def fill(picture: Picture, recording: Recording, options: Options) -> None:
    """Fill a picture with the rows of a recording, each with its name; above a moment stands its number.

    Raises:
        ConfigError: the pictures would be too large.
        DataError: there are none.
    """
    lanes, count = shown(recording).lanes, min(recording.frames, MOST)
    moments = [place * (recording.frames - 1) // max(count - 1, 1) for place in range(count)]
    margin = round(MARGIN * min(picture.shape[:2]))
    rows, columns = lanes[0].pixels.shape[1:]
    room = picture[margin : picture.shape[0] - margin, margin : picture.shape[1] - margin]
    plan = max(_plan(room, count, blocks, len(lanes), rows / columns) for blocks in range(1, BLOCKS + 1))
    size, top = Size(height=max(round(plan.wide * rows / columns), 1), width=plan.wide), 0
    paintings = Paintings(recording, options)
    for begin in range(0, count, plan.across):
        top = _block(room, top, recording, paintings, moments[begin : begin + plan.across], size)


def _plan(room: Picture, count: int, blocks: int, lanes: int, tall: float) -> _Plan:
    """How wide moments can be that are broken into so many lines."""
    height, width = room.shape[:2]
    across = -(-count // blocks)
    down = height / (blocks * (lanes * (tall + 2 * NAMES) + 2 * NAMES))
    return _Plan(max(int(min(width / (across + GAP * (across - 1)), down)), 1), across)


def _block(room: Picture, top: int, recording: Recording, paintings: Paintings, moments: list[int], size: Size) -> int:
    """Draw some moments of all lanes; the first row below them."""
    letters, pictures = round(NAMES * size.width), shown(recording)
    step, high = size.width + max(round(GAP * size.width), 1), mask("X", letters).shape[0]
    for place, frame in enumerate(moments):
        shade = FAINT if frame < pictures.given else INK
        stamp(room, mask(str(frame + 1), letters), place * step, top, shade)
    top += high
    for lane, pixels in enumerate(pictures.lanes):
        stamp(room, mask(pixels.name, letters), 0, top, INK)
        top += high
        for place, frame in enumerate(moments):
            left = place * step
            tile = room[top : top + size.height, left : left + size.width]
            drawn = paintings.coloured(paintings.lane(lane, frame, size))
            tile[...] = drawn[: tile.shape[0], : tile.shape[1]]
        top += size.height + letters // 4
    return top + letters // 2
