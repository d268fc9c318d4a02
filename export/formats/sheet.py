"""PNG: a contact sheet, moments of the whole recording beside each other, each with its time."""

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.schema.model import Size
from export.drawing import strips
from export.drawing.lettering import lines, mask, moment, stamp
from export.drawing.paintings import Paintings
from export.drawing.palette import CEILING, FAINT, INK
from export.drawing.scene import SMALLEST, Scene, Wanted, fitting
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

ACROSS = 4
"""Moments beside and above each other."""

GAP = 0.006
"""Between moments, in shorter sides of the sheet."""

MARGIN = 0.025
TITLE = 0.032
CREDIT = 0.016
TIME = 0.018
"""Around everything, and sizes of letters, likewise."""

PICTURES = True

SHARPER = 2
"""Moments are drawn so many times larger: fine lines stay fine in small pictures."""


def write(recording: Recording, path: Path, options: Options) -> None:
    """Write a sheet of at most 16 moments, evenly spread.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: neither bodies nor notes nor pictures.
    """
    size = fitting(options.size)
    title = options.named(recording.name)
    picture = np.empty((size[1], size[0], 3), np.uint8)
    picture[...] = np.array(CEILING, np.uint8)
    top, bottom = _text(picture, title, recording.credit)
    if recording.pictures is not None and len(recording.pictures.lanes) > 1:
        strips.fill(picture[top:bottom], recording, options)
    else:
        _moments(picture[top:bottom], recording, options)
    about = PngInfo()
    for key, text in (("Title", title), ("Copyright", recording.credit), ("Comment", recording.made)):
        about.add_itxt(key, text)
    Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).save(path, "PNG", pnginfo=about, optimize=True)


def _text(picture: Picture, title: str, credit: str) -> tuple[int, int]:
    """Write title and credit; the rows between them."""
    height, width = picture.shape[:2]
    side = min(height, width)
    margin = round(MARGIN * side)
    top = margin
    for line in lines(title, round(TITLE * side), width - 2 * margin):
        cover = mask(line, round(TITLE * side))
        stamp(picture, cover, margin, top, INK)
        top += cover.shape[0]
    below = [mask(line, round(CREDIT * side)) for line in lines(credit, round(CREDIT * side), width - 2 * margin)]
    bottom = height - margin - sum(cover.shape[0] for cover in below)
    for row, cover in enumerate(below):
        stamp(picture, cover, margin, bottom + row * cover.shape[0], FAINT)
    gap = margin // 2
    room = (top + gap if title else margin, bottom - gap if credit else height - margin)
    return room if room[1] - room[0] > height // 2 else (0, height)


def _moments(picture: Picture, recording: Recording, options: Options) -> None:
    """Fill a picture with moments in the middle of equally long parts."""
    height, width = picture.shape[:2]
    side = min(height, width)
    margin, gap = round(MARGIN * side), max(1, round(GAP * side))
    count = min(ACROSS**2, max(recording.frames, 1))
    rows = math.ceil(count / ACROSS)
    wide = max(1, (width - 2 * margin - (ACROSS - 1) * gap) // ACROSS)
    high = max(1, (height - (rows - 1) * gap) // rows)
    draw = (_drawn if recording.pictures is None else _painted)(recording, options, wide, high)
    for place in range(count):
        frame = (2 * place + 1) * recording.frames // (2 * count)
        small = draw(frame)
        letters = round(TIME * side)
        cover = mask(moment(frame / recording.fps), letters)
        left, below = letters // 2, high - cover.shape[0] - letters // 4
        if recording.pictures is not None:  # which may be white there
            small[below : below + cover.shape[0], left : left + cover.shape[1]] //= 4
        stamp(small, cover, left, below, FAINT)
        row, column = divmod(place, ACROSS)
        left, top = margin + column * (wide + gap), row * (high + gap)
        tile = picture[top : top + high, left : left + wide]
        tile[...] = small[: tile.shape[0], : tile.shape[1]]


def _drawn(recording: Recording, options: Options, wide: int, high: int) -> Callable[[int], Picture]:
    large = (max(SHARPER * wide, SMALLEST), max(SHARPER * high, SMALLEST))
    scene = Scene(recording, Wanted(large, trails=options.trails, labels=False))
    area = cv2.INTER_AREA
    return lambda frame: np.asarray(cv2.resize(scene.draw(frame), (wide, high), interpolation=area), np.uint8)


def _painted(recording: Recording, options: Options, wide: int, high: int) -> Callable[[int], Picture]:
    paintings, size = Paintings(recording, options), Size(height=high, width=wide)
    return lambda frame: paintings.coloured(paintings.lane(0, frame, size))
