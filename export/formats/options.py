"""What a person can say about the files that are written."""

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of all formats; each looks at its own.

    Attributes:
        size: width and height of pictures and videos, pixels.
        title: shown in pictures and videos; None takes the recording's name, '' none.
        trails: whether pictures and videos show where hands and feet were.
        unit: of lengths in BVH: 'cm' or 'm'.
    """

    size: tuple[int, int] = (1920, 1080)
    title: str | None = None
    trails: bool = True
    unit: str = "cm"
