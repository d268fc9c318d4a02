"""What a person can say about the files that are written."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from engine.schema.errors import ConfigError
from engine.schema.kinds import Colormap, Filter, Scale
from engine.values import convert

UNITS = ("cm", "m")

SMALLEST, LARGEST = 64, 7680
"""Pixels."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of all formats; each looks at its own.

    Attributes:
        size: width and height of pictures and videos, pixels.
        title: shown in pictures and videos; None takes the recording's name, '' none.
        trails: whether pictures and videos show where hands and feet were.
        unit: of lengths in BVH: 'cm' or 'm'.
        scale: of pictures that a model made: a whole factor, or width x height that they are fitted into.
        filter: how these grow.
        invert: whether black and white change places in them.
        colormap: what their greys are shown as.
    """

    size: tuple[int, int] = (1920, 1080)
    title: str | None = None
    trails: bool = True
    unit: str = "cm"
    scale: Scale = 1
    filter: Filter = "nearest"
    invert: bool = False
    colormap: Colormap = "grey"

    def named(self, name: str) -> str:
        """The title of a recording of this name; '' for none."""
        return name if self.title is None else self.title


def read(
    size: str, title: str | None, *, trails: bool, unit: str, look: Mapping[str, str] = NOTHING, invert: bool = False
) -> Options:
    """Options as they stand on a command line; the size is `1920x1080`, the look has `scale`, `filter`, `colormap`.

    Raises:
        ConfigError: it names the option that cannot be read.
    """
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size, re.ASCII)
    if match is None or not all(SMALLEST <= int(side) <= LARGEST for side in match.groups()):
        raise ConfigError("--size", repr(size), f"width x height such as 1920x1080, each {SMALLEST} to {LARGEST}")
    if unit not in UNITS:
        raise ConfigError("--unit", repr(unit), " or ".join(UNITS))
    found = Options(size=(int(match[1]), int(match[2])), title=title, trails=trails, unit=unit, invert=invert)
    known = {field.name: field for field in msgspec.structs.fields(Options)}
    asked = {name: convert(known[name], text, f"--{name}", text=True) for name, text in look.items()}
    return msgspec.structs.replace(found, **asked)
