"""Where an act's pictures come from, as a person writes it: `bodies`, `camera`, `camera:NAME` or a path.

Options may stand behind a question mark, as in `film.mp4?fit=contain&invert=true` or `bodies?yaw=30`.
"""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta
from msgspec.structs import fields

from engine.schema.errors import ConfigError
from engine.schema.kinds import Degrees, Fps
from engine.values import convert, shown, unknown

Fit = Annotated[Literal["cover", "contain", "stretch"], Meta(description="'cover', 'contain' or 'stretch'")]
Centre = Annotated[Literal["group", "each", "stage"], Meta(description="'group', 'each' or 'stage'")]
Part = Annotated[
    tuple[
        Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1)]
    ],
    Meta(description="left,top,width,height in pixels"),
]
Factor = Annotated[float, Meta(ge=0.1, le=10, description="a number from 0.1 to 10")]

EXPECTED = (
    "bodies, camera, camera:NAME, or a film, a stack of arrays, a folder of pictures or recorded gloves that are there"
)


class Bodies(msgspec.Struct, frozen=True, kw_only=True):
    """The show's own bodies as silhouettes; the attributes are those of `engine.images.raster.Raster`."""

    yaw: Degrees = 0.0
    crop: Factor = 1.0
    thickness: Factor = 1.0
    centre: Centre = "group"


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of pictures that come in.

    Attributes:
        fit: how they become as large as the model's, as `engine.footage.fit` has it; None: `cover`, and the pictures
            of a folder all have to be of one size.
        crop: the part of them that is taken: left, top, width and height, pixels.
        invert: whether black and white change places.
    """

    fit: Fit | None = None
    crop: Part | None = None
    invert: bool = False


class Camera(Pictures, frozen=True, kw_only=True):
    """A camera of this machine.

    Attributes:
        name: of it, a part of its name or its number; empty: the first one.
    """

    name: str = ""


class File(Pictures, frozen=True, kw_only=True):
    """A film, a stack of arrays or a folder.

    Attributes:
        path: of it; it is there.
        fps: pictures per second, whatever it says itself; None: as it says, else one for each of the model's frames.
    """

    path: Path
    fps: Fps | None = None


Source = Bodies | Camera | File


def parse(text: str, folder: Path, place: str, *, expected: str = EXPECTED) -> Source:
    """What a source says.

    Args:
        text: as it was written.
        folder: from which a path is looked for.
        place: where it was written.
        expected: what can be a source there, for whoever names a file that is not.

    Raises:
        ConfigError: no such file, or an option that there is not or that cannot be so.
    """
    name, query = halves(text, folder)
    if name == "bodies":
        return Bodies(**_options(query, Bodies, place))
    kind, colon, camera = name.partition(":")
    if kind == "camera" and (not colon or camera):
        return Camera(name=camera, **_options(query, Camera, place))
    path = folder / Path(name).expanduser()
    if not path.exists():
        raise ConfigError(place, f"no such file or folder '{path}'", expected)
    return File(path=path, **_options(query, File, place))


def located(text: str, folder: Path, place: str) -> str:
    """The same source seen from anywhere; arguments and errors as for `parse`."""
    source = parse(text, folder, place)
    if not isinstance(source, File):
        return text
    _, query = halves(text, folder)
    return f"{source.path}?{query}" if query else str(source.path)


def halves(text: str, folder: Path) -> tuple[str, str]:
    """What stands before a source's options, and the options; a file may have a question mark in its name."""
    if "?" not in text or (folder / Path(text).expanduser()).exists():
        return text, ""
    name, _, query = text.rpartition("?")
    return name, query


def _options(query: str, kind: type[msgspec.Struct], place: str) -> dict[str, Any]:
    known = {field.name: field for field in fields(kind) if field.name not in ("name", "path")}
    found: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in known:
            raise unknown(f"{place}: {key}", key, tuple(known))
        parts = value.split(",") if (kind is not Bodies and key == "crop") else value
        try:
            found[key] = convert(known[key], parts, f"{place}: {key}", text=True)
        except ConfigError as error:
            error.found = shown(value)
            raise
    return found
