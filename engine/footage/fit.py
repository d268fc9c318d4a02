"""Pictures of any size as pictures of one size."""

import numpy as np
from PIL import Image

from engine.schema.errors import DataError
from engine.schema.frame import U8
from engine.schema.model import Size
from engine.source import Fit, Part, Pictures


def prepared(picture: U8, size: Size, asked: Pictures, place: str) -> U8:
    """A picture (h, w) as (H, W), as it was asked for.

    Raises:
        DataError: the part that is wanted is not in the picture; it names `place`.
    """
    part = cut(picture, asked.crop, place)
    # Turned first: bars are as black as the ground of the pictures that models know.
    return fitted(255 - part if asked.invert else part, size, asked.fit or "cover")


def cut(picture: U8, crop: Part | None, place: str) -> U8:
    """A part of a picture, as a view; the whole without a crop.

    Raises:
        DataError: as for `prepared`.
    """
    if crop is None:
        return picture
    (rows, columns), (left, top, width, height) = picture.shape, crop
    if left + width > columns or top + height > rows:
        found = f"{width} x {height} from {left}, {top}"
        raise DataError(f"{place}: crop", found, f"a part of its {columns} x {rows} pixels")
    return picture[top : top + height, left : left + width]


def fitted(picture: U8, size: Size, fit: Fit = "cover") -> U8:
    """A picture (h, w) as (H, W): smaller by averages over areas, larger smoothly; itself where it fits already.

    Args:
        picture: uint8.
        size: H and W.
        fit: `cover` fills the size and loses what stands out on two sides; `contain` keeps all, with black bars;
            `stretch` changes the shape.
    """
    rows, columns = picture.shape
    if (rows, columns) == (size.height, size.width):
        return picture
    whole = (0.0, 0.0, float(columns), float(rows))
    if fit == "stretch":
        return _scaled(picture, size.height, size.width, whole)
    down, across = size.height / rows, size.width / columns
    if fit == "cover":
        scale = max(down, across)
        height, width = size.height / scale, size.width / scale
        top, left = max(rows - height, 0) / 2, max(columns - width, 0) / 2
        return _scaled(
            picture, size.height, size.width, (left, top, min(left + width, columns), min(top + height, rows))
        )
    scale = min(down, across)
    height, width = max(round(rows * scale), 1), max(round(columns * scale), 1)
    found = np.zeros((size.height, size.width), np.uint8)
    top, left = (size.height - height) // 2, (size.width - width) // 2
    found[top : top + height, left : left + width] = _scaled(picture, height, width, whole)
    return found


def _scaled(picture: U8, height: int, width: int, box: tuple[float, float, float, float]) -> U8:
    """A box of a picture (left, top, right, bottom; parts of pixels count as parts) at another size."""
    smaller = box[2] - box[0] >= width and box[3] - box[1] >= height
    method = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    made = Image.fromarray(np.ascontiguousarray(picture)).resize((width, height), method, box=box)
    return np.asarray(made, np.uint8)
